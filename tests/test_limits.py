"""The algorithm: what a rate lets pass, when it is too early, and that nobody gets in between."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import get_args

import pytest
from django.conf import settings
from hypothesis import given
from hypothesis import strategies as st

from stoory.errors import RateLimited
from stoory.limits import SECOND, Claim, Limit, Limiter, LocalMarks, Rate, rate

TEN_A_SECOND = Rate(SECOND // 10, 2 * SECOND)  # a burst of twenty


class Clock:
    """A clock that stands still until it is set."""

    def __init__(self) -> None:
        self.now = 1_000 * SECOND

    def __call__(self) -> int:
        return self.now


class Counted:
    """A limit and its clock."""

    def __init__(self, rate: Rate) -> None:
        self.clock = Clock()
        self.marks = LocalMarks(self.clock)
        self.rate = rate

    def take(self, *keys: str) -> int:
        return self.marks.take([Claim(key, self.rate) for key in keys or ("alice",)])


rates = st.builds(
    lambda interval, burst: Rate(interval, interval * burst), st.integers(1, 10 * SECOND), st.integers(1, 50)
)
pauses = st.lists(st.integers(0, 20 * SECOND), max_size=100)


# The algorithm


def test_a_burst_passes_and_then_the_rate() -> None:
    counted = Counted(TEN_A_SECOND)
    assert [counted.take() for _ in range(20)] == [0] * 20
    assert counted.take() == SECOND // 10
    counted.clock.now += SECOND
    assert [bool(counted.take()) for _ in range(11)] == [False] * 10 + [True]


@given(rates, pauses)
def test_no_stretch_of_time_holds_more_than_a_burst_and_the_rate(rate: Rate, pauses: list[int]) -> None:
    counted, taken = Counted(rate), []
    for pause in pauses:
        counted.clock.now += pause
        if counted.take() == 0:
            taken.append(counted.clock.now)
    burst = rate.tolerance // rate.interval
    for first, start in enumerate(taken):
        for more, end in enumerate(taken[first:], 1):
            assert more <= burst + (end - start) // rate.interval


@given(rates, pauses)
def test_it_agrees_with_a_bucket_of_tokens(rate: Rate, pauses: list[int]) -> None:
    counted, filled = Counted(rate), rate.tolerance  # a token is worth an interval
    for pause in pauses:
        counted.clock.now += pause
        filled = min(rate.tolerance, filled + pause)
        is_enough = filled >= rate.interval
        assert (counted.take() == 0) is is_enough
        filled -= rate.interval if is_enough else 0


@given(rates, pauses)
def test_how_much_it_is_too_early_is_exact(rate: Rate, pauses: list[int]) -> None:
    counted = Counted(rate)
    for pause in pauses:
        counted.clock.now += pause
        early = counted.take()
        if early:
            counted.clock.now += early - 1
            assert counted.take() == 1
            counted.clock.now += 1
            assert counted.take() == 0


def test_of_several_marks_all_are_moved_or_none() -> None:
    counted = Counted(Rate(SECOND, 2 * SECOND))
    assert counted.take("alice", "office") == 0
    assert counted.take("bob", "office") == 0
    assert counted.take("alice", "office") == SECOND
    assert [counted.take("alice"), counted.take("alice")] == [0, SECOND]


def test_the_mark_of_another_user_is_another() -> None:
    counted = Counted(Rate(SECOND, SECOND))
    assert [counted.take("alice"), counted.take("bob"), counted.take("alice")] == [0, 0, SECOND]


def test_what_has_passed_is_forgotten() -> None:
    counted = Counted(Rate(SECOND, SECOND))
    for number in range(3 * LocalMarks.FORGET_FROM):
        counted.clock.now += SECOND // 100
        counted.take(f"user {number}")
    assert len(counted.marks) <= LocalMarks.FORGET_FROM + 1


def test_a_hundred_threads_take_exactly_what_there_is() -> None:
    counted = Counted(Rate(SECOND, 37 * SECOND))

    start = Barrier(100)

    def greedy() -> int:
        start.wait()
        return sum(counted.take() == 0 for _ in range(10))

    with ThreadPoolExecutor(100) as threads:
        assert sum(threads.map(lambda _: greedy(), range(100))) == 37


# Who is counted


def test_an_address_stands_for_several_users() -> None:
    clock = Clock()
    limiter = Limiter({"send": Rate(SECOND, 2 * SECOND)}, LocalMarks(clock), per_address=3)
    passed: Counter[str] = Counter()
    for user in ("alice", "bob", "charlie", "dora"):
        for _ in range(3):
            try:
                limiter.charge("send", user, "203.0.113.9")
                passed[user] += 1
            except RateLimited:
                pass
    assert passed == {"alice": 2, "bob": 2, "charlie": 2}
    limiter.charge("send", "dora", "203.0.113.8")


def test_who_is_refused_is_told_for_how_long() -> None:
    clock = Clock()
    limiter = Limiter({"send": Rate(90 * SECOND, 90 * SECOND)}, LocalMarks(clock), per_address=1)
    limiter.charge("send", "alice")
    clock.now += SECOND // 2
    with pytest.raises(RateLimited) as refused:
        limiter.charge("send", "alice")
    assert refused.value.as_dict() == {"code": "rate_limited", "message": "Too many requests", "retryAfter": 90}
    clock.now += refused.value.details["retryAfter"] * SECOND
    limiter.charge("send", "alice")


def test_what_is_not_limited_is_not_counted() -> None:
    limiter = Limiter({"send": None}, LocalMarks(), per_address=5)
    assert limiter.claims("send", "alice", "203.0.113.9") == limiter.claims("join", "alice", "203.0.113.9") == []
    for _ in range(1_000):
        limiter.charge("send", "alice", "203.0.113.9")


def test_a_thousand_sends_in_a_second_are_thirty_by_default() -> None:
    clock = Clock()
    limiter = Limiter(settings.LIMITS, LocalMarks(clock), per_address=settings.LIMIT_ADDRESS_FACTOR)
    passed = 0
    for _ in range(1_000):
        clock.now += SECOND // 1_000
        passed += limiter.marks.take(limiter.claims("send", "alice", "203.0.113.9")) == 0
    assert 20 <= passed <= 30


# Settings


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("10/s burst 20", Rate(100_000, 2_000_000)),
        ("5/min", Rate(12_000_000, 60_000_000)),
        ("1/h", Rate(3_600_000_000, 3_600_000_000)),
        ("100/s", Rate(10_000, 1_000_000)),
        ("off", None),
    ],
)
def test_a_rate_is_read(text: str, read: Rate | None) -> None:
    assert rate(text) == read


@pytest.mark.parametrize("text", ["", "10", "0/s", "10/d", "-1/s", "10/s burst 0", "10/s burst", "1.5/s", " 1/s", "on"])
def test_what_is_no_rate_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="10/s burst 20"):
        rate(text)


def test_every_limit_has_its_setting() -> None:
    assert list(settings.LIMITS) == list(get_args(Limit))


def test_whole_seconds_are_never_too_few() -> None:
    assert [RateLimited(seconds).details["retryAfter"] for seconds in (0.000001, 1, 1.000001, 59.2)] == [1, 1, 2, 60]
