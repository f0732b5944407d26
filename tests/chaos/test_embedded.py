"""One process on SQLite, killed again and again: it keeps the same promises."""

import asyncio
import random
from collections.abc import Callable

import pytest

from tests.chaos.cluster import embedded
from tests.chaos.conftest import SIZES
from tests.chaos.crowd import crowd

pytestmark = [pytest.mark.once, pytest.mark.slow, pytest.mark.timeout(300)]

SENDS = {"small": 300, "full": 4_000, "long": 4_000}
RATE = {"small": 30, "full": 50, "long": 50}
KILLS = {"small": 2, "full": 10, "long": 10}


async def test_killing_it_loses_and_doubles_nothing(
    dice: random.Random, scale: str, tell: Callable[[str], None]
) -> None:
    users, channels, members = SIZES["small" if scale == "small" else "full"]
    async with embedded() as servers:
        [group] = await servers.people(1, users, channels, members)
        await servers.start()
        async with crowd(servers, group, dice) as people:
            talking = asyncio.create_task(people.talk(SENDS[scale], RATE[scale]))
            for _ in range(KILLS[scale]):
                await asyncio.sleep(SENDS[scale] / RATE[scale] / (KILLS[scale] + 1) * (0.5 + dice.random()))
                await servers.servers[0].restart()
            await talking
            await people.are_ready()
            await people.converge(10)
        tell(people.figures())
        assert people.verdict() == []
        assert "database is locked" not in servers.servers[0].log
