"""Joining channels: a public one takes anybody in, from now on; no other conversation takes anybody."""

import pytest

from conversations.commands import JoinChannel
from conversations.errors import ConversationNotFound
from conversations.events import MemberAdded
from conversations.models import Conversation, ConversationEvent, Participant
from messaging.context import conversation_context
from messaging.selectors import messages_before, replay, unread_count, unread_total
from stoory.accounts.models import User
from stoory.commands import execute
from tests.talk import place, published, read, say

UNKNOWN_ID = "0197f000-0000-7000-8000-000000000000"


def join(who: User, conversation: Conversation | str) -> None:
    key = conversation if isinstance(conversation, str) else str(conversation.pk)
    execute(JoinChannel(actor=who.pk, conversation_id=key))


def test_it_makes_a_member(channel: Conversation, alice: User, charlie: User) -> None:
    say(alice, channel)
    with published() as heard:
        join(charlie, channel)

    [event] = heard
    assert isinstance(event, MemberAdded)
    assert (event.user_id, event.role, event.seq) == (charlie.pk, "member", 2)
    assert place(charlie, channel).role == "member"
    entry = ConversationEvent.objects.get(seq=2)
    assert (entry.kind, entry.actor_id) == ("member_added", charlie.pk)
    assert replay(place(alice, channel), 1).events == heard


def test_it_lets_the_member_speak(channel: Conversation, charlie: User, bob: User) -> None:
    with pytest.raises(ConversationNotFound):
        say(charlie, channel)
    join(charlie, channel)
    assert say(charlie, channel).message.receiver_id is None
    assert unread_count(place(bob, channel)) == 1


def test_it_begins_with_nothing_unread(channel: Conversation, alice: User, charlie: User) -> None:
    for _ in range(3):
        say(alice, channel)
    join(charlie, channel)

    mine = place(charlie, channel)
    assert (mine.joined_seq, mine.last_read_seq, unread_count(mine), unread_total(charlie.pk)) == (3, 3, 0, 0)
    assert conversation_context(mine)["state"]["unread_count"] == 0
    assert len(messages_before(mine, None, 50).messages) == 3
    say(alice, channel)
    assert unread_count(place(charlie, channel)) == 1


def test_it_marks_nothing_as_read_by_them(channel: Conversation, alice: User, charlie: User) -> None:
    say(alice, channel)
    join(charlie, channel)
    assert read(charlie, channel).events == []


@pytest.mark.parametrize("name", ["alice", "bob"])
def test_it_leaves_a_participant_as_they_are(channel: Conversation, alice: User, bob: User, name: str) -> None:
    say(alice, channel)
    who = {"alice": alice, "bob": bob}[name]
    before = Participant.objects.values().get(conversation=channel, user=who)
    with published() as heard:
        join(who, channel)
        join(who, channel)

    assert heard == []
    assert Participant.objects.values().get(conversation=channel, user=who) == before


def test_it_happens_once(channel: Conversation, charlie: User) -> None:
    join(charlie, channel)
    with published() as heard:
        join(charlie, channel)
    assert heard == []
    assert Participant.objects.filter(user=charlie).count() == 1


def test_it_is_no_fault_in_a_private_one_that_one_is_in(channel: Conversation, bob: User) -> None:
    Conversation.objects.update(is_public=False)
    join(bob, channel)
    assert Participant.objects.count() == 2


@pytest.mark.parametrize("kind", ["private", "direct", "bid", "unknown", "nonsense", "NUL"])
def test_it_answers_alike_wherever_one_can_not(
    channel: Conversation, direct: Conversation, bid: Conversation, charlie: User, kind: str
) -> None:
    Conversation.objects.update(is_public=False)
    keys: dict[str, Conversation | str] = {
        "private": channel,
        "direct": direct,
        "bid": bid,
        "unknown": UNKNOWN_ID,
        "nonsense": "x",
        "NUL": "\x00",
    }
    with published() as heard, pytest.raises(ConversationNotFound) as caught:
        join(charlie, keys[kind])

    assert caught.value.as_dict() == {"code": "not_found", "message": "Conversation not found"}
    assert heard == []
    assert not Participant.objects.filter(user=charlie).exists()
