"""Catching up from the log: in order, as it was live; what can't all be told is a gap, and nothing else."""

from typing import Any

import pytest

from conversations.models import Conversation, ConversationEvent, Participant
from messaging.selectors import events_between, replay
from messaging.services import send_messages
from stoory.accounts.models import User
from stoory.events import Event
from tests.talk import place, published, read, said, say


@pytest.fixture
def live(direct: Conversation, alice: User, bob: User) -> list[Event]:
    """What was published of a talk of five events."""
    with published() as heard:
        say(alice, direct, "Hi", metadata={"a": 1})
        say(alice, direct, "Bob?")
        read(bob, direct)
        say(bob, direct, "Alice!", attachments=[{"name": "photo.jpg"}])
        read(alice, direct)
    return heard


@pytest.fixture
def reader(direct: Conversation, live: list[Event], bob: User) -> Participant:
    return place(bob, direct)


@pytest.mark.parametrize("after_seq", range(6))
def test_what_is_told_is_what_was_live(reader: Participant, live: list[Event], after_seq: int) -> None:
    told = replay(reader, after_seq)
    assert told.events == live[after_seq:]
    assert (told.last_seq, told.gap, told.has_more) == (5, False, False)


@pytest.mark.parametrize("after_seq", [-1, 6, 10**12, -(10**12)])
def test_before_the_beginning_and_beyond_the_end_is_a_gap(reader: Participant, after_seq: int) -> None:
    told = replay(reader, after_seq)
    assert (told.events, told.gap, told.last_seq, told.has_more) == ([], True, 5, False)


@pytest.mark.parametrize(("after_seq", "gap"), [(0, True), (2, True), (3, False), (4, False), (5, False)])
def test_what_was_pruned_is_a_gap(reader: Participant, live: list[Event], after_seq: int, gap: bool) -> None:
    ConversationEvent.objects.filter(seq__lte=3).delete()
    reader.conversation.pruned_seq = 3

    told = replay(reader, after_seq)
    assert told.gap is gap
    assert told.events == ([] if gap else live[after_seq:])


def test_it_is_told_in_parts(reader: Participant, live: list[Event]) -> None:
    first = replay(reader, 0, limit=3)
    assert (first.events, first.has_more) == (live[:3], True)
    rest = replay(reader, 3, limit=3)
    assert (rest.events, rest.has_more) == (live[3:], False)
    assert replay(reader, 0, limit=5).has_more is False


@pytest.mark.parametrize(("up_to", "last_seq"), [(0, 0), (3, 3), (5, 5), (99, 5)])
def test_it_is_told_up_to_a_place(reader: Participant, live: list[Event], up_to: int, last_seq: int) -> None:
    told = replay(reader, 0, up_to=up_to)
    assert told.events == live[:last_seq]
    assert (told.last_seq, told.has_more) == (last_seq, False)


def test_nothing_of_another_conversation_is_told(reader: Participant, channel: Conversation, alice: User) -> None:
    say(alice, channel, "Elsewhere")
    assert [event.conversation_id for event in replay(reader, 0).events] == [str(reader.conversation_id)] * 5


def test_a_server_reads_what_lies_between(direct: Conversation, live: list[Event]) -> None:
    assert events_between(str(direct.pk), 0, 5) == live
    assert events_between(str(direct.pk), 1, 3) == live[1:3]
    assert events_between(str(direct.pk), 5, 5) == []


@pytest.mark.parametrize("size", [1, 40])
def test_it_costs_the_same_whatever_its_size(
    direct: Conversation, alice: User, size: int, django_assert_num_queries: Any
) -> None:
    send_messages([said(alice, direct)] * size)
    reader = place(alice, direct)
    with django_assert_num_queries(2):
        assert len(replay(reader, 0).events) == size
