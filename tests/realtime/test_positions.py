"""Whatever order, doubling and loss the bus has: each event once, in order."""

from hypothesis import given
from hypothesis import strategies as st

from stoory.realtime.events import Typing
from stoory.realtime.positions import Positions
from stoory.times import utc_now

NOW = utc_now()


def event(seq: int, conversation: str = "a") -> Typing:
    return Typing(conversation_id=conversation, seq=seq, at=NOW, user_id="alice", is_typing=True)


def following(seq: int = 0) -> Positions:
    positions = Positions()
    positions.follow("a", seq)
    return positions


def seqs(events: object) -> list[int]:
    assert isinstance(events, list)
    return [one.seq for one in events]


def test_it_lets_the_next_event_through_and_drops_what_was_delivered() -> None:
    positions = following(3)
    assert seqs(positions.accept(event(4))) == [4]
    assert seqs(positions.accept(event(4))) == []
    assert seqs(positions.accept(event(2))) == []
    assert positions.delivered("a") == 4


def test_it_holds_back_what_comes_too_early() -> None:
    positions = following()
    assert seqs(positions.accept(event(3))) == []
    assert positions.hole("a") == (0, 3)
    assert seqs(positions.accept(event(1))) == [1]
    assert seqs(positions.accept(event(2))) == [2, 3]
    assert positions.hole("a") is None


def test_it_skips_what_the_log_no_longer_has() -> None:
    positions = following()
    positions.accept(event(5))
    assert seqs(positions.skip_to("a", 4)) == [5]


def test_it_ignores_conversations_that_nobody_here_follows() -> None:
    positions = following()
    assert positions.accept(event(1, "b")) == []
    positions.forget("a")
    assert positions.accept(event(1)) == []


def test_following_again_does_not_move_the_place() -> None:
    positions = following(3)
    positions.follow("a", 9)
    assert positions.delivered("a") == 3


@given(st.integers(1, 12).flatmap(lambda n: st.lists(st.integers(1, n), max_size=60)), st.integers(0, 12))
def test_any_arrival_order_is_delivered_in_order_and_repaired_completely(arrivals: list[int], begin: int) -> None:
    positions = following(begin)
    delivered = [one for seq in arrivals for one in seqs(positions.accept(event(seq)))]
    while hole := positions.hole("a"):
        delivered += [one for seq in range(hole[0] + 1, hole[1]) for one in seqs(positions.accept(event(seq)))]
    newest = max([begin, *arrivals])
    assert delivered == list(range(begin + 1, newest + 1))
    assert positions.delivered("a") == newest
