"""Valkey away, hung, cut off; envelopes lost, doubled and late: sends go on, and everybody hears all, in order."""

import asyncio
import random
import time
from collections.abc import Callable
from typing import Any

import pytest

from tests.chaos.checker import answers, delays, percentile
from tests.chaos.cluster import Cluster
from tests.chaos.conftest import scenario
from tests.chaos.crowd import Crowd, crowd

pytestmark = [*scenario, pytest.mark.timeout(300)]

AWAY_SECONDS = {"small": 5, "full": 60, "long": 60}
HUNG_SECONDS = {"small": 4, "full": 20, "long": 20}
RATE = {"small": 20, "full": 50, "long": 50}
ANSWER_SECONDS = {"small": 2.0, "full": 0.5, "long": 0.5}  # small ones share the machine with other tests
DELAY_SECONDS = {"small": 10.0, "full": 5.0, "long": 5.0}
FAULTS = "lose:0.2,double:0.1,delay:0.1"


async def talk_through(people: Crowd, seconds: float, scale: str) -> tuple[float, float]:
    """Talk for a time; return the 99th percentiles of how long answers and events took meanwhile."""
    begin = time.time()
    await people.talk(int(seconds * RATE[scale]), RATE[scale])
    await people.converge(DELAY_SECONDS[scale])
    waited, late = answers(people.history, since=begin), delays(people.history, people.stored(), since=begin)
    return percentile(waited, 0.99), percentile(late, 0.99)


async def test_sends_go_on_while_valkey_is_away(
    servers: Cluster, group: dict[str, Any], dice: random.Random, scale: str, tell: Callable[[str], None]
) -> None:
    assert servers.valkey is not None
    async with crowd(servers, group, dice) as people:
        servers.valkey.kill()
        waited, late = await talk_through(people, AWAY_SECONDS[scale], scale)
        await asyncio.to_thread(servers.valkey.start)
        await talk_through(people, 2, scale)
    tell(people.figures())
    assert people.verdict() == []
    assert waited < ANSWER_SECONDS[scale]
    assert late < DELAY_SECONDS[scale]


@pytest.mark.parametrize("how", ["held still", "cut off"])
async def test_sends_go_on_while_valkey_hangs(
    servers: Cluster, group: dict[str, Any], dice: random.Random, scale: str, how: str, tell: Callable[[str], None]
) -> None:
    assert servers.valkey is not None
    assert servers.bus is not None
    async with crowd(servers, group, dice) as people:
        if how == "held still":
            servers.valkey.suspend()
        else:
            servers.bus.is_black_hole = True
        waited, late = await talk_through(people, HUNG_SECONDS[scale], scale)
        servers.valkey.resume()
        servers.bus.heal()
        await talk_through(people, 1, scale)
    tell(people.figures())
    assert people.verdict() == []
    assert waited < 2
    assert late < DELAY_SECONDS[scale]


async def test_what_the_bus_loses_doubles_and_delays_is_heard_once_and_in_order(
    servers: Cluster, group: dict[str, Any], dice: random.Random, scale: str, tell: Callable[[str], None]
) -> None:
    await servers.restart(BUS_FAULTS=FAULTS, CHAOS_SEED=str(dice.random()))
    async with crowd(servers, group, dice) as people:
        _, late = await talk_through(people, AWAY_SECONDS[scale], scale)
    tell(people.figures())
    await servers.restart()
    assert people.verdict() == []
    assert late < DELAY_SECONDS[scale]
