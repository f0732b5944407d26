"""Many deadlines on one timer of the loop.

A socket has a heartbeat and its token's end, and thousands of sockets have thousands of them, of which hardly any ever
comes due. As timers of uvloop they took 0.6 KB each and a call into the loop to be set or cancelled.
"""

import asyncio
import heapq
import logging
from collections.abc import Callable
from typing import Any

logger = logging.getLogger(__name__)

RESOLUTION_SECONDS = 0.005  # of a deadline; those that are this close are met together
FEW = 64  # cancelled deadlines that may lie around in any case


class Deadline:
    """A call that is made at its time, unless it is cancelled before."""

    __slots__ = ("_args", "_call", "_timetable", "when")

    def __init__(self, timetable: "Timetable", when: float, call: Callable[..., object], args: tuple[Any, ...]) -> None:
        self._timetable = timetable
        self._call: Callable[..., object] | None = call
        self._args = args
        self.when = when

    def __lt__(self, other: "Deadline") -> bool:
        return self.when < other.when

    def is_cancelled(self) -> bool:
        """Return whether it is not to be met any more."""
        return self._call is None

    def cancel(self) -> None:
        """Let it pass; doing it twice, or after it was met, does nothing."""
        if self._call is not None:
            self._forget()
            self._timetable.note_cancelled()

    def meet(self) -> None:
        """Make the call, once."""
        call, args = self._call, self._args
        self._forget()
        if call is not None:
            call(*args)

    def _forget(self) -> None:
        self._call = None
        self._args = ()


class Timetable:
    """Deadlines in the order of their times."""

    def __init__(self) -> None:
        self._deadlines: list[Deadline] = []
        self._cancelled = 0
        self._timer: asyncio.TimerHandle | None = None

    def __len__(self) -> int:
        return len(self._deadlines) - self._cancelled

    def held(self) -> int:
        """Return how many deadlines are kept, with those that are cancelled."""
        return len(self._deadlines)

    def after(self, seconds: float, call: Callable[..., object], *args: Any) -> Deadline:
        """Have `call` made with `args` in so many seconds."""
        loop = asyncio.get_running_loop()
        deadline = Deadline(self, loop.time() + max(0.0, seconds), call, args)
        heapq.heappush(self._deadlines, deadline)
        if self._deadlines[0] is deadline:
            self._set(loop)
        return deadline

    def note_cancelled(self) -> None:
        """Count a deadline that was cancelled, and sweep when most of them are."""
        self._cancelled += 1
        if self._cancelled > FEW and self._cancelled > len(self._deadlines) / 2:
            self._deadlines = [deadline for deadline in self._deadlines if not deadline.is_cancelled()]
            heapq.heapify(self._deadlines)
            self._cancelled = 0

    def _set(self, loop: asyncio.AbstractEventLoop) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = loop.call_at(self._deadlines[0].when, self._meet, loop) if self._deadlines else None

    def _meet(self, loop: asyncio.AbstractEventLoop) -> None:
        """Meet what is due; a call that raises keeps no other from being met."""
        due = loop.time() + RESOLUTION_SECONDS
        while self._deadlines and self._deadlines[0].when <= due:
            deadline = heapq.heappop(self._deadlines)
            if deadline.is_cancelled():
                self._cancelled -= 1
                continue
            try:
                deadline.meet()
            except Exception:
                logger.exception("What was due failed")
        self._set(loop)
