"""One who does not read, among two hundred who do: they hear as ever, and the one is let go of."""

import asyncio
import random
import socket
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from websockets.asyncio.client import ClientConnection, connect

from tests.chaos.checker import delays, percentile
from tests.chaos.clients import Line
from tests.chaos.cluster import Cluster, ServerProcess
from tests.chaos.conftest import large, scenario
from tests.chaos.crowd import crowd

pytestmark = [*scenario, pytest.mark.timeout(300), large]

BYTES_TO_READ = 4_096  # that the slow one's kernel takes for it, about
LATE_SECONDS = 0.5
GONE_SECONDS = 15.0
GROWTH_KILOBYTES, LEFT_KILOBYTES = 30 * 1_024, 10 * 1_024
CONFESSION = "A slow consumer is disconnected"
FORGETFUL = {"RING_EVENTS": "100", "TRACE_MESSAGES": "100"}  # what it remembers of everything is full soon


class Numbers(NamedTuple):
    """How many listen, and how much of which length is said."""

    readers: int
    sends: int
    rate: float
    length: int


MANY = Numbers(readers=199, sends=600, rate=15, length=2_000)
MUCH = Numbers(readers=10, sends=1_600, rate=80, length=7_900)  # more than kernels take before they give up


@asynccontextmanager
async def a_stalled_one(server: ServerProcess, token: str, conversation: str) -> AsyncIterator[int]:
    """Yield the port of somebody who joins and then reads nothing more."""
    plug = socket.socket()
    plug.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, BYTES_TO_READ)
    plug.setblocking(False)
    await asyncio.get_running_loop().sock_connect(plug, ("127.0.0.1", server.port))
    address = f"ws://127.0.0.1:{server.port}/socket.io/?EIO=4&transport=websocket"
    wire: ClientConnection = await connect(address, sock=plug, compression=None, ping_interval=None, proxy=None)
    line = Line(wire, lambda name, payload: None)
    await line.open(token)
    reading = asyncio.create_task(line.run())
    assert (await line.ask("chat:join", {"conversationId": conversation}))["ok"]
    wire.transport.pause_reading()
    try:
        yield wire.local_address[1]
    finally:
        reading.cancel()
        await line.close()


def is_held(server: ServerProcess, port: int) -> bool:
    """Return whether this machine's kernel holds the server's end of a connection to a port."""
    ends = (line.split()[1:3] for line in Path("/proc/net/tcp").read_text().splitlines()[1:])
    return any(
        (int(local.split(":")[1], 16), int(remote.split(":")[1], 16)) == (server.port, port) for local, remote in ends
    )


async def seconds_until(condition: Callable[[], bool], limit: float) -> float:
    begin = time.monotonic()
    async with asyncio.timeout(limit):
        while not condition():
            await asyncio.sleep(0.05)
    return time.monotonic() - begin


@pytest.mark.parametrize("numbers", [MANY, MUCH], ids=["many", "much"])
async def test_who_does_not_read_is_let_go_and_nobody_waits_for_them(
    servers: Cluster, group: dict[str, Any], dice: random.Random, tell: Callable[[str], None], numbers: Numbers
) -> None:
    server, *_ = servers.servers
    await server.restart(**FORGETFUL)
    before = server.log.count(CONFESSION)
    place, members = next(iter(group["channels"].items()))
    inside = [person for person in group["people"] if person["id"] in members]
    room = group | {"people": (inside * numbers.readers)[: numbers.readers], "channels": {place: members}}
    async with crowd(servers, room, dice, [server.url]) as people:
        talk = partial(people.talk, numbers.sends, numbers.rate, "x" * numbers.length)
        await talk()
        at_first = await server.insides()
        async with a_stalled_one(server, inside[0]["token"], place) as port:
            assert is_held(server, port)
            talking = asyncio.create_task(talk())
            gone_after = await seconds_until(lambda: not is_held(server, port), GONE_SECONDS)
            then = await server.insides()
            await talking
        await people.converge(10)
        at_last = await server.insides()
        late = percentile(delays(people.history, people.stored()), 0.99)
    sizes = [held["kilobytes"] for held in (at_first, then, at_last)]
    tell(f"{people.figures()}; the slow one's connection was gone {gone_after:.1f} s after the first word; {sizes} kB")
    assert people.verdict() == []
    assert sum(client.connections for client in people.clients) == numbers.readers
    assert then["connections"] == at_first["connections"]
    assert late < LATE_SECONDS
    assert (server.log.count(CONFESSION) > before) == (numbers is MUCH)
    assert sizes[1] - sizes[0] < GROWTH_KILOBYTES
    assert sizes[2] - sizes[0] < LEFT_KILOBYTES
