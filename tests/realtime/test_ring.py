"""What was delivered a moment ago is told again from memory: all of it, or nothing and the log is asked."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from messaging.events import MessageDeleted
from stoory.realtime import ring as module
from stoory.realtime.events import Typing
from stoory.realtime.ring import Ring
from stoory.times import utc_now
from tests.contracts.samples import SAMPLES

NOW = utc_now()


def event(seq: int, conversation: str = "a") -> Typing:
    return Typing(conversation_id=conversation, seq=seq, at=NOW, user_id="alice", is_typing=True)


def ring_of(*seqs: int, size: int = 1_000, conversation: str = "a") -> Ring:
    ring = Ring(size)
    for seq in seqs:
        ring.add(event(seq, conversation))
    return ring


def told(ring: Ring, after: int, up_to: int, conversation: str = "a") -> list[int] | None:
    events = ring.between(conversation, after, up_to)
    return None if events is None else [one.seq for one in events]


def test_it_tells_what_lies_between() -> None:
    ring = ring_of(4, 5, 6, 7)
    assert told(ring, 4, 6) == [5, 6]
    assert told(ring, 3, 7) == [4, 5, 6, 7]
    assert told(ring, 7, 7) == []
    assert (ring.served, ring.missed) == (2, 0)


@pytest.mark.parametrize(("after", "up_to"), [(2, 7), (4, 8), (7, 6), (9, 8)])
def test_it_tells_nothing_where_something_is_missing(after: int, up_to: int) -> None:
    assert told(ring_of(4, 5, 6, 7), after, up_to) is None


def test_it_knows_of_no_other_conversation() -> None:
    assert told(ring_of(1, 2), 0, 2, "b") is None


def test_a_hole_begins_anew() -> None:
    ring = ring_of(1, 2, 5, 6)
    assert told(ring, 4, 6) == [5, 6]
    assert told(ring, 0, 6) is None
    assert len(ring) == 2


def test_a_conversation_is_kept_to_its_last_events(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "EACH", 3)
    ring = ring_of(1, 2, 3, 4, 5)
    assert told(ring, 2, 5) == [3, 4, 5]
    assert told(ring, 1, 5) is None
    assert len(ring) == 3


def test_what_moved_longest_ago_makes_room() -> None:
    ring = ring_of(1, 2, size=4)
    for seq in (1, 2):
        ring.add(event(seq, "b"))
    ring.add(event(3, "a"))
    assert told(ring, 0, 2, "b") is None
    assert told(ring, 0, 3, "a") == [1, 2, 3]
    assert len(ring) == 3


def test_one_of_no_size_keeps_nothing() -> None:
    ring = ring_of(1, 2, size=0)
    assert told(ring, 0, 2) is None
    assert len(ring) == 0


def test_a_deleted_message_is_not_told_again() -> None:
    ring = ring_of(1, 2)
    ring.add(MessageDeleted(conversation_id="a", seq=3, at=NOW, message_id="m", deleted_by="alice"))
    assert told(ring, 0, 3) is None
    ring.add(event(4))
    assert told(ring, 3, 4) == [4]


def test_it_says_what_the_log_would() -> None:
    ring, sent = Ring(10), _sent_with_temp_id()
    ring.add(sent)
    [again] = ring.between(sent.conversation_id, sent.seq - 1, sent.seq) or ()
    assert again.temp_id is None  # type: ignore[attr-defined]


def _sent_with_temp_id() -> Any:
    return next(sample for sample in SAMPLES.values() if getattr(sample, "temp_id", None) and sample.seq)


@given(st.lists(st.tuples(st.sampled_from("ab"), st.integers(1, 3)), max_size=60), st.integers(0, 12))
def test_what_it_tells_is_what_was_delivered(steps: list[tuple[str, int]], size: int) -> None:
    ring, newest = Ring(size), {"a": 0, "b": 0}
    delivered: dict[str, list[int]] = {"a": [], "b": []}
    for conversation, ahead in steps:
        newest[conversation] += ahead  # more than one ahead is a hole
        delivered[conversation].append(newest[conversation])
        ring.add(event(newest[conversation], conversation))
        assert len(ring) <= size
    for conversation, seqs in delivered.items():
        for after in range(newest[conversation] + 1):
            found = told(ring, after, newest[conversation], conversation)
            assert found in (None, [seq for seq in seqs if seq > after])
