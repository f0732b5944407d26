"""How many messages one has not read: what others said, above the cursor, without a receipt, up to a hundred."""

from typing import Any

import pytest

from conversations.models import Conversation, Participant
from messaging.models import Message
from messaging.selectors import unread_annotation, unread_count, unread_total
from messaging.services import send_messages
from stoory.accounts.models import User
from stoory.times import utc_now
from tests.talk import place, read, said, say


def unread(who: User, conversation: Conversation) -> int:
    """Return the count, which both of its queries must agree on."""
    counted = unread_count(place(who, conversation))
    annotated = Participant.objects.annotate(unread=unread_annotation()).get(user=who, conversation=conversation)
    assert annotated.unread == counted
    return counted


def test_what_others_said_is_unread(direct: Conversation, alice: User, bob: User) -> None:
    for who in (alice, alice, bob):
        say(who, direct)
    assert (unread(bob, direct), unread(alice, direct)) == (2, 1)


def test_what_was_read_is_not(direct: Conversation, alice: User, bob: User) -> None:
    first, _, third, _ = [say(alice, direct).message.id for _ in range(4)]
    read(bob, direct, message_ids=[first, third])
    assert unread(bob, direct) == 2
    read(bob, direct)
    assert unread(bob, direct) == 0


def test_what_was_deleted_is_not(direct: Conversation, alice: User, bob: User) -> None:
    say(alice, direct)
    say(alice, direct)
    Message.objects.filter(seq=1).update(deleted_at=utc_now())
    assert unread(bob, direct) == 1


def test_somebody_elses_reading_is_not_ones_own(channel: Conversation, alice: User, bob: User, staff: User) -> None:
    Participant.objects.create(conversation=channel, user=staff)
    say(alice, channel)
    read(bob, channel)
    assert (unread(bob, channel), unread(staff, channel)) == (0, 1)


@pytest.mark.parametrize(("said_by_others", "counted"), [(99, 99), (100, 100), (101, 100), (150, 100)])
def test_it_counts_up_to_a_hundred(
    direct: Conversation, alice: User, bob: User, said_by_others: int, counted: int
) -> None:
    send_messages([said(alice, direct)] * said_by_others)
    assert unread(bob, direct) == counted
    assert read(bob, direct).unread_count == 0


def test_over_all_each_conversation_counts_up_to_a_hundred(
    direct: Conversation, channel: Conversation, alice: User, bob: User, charlie: User
) -> None:
    send_messages([said(alice, direct)] * 101 + [said(alice, channel)] * 3)
    assert [unread_total(person.pk) for person in (bob, alice, charlie)] == [103, 0, 0]


def test_over_all_it_is_one_query(
    direct: Conversation, channel: Conversation, bid: Conversation, bob: User, django_assert_num_queries: Any
) -> None:
    with django_assert_num_queries(1):
        unread_total(bob.pk)
