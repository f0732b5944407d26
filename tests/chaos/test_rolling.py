"""Servers behind a sticky proxy are restarted in turn under three hundred sockets: nobody misses anything, or waits."""

import asyncio
import random
import time
from collections.abc import Callable
from typing import Any

import pytest

from tests.chaos.checker import answers, percentile
from tests.chaos.cluster import Cluster
from tests.chaos.conftest import large, scenario
from tests.chaos.crowd import Crowd, crowd
from tests.chaos.insides import farewells
from tests.e2e.balancer import Balancer, balancing
from tests.e2e.servers import CLEAN_EXITS

pytestmark = [*scenario, pytest.mark.timeout(600), large]

SOCKETS = 300
SENDS, RATE = 6_000, 50
EXIT_SECONDS = 15.0
BACK_SECONDS = 5.0
ANSWER_SECONDS = 3.0
SHARE = 0.2  # of a server's sockets, closed within any second
HEARD_SHARE = 0.25  # as this process hears of it, which is busy
NOTICE = {"DRAIN_NOTICE_SECONDS": "2"}  # as without DEBUG


async def is_ready(balancer: Balancer, name: str) -> None:
    async with asyncio.timeout(EXIT_SECONDS):
        while not balancer.is_ready(name):
            await asyncio.sleep(0.05)


def largest_herd(moments: list[float]) -> int:
    """Return how many of them lie within one second, at most."""
    ordered = sorted(moments)
    return max((sum(begin <= at < begin + 1 for at in ordered) for begin in ordered), default=0)


def departures(people: Crowd, begin: float, end: float) -> list[float]:
    """Return when each client was left in a time."""
    gone = [absence.began for client in people.clients for absence in client.absences]
    gone += [client.gone_at for client in people.clients if client.gone_at is not None]
    return [at for at in gone if begin <= at <= end]


async def test_a_rolling_restart_is_not_noticed(
    servers: Cluster, group: dict[str, Any], dice: random.Random, tell: Callable[[str], None]
) -> None:
    named = {f"web{number}": server for number, server in enumerate(servers.servers)}
    await asyncio.gather(*(server.restart(NODE_NAME=name, **NOTICE) for name, server in named.items()))
    exits, herds = [], []
    with balancing({name: server.port for name, server in named.items()}) as balancer:
        for name in named:
            await is_ready(balancer, name)
        devices = group | {"people": group["people"] * (SOCKETS // len(group["people"]))}
        async with crowd(servers, devices, dice, [balancer.url]) as people:
            talking = asyncio.create_task(people.talk(SENDS, RATE))
            await asyncio.sleep(5)
            for name, server in named.items():
                held, began = balancer.connections[name], time.time()
                status = await server.terminate()
                exits.append(time.time() - began)
                assert status in CLEAN_EXITS
                herd = largest_herd([at for at in farewells(server.log) if at >= began])
                heard = largest_herd(departures(people, began, time.time()))
                herds.append(f"{herd} ({heard}) of {held}")
                assert 0 < herd <= SHARE * held
                assert heard <= HEARD_SHARE * held
                await server.start(NODE_NAME=name, **NOTICE)
                await is_ready(balancer, name)
                await asyncio.sleep(5)
            await talking
            await people.are_ready()
            await people.converge(BACK_SECONDS)
    back = sorted(absence.ended - absence.began for client in people.clients for absence in client.absences)
    waited = percentile(answers(people.history), 0.99)
    tell(
        f"{people.figures()}; servers ended after {max(exits):.1f} s, "
        f"closed {', '.join(herds)} sockets within a second (by the clients' clock), "
        f"clients were back after {percentile(back, 0.99):.1f} s (p99)"
    )
    assert people.verdict() == []
    assert max(exits) < EXIT_SECONDS
    assert len(back) >= len(people.clients) / 2
    assert percentile(back, 0.99) < BACK_SECONDS
    assert waited < ANSWER_SECONDS
