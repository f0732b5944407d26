"""A message for one party: the other never sees it, wherever one looks."""

import pytest

from conversations.models import Conversation
from messaging import selectors
from messaging.context import conversation_context
from messaging.conversation_list import item_of
from messaging.events import MessageData, MessageSent
from messaging.models import Message
from stoory.accounts.models import User
from stoory.errors import InvalidPayload
from tests.talk import automate, place, read, say

pytestmark = pytest.mark.usefixtures("system_user")


@pytest.fixture
def whispered(direct: Conversation, alice: User) -> Message:
    """A message of the system to alice, the brand owner, between two of hers to bob."""
    say(alice, direct, "first")
    message = automate(direct, "for the brand", visible_to="brand_owner")
    say(alice, direct, "last")
    return message


def texts(messages: list[MessageData]) -> list[str]:
    return [message.text for message in messages]


@pytest.mark.parametrize(("name", "seen"), [("alice", ["first", "for the brand", "last"]), ("bob", ["first", "last"])])
def test_history(whispered: Message, alice: User, bob: User, name: str, seen: list[str]) -> None:
    reader = place({"alice": alice, "bob": bob}[name], whispered.conversation)
    page, total = selectors.messages_at(reader, 0, 50)
    assert (texts(page.messages), total) == (seen, len(seen))
    assert texts(selectors.messages_before(reader, None, 50).messages) == seen
    assert texts(selectors.messages_after(reader, 0, 50).messages) == seen


def test_replay(whispered: Message, alice: User, bob: User) -> None:
    def told(who: User) -> list[str]:
        events = selectors.replay(place(who, whispered.conversation), 0).events
        return [event.message.text for event in events if isinstance(event, MessageSent)]

    assert told(alice) == ["first", "for the brand", "last"]
    assert told(bob) == ["first", "last"]


def test_a_replay_of_nothing_else_is_complete(direct: Conversation, alice: User, bob: User) -> None:
    automate(direct, visible_to="brand_owner")
    told = selectors.replay(place(bob, direct), 0)
    assert (told.events, told.last_seq, told.gap, told.has_more) == ([], 1, False, False)


def test_unread(whispered: Message, alice: User, bob: User) -> None:
    conversation = whispered.conversation
    counts = {who.username: selectors.unread_count(place(who, conversation)) for who in (alice, bob)}
    assert counts == {"alice": 1, "bob": 2}
    assert [selectors.unread_total(who.pk) for who in (alice, bob)] == [1, 2]
    assert [item_of(who.pk, str(conversation.pk))["unread_count"] for who in (alice, bob)] == [1, 2]


def test_previews(direct: Conversation, alice: User, bob: User) -> None:
    say(alice, direct, "first")
    automate(direct, "for the brand", visible_to="brand_owner")

    for who, expected in ((alice, "for the brand"), (bob, "first")):
        last = selectors.last_message(place(who, direct))
        assert last is not None
        assert last.text == expected
        listed = item_of(who.pk, str(direct.pk))["last_message"]
        shown = conversation_context(place(who, direct))["state"]["last_message"]
        assert [message and message["message"] for message in (listed, shown)] == [expected, expected]


def test_previews_of_nothing_else(direct: Conversation, bob: User) -> None:
    automate(direct, visible_to="brand_owner")
    assert selectors.last_message(place(bob, direct)) is None
    assert item_of(bob.pk, str(direct.pk))["last_message"] is None


def test_marking_as_read(whispered: Message, bob: User) -> None:
    answered = read(bob, whispered.conversation)
    assert len(answered.events) == 1
    assert str(whispered.pk) not in answered.message_ids
    assert not whispered.receipts.exists()


def test_marking_up_to_it(whispered: Message, alice: User, bob: User) -> None:
    assert read(bob, whispered.conversation, up_to_message_id=str(whispered.pk)).events == []
    assert read(bob, whispered.conversation, message_ids=[str(whispered.pk)]).events == []
    assert read(alice, whispered.conversation, up_to_message_id=str(whispered.pk)).events


def test_it_is_not_seen_by_whom_it_is_hidden_from(whispered: Message, alice: User, bob: User) -> None:
    def seen() -> bool:
        messages = selectors.messages_before(place(alice, whispered.conversation), None, 50).messages
        return messages[1].seen

    read(bob, whispered.conversation)
    assert not seen()
    read(alice, whispered.conversation)
    assert seen()


def test_it_is_not_answered_by_whom_it_is_hidden_from(whispered: Message, alice: User, bob: User) -> None:
    key = str(whispered.pk)
    assert say(alice, whispered.conversation, reply_to_id=key).message.reply_to_id == key
    with pytest.raises(InvalidPayload, match="No such message"):
        say(bob, whispered.conversation, reply_to_id=key)
