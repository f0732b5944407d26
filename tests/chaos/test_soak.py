"""People come, talk and go: what a server held for them comes back. And all at once, when a server dies.

`SOAK_SECONDS` says for how long `make soak` does so.
"""

import asyncio
import os
import random
import time
from collections.abc import Callable
from typing import Any

import pytest

from stoory.metrics import Histogram
from tests.chaos.cluster import Cluster
from tests.chaos.conftest import scenario
from tests.chaos.crowd import Crowd, crowd

pytestmark = [*scenario, pytest.mark.timeout(3_600)]

SECONDS = {"small": 6, "full": 180, "long": 180, "soak": int(os.environ.get("SOAK_SECONDS", "1800"))}
DEVICES = {"small": 3, "full": 16, "long": 16, "soak": 16}  # of each of the people
CHURN = {"small": 10, "full": 10, "long": 10, "soak": 10}  # connections lost in a second
RATE = 20
SLOPE_KILOBYTES = 1_024  # in ten minutes, after the first five
STORM_DEVICES = {"small": 5, "full": 33, "long": 10, "soak": 33}
STORM_SECONDS = {"small": 30.0, "full": 15.0, "long": 15.0, "soak": 15.0}
LAG_SECONDS = {"small": 2.5, "full": 0.5, "long": 0.5, "soak": 0.5}
PATIENCE_SECONDS = 30.0
HELD = ("connections", "users", "rooms", "conversations", "positions")


def devices(group: dict[str, Any], each: int) -> dict[str, Any]:
    return group | {"people": group["people"] * each}


async def test_what_a_server_held_comes_back(
    servers: Cluster, group: dict[str, Any], dice: random.Random, scale: str, tell: Callable[[str], None]
) -> None:
    server = servers.servers[0]
    at_rest = (await server.insides())["tasks"]
    sizes: list[tuple[float, int]] = []
    async with crowd(servers, devices(group, DEVICES[scale]), dice, [server.url]) as people:
        stirring = asyncio.create_task(_stir(people, CHURN[scale]))
        begin = time.monotonic()
        while time.monotonic() - begin < SECONDS[scale]:
            await people.talk(RATE * 2, RATE)
            sizes.append((time.monotonic() - begin, (await server.insides())["kilobytes"]))
        stirring.cancel()
        await people.are_ready()
        await people.converge(10)
    assert people.verdict() == []
    async with asyncio.timeout(PATIENCE_SECONDS):
        while _is_holding(await server.insides(), at_rest):
            await asyncio.sleep(0.2)
    slope = _slope([size for size in sizes if size[0] > 300])
    grown = f"{sizes[0][1]} kB at first, {sizes[-1][1]} kB at last, at {slope:.0f} kB in ten minutes"
    tell(f"{people.figures()}; {grown}")
    assert slope < SLOPE_KILOBYTES


def _is_holding(held: dict[str, Any], tasks_at_rest: int) -> bool:
    return any(held[name] for name in HELD) or held["tasks"] > tasks_at_rest


async def _stir(people: Crowd, rate: float) -> None:
    while True:
        await people.stir()
        await asyncio.sleep(1 / rate)


def _slope(sizes: list[tuple[float, int]]) -> float:
    """Return by how much the size grows in ten minutes, by least squares; nothing where there is too little to say."""
    if len(sizes) < 30:
        return 0.0
    middle = sum(at for at, _ in sizes) / len(sizes)
    mean = sum(size for _, size in sizes) / len(sizes)
    spread = sum((at - middle) ** 2 for at, _ in sizes)
    return 600 * sum((at - middle) * (size - mean) for at, size in sizes) / spread


def lateness(before: list[int], after: list[int]) -> float:
    """Return by how much a server's loop was late, at the 99th percentile, between two looks."""
    lags = Histogram()
    lags.counts = [now - then for now, then in zip(after, before, strict=True)]
    return lags.quantile(0.99) or 0.0


async def test_everybody_comes_back_when_a_server_dies(
    servers: Cluster, group: dict[str, Any], dice: random.Random, scale: str, tell: Callable[[str], None]
) -> None:
    doomed, refuge, *_ = servers.servers
    before = refuge.log.count(" ERROR ")
    both = [doomed.url, refuge.url]
    async with crowd(servers, devices(group, STORM_DEVICES[scale]), dice, both) as people:
        await people.talk(RATE, RATE)
        lags = (await refuge.insides())["lags"]
        stranded = [client for client in people.clients if client.url == doomed.url]
        begin = time.monotonic()
        await doomed.kill()
        await asyncio.gather(*(client.has_moved(doomed.url, STORM_SECONDS[scale]) for client in stranded))
        took = time.monotonic() - begin
        await people.talk(RATE, RATE)
        await people.converge(10)
        lag = lateness(lags, (await refuge.insides())["lags"])
    await doomed.start()
    back = f"{len(stranded)} of {len(people.clients)} clients were back after {took:.1f} s"
    tell(f"{back}; the loop was late by {lag * 1000:.0f} ms (p99)")
    assert stranded
    assert lag < LAG_SECONDS[scale]
    assert people.verdict() == []
    assert refuge.log.count(" ERROR ") == before
