"""Servers that die at the worst moments: around the commit, the answer and the bus, amid telling and repairing."""

import asyncio
import contextlib
import random
from collections.abc import Callable
from typing import Any

import pytest

from tests.chaos.cluster import Cluster
from tests.chaos.conftest import scenario
from tests.chaos.crashes import POINTS, STATUS
from tests.chaos.crowd import Crowd, crowd

pytestmark = [*scenario, pytest.mark.timeout(3_600)]

CRASHES = {"small": 1, "full": 5, "long": 20}  # at each point
CHANCE = {"small": 0.1, "full": 0.02, "long": 0.01}
RATE = 40
SENDS_BETWEEN = 8
CONVERGES = {"small": 10.0, "full": 5.0, "long": 5.0}
CRASH_SECONDS = 120.0  # its clients come back one by one, and what is said there decides


async def test_a_server_may_die_at_any_point(
    servers: Cluster, group: dict[str, Any], dice: random.Random, scale: str, tell: Callable[[str], None]
) -> None:
    doomed, *_ = servers.servers
    async with crowd(servers, group, dice) as people:
        talking = asyncio.create_task(_talk_on(people))
        for point in POINTS * CRASHES[scale]:
            bus = {"BUS_FAULTS": "lose:0.3"} if point == "in_repair" else {}
            await doomed.restart(CRASH_AT=f"{point}:{CHANCE[scale]}", CHAOS_SEED=str(dice.random()), **bus)
            status = await doomed.crashed(CRASH_SECONDS)
            assert status == STATUS, f"It did not die at {point}."
        await doomed.start()
        talking.cancel()
        await asyncio.gather(talking, return_exceptions=True)
        await people.are_ready()
        took = await people.converge(CONVERGES[scale])
    tell(f"{people.figures()}; all heard {took:.1f} s after the last crash")
    assert people.verdict() == []
    assert all(f"crashed at {point}" in doomed.log for point in POINTS)


async def _talk_on(people: Crowd) -> None:
    """Talk until cancelled, then wait for the answers. People change places: a server that was killed has none."""
    tasks: list[asyncio.Task[Any]] = []
    with contextlib.suppress(asyncio.CancelledError):
        while True:
            tasks += [asyncio.create_task(people.say()) for _ in range(SENDS_BETWEEN)]
            await people.stir()
            await asyncio.sleep(SENDS_BETWEEN / RATE)
    await asyncio.gather(*tasks)
