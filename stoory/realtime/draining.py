"""Leaving without a herd: a server closes its sockets a few at a time, in any order; others take them one by one.

A client that waits for an answer gets it first; where that never ends, it is closed with the rest at last, and asks
the next server again.
"""

import asyncio
import random
from collections.abc import Mapping, Sequence

from django.conf import settings

from stoory.realtime.connection import Connection
from stoory.realtime.transports import SERVICE_RESTART

STEP_SECONDS = 0.25
FEW = 3  # that may go at once, however long there would be


async def drain(connections: Mapping[str, Connection]) -> None:
    """Close all connections within `DRAIN_NOTICE_SECONDS` and `DRAIN_SECONDS`; at once where there are none."""
    if not connections:
        return
    await asyncio.sleep(settings.DRAIN_NOTICE_SECONDS)
    loop = asyncio.get_running_loop()
    seconds = max(STEP_SECONDS, settings.DRAIN_SECONDS)
    ends_at, total = loop.time() + settings.DRAIN_SECONDS, len(connections)
    while connections and (left := ends_at - loop.time()) > 0:
        due = len(connections) - int(total * max(0, left - STEP_SECONDS) / seconds)
        idle = [connection for connection in connections.values() if not _is_busy(connection)]
        hang_up(random.sample(idle, min(max(FEW, due), len(idle))))
        if connections:
            await asyncio.sleep(STEP_SECONDS * random.uniform(0.8, 1.2))
    hang_up(list(connections.values()))


def _is_busy(connection: Connection) -> bool:
    """Return whether something asked is not answered, or an answer not taken."""
    return connection.transport.waiting() > 0 or any(session.asked for session in connection.sessions.values())


def hang_up(connections: Sequence[Connection]) -> None:
    """Close connections: their clients connect anew."""
    for connection in connections:
        connection.close(code=SERVICE_RESTART)
