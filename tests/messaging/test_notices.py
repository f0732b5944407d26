"""What staff has the system say: to both parties, in any conversation, also a closed one."""

import pytest

from conversations.errors import ConversationNotFound
from conversations.models import Conversation, ConversationEvent
from messaging.commands import PostNotice
from messaging.events import MessageData, MessageSent
from messaging.models import Message, MessageType
from messaging.selectors import replay, unread_count
from stoory.accounts.models import SYSTEM_USER_ID, User
from stoory.commands import execute
from stoory.errors import Forbidden, InvalidPayload
from tests.talk import place, published

UNKNOWN_ID = "0197f000-0000-7000-8000-000000000000"
pytestmark = pytest.mark.usefixtures("system_user")


def notice(who: User, conversation: Conversation | str, text: str = "Mind the rules") -> MessageData:
    key = conversation if isinstance(conversation, str) else str(conversation.pk)
    return execute(PostNotice(actor=who.pk, conversation_id=key, text=text))


def test_it_is_said_by_the_system_to_both(direct: Conversation, alice: User, bob: User, staff: User) -> None:
    with published() as heard:
        said = notice(staff, direct)

    stored = Message.objects.get()
    assert str(stored.pk) == said.id
    assert (stored.sender_id, stored.receiver_id, stored.message_type) == (
        SYSTEM_USER_ID,
        None,
        MessageType.AUTOMATED,
    )
    assert (stored.text, stored.reason, stored.visible_to, stored.action_required) == (
        "Mind the rules",
        "staff",
        None,
        False,
    )
    [event] = heard
    assert isinstance(event, MessageSent)
    assert (event.message, event.author.id) == (said, SYSTEM_USER_ID)
    for who in (alice, bob):
        assert replay(place(who, direct), 0).events == heard
        assert unread_count(place(who, direct)) == 1


def test_it_logs_who_asked_for_it_and_no_text(direct: Conversation, staff: User) -> None:
    notice(staff, direct)
    entry = ConversationEvent.objects.get()
    assert (entry.seq, entry.kind, entry.payload, entry.actor_id) == (1, "message", {}, staff.pk)


@pytest.mark.parametrize("chat_status", ["closed", "automated"])
def test_it_is_said_where_people_may_not_write(
    direct: Conversation, bid: Conversation, staff: User, chat_status: str
) -> None:
    Conversation.objects.update(chat_status=chat_status)
    for conversation in (direct, bid):
        before = Message.objects.filter(conversation=conversation).count()
        notice(staff, conversation)
        assert Message.objects.filter(conversation=conversation).count() == before + 1


@pytest.mark.parametrize("name", ["alice", "bob", "charlie"])
def test_it_is_for_staff_only(direct: Conversation, alice: User, bob: User, charlie: User, name: str) -> None:
    with published() as heard, pytest.raises(Forbidden):
        notice({"alice": alice, "bob": bob, "charlie": charlie}[name], direct)
    assert heard == []
    assert not Message.objects.exists()


def test_it_is_not_for_staff_who_have_left(direct: Conversation, staff: User) -> None:
    User.objects.filter(pk=staff.pk).update(is_active=False)
    with pytest.raises(Forbidden):
        notice(staff, direct)


@pytest.mark.parametrize("spelled", [UNKNOWN_ID, "nonsense", "", "\x00"])
def test_it_needs_a_conversation(staff: User, spelled: str) -> None:
    with pytest.raises(ConversationNotFound):
        notice(staff, spelled)


@pytest.mark.parametrize("text", ["", "x" * 10_001, "\x00", "\ud800"])
def test_it_needs_a_text_that_can_be_stored(text: str) -> None:
    with pytest.raises(InvalidPayload) as caught:
        PostNotice(actor="staff", conversation_id=UNKNOWN_ID, text=text)
    assert caught.value.details == {"path": "text"}
