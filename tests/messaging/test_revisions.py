"""Editing and taking back one's own messages: the log tells that it happened and holds no text, old or new."""

import json
from collections.abc import Callable

import pytest

from conversations.models import Conversation, ConversationEvent
from messaging.commands import DeleteMessage, EditMessage, SendMessage
from messaging.context import conversation_context
from messaging.conversation_list import item_of
from messaging.errors import MessageNotFound
from messaging.events import MessageData, MessageDeleted, MessageEdited, MessageSent
from messaging.inbox import readers
from messaging.models import Message
from messaging.selectors import events_between, messages_before, replay, unread_count
from stoory.accounts.models import User
from stoory.commands import execute
from stoory.errors import DomainError, Forbidden, InvalidPayload
from tests.talk import automate, hearing, place, published, read, say

UNKNOWN_ID = "0197f000-0000-7000-8000-000000000000"
SECRET = "the old secret"
Revise = Callable[[User, str], MessageData]


@pytest.fixture
def message_id(direct: Conversation, alice: User) -> str:
    """A message of alice's to bob, with everything that a message can hold."""
    extras = {"attachments": [{"name": SECRET}], "metadata": {"a": SECRET}, "media_url": f"https://x.example/{SECRET}"}
    return say(alice, direct, SECRET, **extras).message.id


def edit(who: User, message_id: str, text: str = "corrected") -> MessageData:
    return execute(EditMessage(actor=who.pk, message_id=message_id, text=text))


def delete(who: User, message_id: str) -> MessageData:
    return execute(DeleteMessage(actor=who.pk, message_id=message_id))


def logged() -> str:
    """Return all that the log holds, as text."""
    return json.dumps(list(ConversationEvent.objects.order_by("seq").values_list("kind", "payload")))


def test_it_changes_the_text(direct: Conversation, message_id: str, alice: User) -> None:
    with published() as heard:
        answered = edit(alice, message_id)

    assert (answered.id, answered.text, answered.seq) == (message_id, "corrected", 1)
    assert answered.edited_at is not None
    stored = Message.objects.get()
    assert (stored.text, stored.edited_at, stored.seq) == ("corrected", answered.edited_at, 1)
    [event] = heard
    assert isinstance(event, MessageEdited)
    assert (event.message, event.seq, event.at) == (answered, 2, answered.edited_at)
    assert replay(place(alice, direct), 1).events == heard


def test_it_is_no_news_to_say_the_same(direct: Conversation, message_id: str, alice: User) -> None:
    with published() as heard:
        assert edit(alice, message_id, SECRET).edited_at is None

    assert heard == []
    direct.refresh_from_db()
    assert direct.last_seq == 1


def test_it_keeps_that_a_message_was_read(message_id: str, direct: Conversation, alice: User, bob: User) -> None:
    read(bob, direct)
    with published() as heard:
        assert edit(alice, message_id).seen is True

    [event] = heard
    assert isinstance(event, MessageEdited)
    assert event.message.seen is True
    assert replay(place(alice, direct), 2).events == heard
    assert delete(alice, message_id).seen is True


def test_it_logs_no_text(message_id: str, alice: User) -> None:
    edit(alice, message_id)
    assert json.loads(logged()) == [["message", {}], ["edit", {"message_id": message_id}]]


def test_it_replays_the_text_of_today(direct: Conversation, message_id: str, alice: User, bob: User) -> None:
    for text in ("second", "third"):
        edit(alice, message_id, text)
    told = replay(place(bob, direct), 0).events
    assert [type(event) for event in told] == [MessageSent, MessageEdited, MessageEdited]
    assert [event.message.text for event in told if isinstance(event, MessageSent | MessageEdited)] == ["third"] * 3
    assert told == events_between(str(direct.pk), 0, 3)


@pytest.mark.parametrize(("text", "fault"), [("", "text"), (" \n", "text"), ("x" * 10_001, "text"), ("\x00", "text")])
def test_it_needs_a_text(text: str, fault: str) -> None:
    with pytest.raises(InvalidPayload) as caught:
        EditMessage(actor="alice", message_id=UNKNOWN_ID, text=text)
    assert caught.value.details == {"path": fault}


@pytest.mark.parametrize(("chat_status", "code"), [("closed", "conversation_closed"), ("automated", "automated_mode")])
def test_it_is_refused_where_one_may_not_write(bid: Conversation, alice: User, chat_status: str, code: str) -> None:
    Conversation.objects.update(chat_status="real_time")
    message_id = say(alice, bid).message.id
    Conversation.objects.update(chat_status=chat_status)
    with pytest.raises(DomainError) as caught:
        edit(alice, message_id)
    assert caught.value.code == code
    assert Message.objects.get(pk=message_id).text == "Hello"


