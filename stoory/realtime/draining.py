"""Leaving without a herd: a server closes its sockets a few at a time, in any order; others take them one by one.

A client that waits for an answer gets it first; where that never ends, it goes without one at last, and asks the next
server again.
"""

import asyncio
import random
from collections import deque
from collections.abc import Mapping, Sequence

from django.conf import settings

from stoory.realtime.connection import Connection
from stoory.realtime.transports import SERVICE_RESTART

STEP_SECONDS = 0.1
FEW = 1  # that may go at each step, however long there would be
CATCHING_UP = 1.15  # times an even share of a second, which may go within any: who had to wait is no herd either
LATE_SECONDS = 1.0  # that may be added so that the last ones are none


async def drain(connections: Mapping[str, Connection]) -> None:
    """Close all connections in `DRAIN_SECONDS`, after `DRAIN_NOTICE_SECONDS`; return at once where there are none."""
    if not connections:
        return
    await asyncio.sleep(settings.DRAIN_NOTICE_SECONDS)
    loop = asyncio.get_running_loop()
    ends_at = loop.time() + settings.DRAIN_SECONDS
    pace = Pace(len(connections), ends_at, settings.DRAIN_SECONDS)
    while connections and (now := loop.time()) < ends_at + LATE_SECONDS:
        ready = [connection for connection in connections.values() if now >= ends_at or not _is_busy(connection)]
        going = random.sample(ready, min(pace.due(now, len(connections)), len(ready)))
        hang_up(going)
        pace.note(now, len(going))
        if connections:
            await asyncio.sleep(STEP_SECONDS * random.uniform(0.8, 1.2))
    hang_up(list(connections.values()))


class Pace:
    """How many of `total` may go at a moment, so that all are gone at `ends_at` and few go within any one second.

    Steps are short, or a second would hold the beginning of one and the end of another; what a late one has left over
    is spread over those that follow; and an even share of a second is well below what clients can bear, who may hear
    within a second what was closed within more.
    """

    def __init__(self, total: int, ends_at: float, seconds: float) -> None:
        self._total = total
        self._ends_at = ends_at
        self._seconds = max(STEP_SECONDS, seconds)
        self._most = int(max(FEW / STEP_SECONDS, CATCHING_UP * total / self._seconds))
        self._gone: deque[float] = deque()  # when, of the last second

    def due(self, now: float, left: int) -> int:
        """Return how many may go now, where so many are left."""
        while self._gone and self._gone[0] <= now - 1:
            self._gone.popleft()
        stay = int(self._total * max(0.0, self._ends_at - STEP_SECONDS - now) / self._seconds)
        return min(max(FEW, left - stay), self._most - len(self._gone))

    def note(self, now: float, count: int) -> None:
        """Note how many have gone."""
        self._gone.extend([now] * count)


def _is_busy(connection: Connection) -> bool:
    """Return whether something asked is not answered, or an answer not taken."""
    return connection.transport.waiting() > 0 or any(session.asked for session in connection.sessions.values())


def hang_up(connections: Sequence[Connection]) -> None:
    """Close connections: their clients connect anew."""
    for connection in connections:
        connection.close(code=SERVICE_RESTART)
