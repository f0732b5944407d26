"""What a server holds, told on SIGUSR1 as a line of its log: for tests that wait for it to let go."""

import asyncio
import gc
import json
import os
import resource
from pathlib import Path
from typing import Any

from stoory.realtime.node import Node

MARK = "insides: "


def tell(node: Node) -> None:
    """Write the figures; called by a signal handler."""
    os.write(2, f"{MARK}{json.dumps(_figures(node))}\n".encode())


def last_told(log: str) -> dict[str, Any]:
    """Return the newest figures in a log."""
    lines = [line for line in log.splitlines() if line.startswith(MARK)]
    found: dict[str, Any] = json.loads(lines[-1].removeprefix(MARK)) if lines else {}
    return found


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