def test_it_can_be_taken_back_where_one_may_no_longer_write(direct: Conversation, message_id: str, alice: User) -> None:
    Conversation.objects.update(chat_status="closed")
    assert delete(alice, message_id).text == ""


def test_it_takes_the_content_away(direct: Conversation, message_id: str, alice: User) -> None:
    with published() as heard:
        answered = delete(alice, message_id)

    assert (answered.text, answered.attachments, answered.metadata, answered.media_url) == ("", None, None, None)
    stored = Message.objects.get()
    assert (stored.text, stored.attachments, stored.metadata, stored.media_url) == ("", None, None, None)
    assert stored.deleted_at == answered.deleted_at
    [event] = heard
    assert isinstance(event, MessageDeleted)
    assert (event.message_id, event.deleted_by, event.seq) == (message_id, alice.pk, 2)
    assert replay(place(alice, direct), 1).events == heard


def test_it_leaves_nothing_of_it_anywhere(direct: Conversation, message_id: str, alice: User, bob: User) -> None:
    edit(alice, message_id, f"{SECRET}, corrected")
    say(bob, direct, "an answer", reply_to_id=message_id)
    delete(alice, message_id)

    assert SECRET not in logged()
    for who in (alice, bob):
        reader = place(who, direct)
        shown = (
            replay(reader, 0),
            messages_before(reader, None, 50),
            conversation_context(reader),
            item_of(who.pk, str(direct.pk)),
            readers([str(direct.pk)], [who.pk]),
        )
        assert SECRET not in repr(shown)
    assert [message.text for message in messages_before(place(bob, direct), None, 50).messages] == ["", "an answer"]


def test_it_is_not_unread_any_more(direct: Conversation, message_id: str, alice: User, bob: User) -> None:
    assert unread_count(place(bob, direct)) == 1
    delete(alice, message_id)
    assert unread_count(place(bob, direct)) == 0


def test_it_is_gone_once_however_often(message_id: str, alice: User) -> None:
    first = delete(alice, message_id)
    with published() as heard:
        assert delete(alice, message_id) == first
    assert heard == []


def test_it_can_not_be_changed_when_it_is_gone(message_id: str, alice: User) -> None:
    delete(alice, message_id)
    with pytest.raises(MessageNotFound):
        edit(alice, message_id, "I am back")
    assert Message.objects.get().text == ""


@pytest.mark.parametrize("revise", [edit, delete])
def test_it_is_for_ones_own_only(message_id: str, bob: User, revise: Revise) -> None:
    with hearing() as heard, pytest.raises(Forbidden):
        revise(bob, message_id)
    assert heard == []
    assert Message.objects.get().text == SECRET


@pytest.mark.parametrize("revise", [edit, delete])
@pytest.mark.parametrize("spelled", ["theirs", UNKNOWN_ID, "nonsense", "\x00"])
def test_it_answers_outsiders_as_if_there_were_no_message(
    message_id: str, charlie: User, staff: User, revise: Revise, spelled: str
) -> None:
    for who in (charlie, staff):
        with pytest.raises(MessageNotFound) as caught:
            revise(who, message_id if spelled == "theirs" else spelled)
        assert caught.value.as_dict() == {"code": "not_found", "message": "Message not found"}


@pytest.mark.usefixtures("system_user")
@pytest.mark.parametrize("revise", [edit, delete])
def test_it_does_not_touch_what_the_system_said(direct: Conversation, alice: User, bob: User, revise: Revise) -> None:
    said = str(automate(direct).pk)
    whispered = str(automate(direct, visible_to="brand_owner").pk)
    with pytest.raises(Forbidden):
        revise(alice, said)
    with pytest.raises(MessageNotFound):
        revise(bob, whispered)


def test_a_late_retry_of_what_was_edited_since_is_a_repeat(alice: User, direct: Conversation) -> None:
    command = SendMessage(actor=alice.pk, conversation_id=str(direct.pk), text="Hi", client_nonce="n")
    sent = execute(command)
    execute(EditMessage(actor=alice.pk, message_id=sent.message.id, text="Hello"))
    again = execute(command)
    assert (again.duplicate, again.message.id, again.message.text) == (True, sent.message.id, "Hello")
