"""Three servers on PostgreSQL and Valkey, all of which are killed, held still and cut off while people talk."""

import asyncio
import random
from collections.abc import Callable
from typing import Any, NamedTuple

import pytest

from tests.chaos.cluster import Cluster
from tests.chaos.conftest import scenario
from tests.chaos.crowd import crowd
from tests.chaos.faults import Fault, Faults

pytestmark = scenario


class Numbers(NamedTuple):
    """How much is said, and how much goes wrong."""

    sends: int
    rate: float
    kills: int
    outages: tuple[float, ...]
    crashes: int
    holds: int
    pause: float
    converges: float


NUMBERS = {
    "small": Numbers(500, 20, 3, (0.2, 3), 1, 1, pause=0.5, converges=15),
    "full": Numbers(6_000, 50, 10, (0.2, 3, 10), 2, 2, pause=3, converges=5),
    "long": Numbers(100_000, 60, 100, (0.2, 3, 10, 1) * 5, 10, 10, pause=8, converges=5),
}


def faults_of(numbers: Numbers, faults: Faults) -> list[Fault]:
    return [
        *[faults.kill_a_server] * numbers.kills,
        *[faults.restart_valkey(seconds) for seconds in numbers.outages],
        *[faults.crash_postgres] * numbers.crashes,
        *[faults.hold_a_server(5 if numbers.pause > 1 else 2)] * numbers.holds,
        faults.break_the_bus,
    ]


@pytest.mark.timeout(3_600)
async def test_nothing_is_lost_doubled_or_reordered(
    servers: Cluster, group: dict[str, Any], dice: random.Random, scale: str, tell: Callable[[str], None]
) -> None:
    numbers = NUMBERS[scale]
    faults = Faults(servers, dice)
    async with crowd(servers, group, dice) as people:
        talking = asyncio.create_task(people.talk(numbers.sends, numbers.rate))
        await faults.in_turn(faults_of(numbers, faults), numbers.pause)
        took = await people.converge(numbers.converges)
        await talking
        await people.are_ready()
        await people.converge(numbers.converges)
    tell(f"{people.figures()}; all heard {took:.1f} s after the last fault")
    assert people.verdict() == []
    assert took < numbers.converges
