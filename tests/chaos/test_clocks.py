"""Servers whose clocks are minutes apart: order, repair and catching up go by numbers, and by the database's clock."""

import asyncio
import random
from collections.abc import Callable
from typing import Any

import pytest

from tests.chaos.cluster import Cluster
from tests.chaos.conftest import scenario
from tests.chaos.crowd import crowd

pytestmark = [*scenario, pytest.mark.timeout(180)]

SKEWS = ("300", "-300", "0")
SENDS = {"small": 60, "full": 1_000}
CONVERGES = 10.0


async def test_clocks_minutes_apart_change_nothing(
    servers: Cluster, group: dict[str, Any], dice: random.Random, scale: str, tell: Callable[[str], None]
) -> None:
    alone = {"BUS_FAULTS": "lose:1"}  # with what repair finds
    skewed = zip(servers.servers, SKEWS, strict=True)
    await asyncio.gather(*(server.restart(CLOCK_SKEW=skew, **alone) for server, skew in skewed))
    async with crowd(servers, group, dice) as people:
        await people.talk(SENDS.get(scale, 1_000), 20)
        took = await people.converge(CONVERGES)
    await servers.restart()
    tell(f"{people.figures()}; all heard {took:.1f} s after the last word")
    assert people.verdict() == []
