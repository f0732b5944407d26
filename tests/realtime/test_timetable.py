"""Many deadlines, one timer: each is met once, in the order of time, unless it is cancelled."""

import asyncio
import logging

import pytest

from stoory.realtime.timetable import FEW, Timetable


@pytest.fixture
def timetable() -> Timetable:
    return Timetable()


async def met(timetable: Timetable) -> None:
    """Return when all deadlines up to now have been met."""
    done = asyncio.Event()
    timetable.after(0.05, done.set)
    await done.wait()


async def test_deadlines_are_met_in_the_order_of_time(timetable: Timetable) -> None:
    calls: list[str] = []
    timetable.after(0.03, calls.append, "later")
    timetable.after(0.015, calls.append, "sooner")
    timetable.after(-1.0, calls.append, "at once")
    await met(timetable)
    assert calls == ["at once", "sooner", "later"]
    assert len(timetable) == 0


async def test_a_cancelled_deadline_passes(timetable: Timetable) -> None:
    calls: list[str] = []
    timetable.after(0.01, calls.append, "met")
    cancelled = timetable.after(0.0, calls.append, "cancelled")
    cancelled.cancel()
    cancelled.cancel()
    assert len(timetable) == 1
    await met(timetable)
    assert calls == ["met"]


async def test_cancelling_what_was_met_does_nothing(timetable: Timetable) -> None:
    calls: list[str] = []
    deadline = timetable.after(0.0, calls.append, "met")
    await met(timetable)
    deadline.cancel()
    assert (calls, len(timetable)) == (["met"], 0)


async def test_a_deadline_may_set_and_cancel_others(timetable: Timetable) -> None:
    calls: list[str] = []
    doomed = timetable.after(0.01, calls.append, "doomed")

    def meet() -> None:
        doomed.cancel()
        timetable.after(0.0, calls.append, "new")

    timetable.after(0.0, meet)
    await met(timetable)
    assert calls == ["new"]


async def test_what_fails_keeps_no_other_from_being_met(timetable: Timetable, caplog: pytest.LogCaptureFixture) -> None:
    calls: list[str] = []
    timetable.after(0.0, calls.index, "missing")
    timetable.after(0.01, calls.append, "met")
    with caplog.at_level(logging.ERROR):
        await met(timetable)
    assert calls == ["met"]
    assert "What was due failed" in caplog.text


async def test_cancelled_deadlines_are_swept(timetable: Timetable) -> None:
    kept = timetable.after(60.0, print)
    for deadline in [timetable.after(60.0, print) for _ in range(10 * FEW)]:
        deadline.cancel()
    assert len(timetable) == 1
    assert timetable.held() <= FEW + 1
    kept.cancel()
