"""What a server holds, told on SIGUSR1 as a line of its log, and when it closes sockets as it leaves, told as well."""

import asyncio
import gc
import json
import os
import resource
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from stoory.realtime import draining
from stoory.realtime.connection import Connection
from stoory.realtime.node import Node

MARK = "insides: "
FAREWELL = "closed: "


def tell(node: Node) -> None:
    """Write the figures; called by a signal handler."""
    os.write(2, f"{MARK}{json.dumps(_figures(node))}\n".encode())


def last_told(log: str) -> dict[str, Any]:
    """Return the newest figures in a log."""
    lines = [line for line in log.splitlines() if line.startswith(MARK)]
    found: dict[str, Any] = json.loads(lines[-1].removeprefix(MARK)) if lines else {}
    return found


def tell_of_farewells() -> None:
    """Have each batch of sockets that a leaving server closes be a line of its log."""
    hang_up = draining.hang_up

    def tell_and_hang_up(connections: Sequence[Connection]) -> None:
        os.write(2, f"{FAREWELL}{json.dumps([time.time(), len(connections)])}\n".encode())
        hang_up(connections)

    draining.hang_up = tell_and_hang_up


def farewells(log: str) -> list[float]:
    """Return when each socket was closed, by a log."""
    batches = [json.loads(line.removeprefix(FAREWELL)) for line in log.splitlines() if line.startswith(FAREWELL)]
    return [at for at, count in batches for _ in range(count)]


def _figures(node: Node) -> dict[str, Any]:
    gc.collect()
    server = node.server
    assert node._loop is not None
    return {
        "connections": len(server.eio.sockets),
        "users": len(server.sessions._by_user),
        "rooms": len(server.rooms._members),
        "conversations": len(server.roster._members),
        "positions": len(server.relay.positions._delivered),
        "tasks": len(asyncio.all_tasks(node._loop)),
        "kilobytes": _resident_bytes() // 1024,
        "lags": node.pulse.lags.counts,
    }


def _resident_bytes() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()
