"""Staff closes a conversation and opens it again; everyone in it is told, and why."""

import pytest

from conversations.commands import SetChatStatus
from conversations.errors import AutomatedMode, ConversationClosed, ConversationNotFound
from conversations.events import StateChanged
from conversations.models import Conversation, ConversationEvent
from messaging.models import Message
from messaging.selectors import replay
from stoory.accounts.models import User
from stoory.commands import execute
from stoory.errors import Forbidden, InvalidPayload
from tests.talk import place, published, say

UNKNOWN_ID = "0197f000-0000-7000-8000-000000000000"


def move(who: User, conversation: Conversation | str, chat_status: str, reason: str = "spam") -> None:
    key = conversation if isinstance(conversation, str) else str(conversation.pk)
    execute(SetChatStatus(actor=who.pk, conversation_id=key, chat_status=chat_status, reason=reason))


def status(conversation: Conversation) -> str:
    conversation.refresh_from_db()
    return conversation.chat_status


def test_it_is_told_with_its_reason(bid: Conversation, alice: User, bob: User, staff: User) -> None:
    Conversation.objects.update(campaign_id="c1")
    bid.refresh_from_db()
    with published() as heard:
        move(staff, bid, "closed")

    [event] = heard
    assert isinstance(event, StateChanged)
    assert (event.seq, event.reason, event.campaign_id) == (bid.last_seq + 1, "spam", "c1")
    assert (event.previous_state, event.new_state) == ("influencer_responding", "influencer_responding")
    now = event.conversation
    assert (now.chat_status, now.flow_state, now.awaiting_role) == ("closed", "influencer_responding", "influencer")
    entry = ConversationEvent.objects.get(seq=event.seq)
    assert (entry.kind, entry.actor_id, entry.visible_to) == ("state", staff.pk, None)
    for who in (alice, bob):
        assert replay(place(who, bid), bid.last_seq).events == heard


def test_closing_takes_the_buttons_away_and_opening_brings_them_back(bid: Conversation, staff: User) -> None:
    with published() as heard:
        move(staff, bid, "closed")
        move(staff, bid, "automated")

    shown = [event.cards["influencer"]["buttons"] for event in heard if isinstance(event, StateChanged)]
    assert [[button["id"] for button in buttons] for buttons in shown] == [
        [],
        ["accept_connection", "reject_connection"],
    ]


@pytest.mark.parametrize("kind", ["direct", "bid", "channel"])
def test_it_closes_and_opens_again(
    direct: Conversation, bid: Conversation, channel: Conversation, alice: User, staff: User, kind: str
) -> None:
    conversation = {"direct": direct, "bid": bid, "channel": channel}[kind]
    move(staff, conversation, "real_time") if kind == "bid" else None
    say(alice, conversation)
    move(staff, conversation, "closed")
    with pytest.raises(ConversationClosed) as caught:
        say(alice, conversation)
    assert caught.value.code == "conversation_closed"
    assert Message.objects.filter(sender=alice).count() == 1

    move(staff, conversation, "real_time", "sorry")
    say(alice, conversation)
    assert Message.objects.filter(sender=alice).count() == 2
    last = ConversationEvent.objects.filter(conversation=conversation).order_by("seq")
    assert [entry.seq for entry in last] == list(range(1, len(last) + 1))


def test_it_can_give_a_conversation_back_to_its_flow(bid: Conversation, alice: User, staff: User) -> None:
    move(staff, bid, "real_time")
    say(alice, bid)
    move(staff, bid, "automated")
    with pytest.raises(AutomatedMode):
        say(alice, bid)


def test_it_is_no_news_where_it_is_so_already(direct: Conversation, staff: User) -> None:
    with published() as heard:
        move(staff, direct, "real_time")
    assert heard == []
    assert not ConversationEvent.objects.exists()


@pytest.mark.parametrize("name", ["alice", "bob", "charlie"])
def test_it_is_for_staff_only(direct: Conversation, alice: User, bob: User, charlie: User, name: str) -> None:
    who = {"alice": alice, "bob": bob, "charlie": charlie}[name]
    for chat_status in ("closed", "nonsense"):
        for key in (str(direct.pk), UNKNOWN_ID):
            with pytest.raises(Forbidden):
                move(who, key, chat_status)
    assert status(direct) == "real_time"


def test_it_is_not_for_staff_who_have_left(direct: Conversation, staff: User) -> None:
    User.objects.filter(pk=staff.pk).update(is_active=False)
    with pytest.raises(Forbidden):
        move(staff, direct, "closed")


@pytest.mark.parametrize("spelled", [UNKNOWN_ID, "nonsense", "\x00"])
def test_it_needs_a_conversation(staff: User, spelled: str) -> None:
    with pytest.raises(ConversationNotFound):
        move(staff, spelled, "closed")


@pytest.mark.parametrize("chat_status", ["", "CLOSED", "open", "\x00"])
def test_it_needs_a_status_that_there_is(direct: Conversation, staff: User, chat_status: str) -> None:
    with pytest.raises(InvalidPayload) as caught:
        move(staff, direct, chat_status)
    assert caught.value.details == {"path": "chat_status"}


@pytest.mark.parametrize("reason", ["", "x" * 501, "\x00"])
def test_it_needs_a_reason(reason: str) -> None:
    with pytest.raises(InvalidPayload) as caught:
        SetChatStatus(actor="staff", conversation_id=UNKNOWN_ID, chat_status="closed", reason=reason)
    assert caught.value.details == {"path": "reason"}
