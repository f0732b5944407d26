"""PostgreSQL away, or refusing to write: nothing is acknowledged that is not stored, and no server needs a restart."""

import asyncio
import random
import time
from collections.abc import Callable
from typing import Any

import psycopg
import pytest

from tests.chaos.checker import answers
from tests.chaos.cluster import Cluster
from tests.chaos.conftest import scenario
from tests.chaos.crowd import crowd

pytestmark = [*scenario, pytest.mark.timeout(300)]

AWAY_SECONDS = {"small": 4, "full": 15, "long": 15}
RATE = {"small": 20, "full": 50, "long": 50}
RECOVERY_SECONDS = {"small": 10.0, "full": 3.0, "long": 3.0}


async def test_it_comes_back_by_itself_when_postgres_does(
    servers: Cluster, group: dict[str, Any], dice: random.Random, scale: str, tell: Callable[[str], None]
) -> None:
    assert servers.postgres is not None
    pids = [server.pid for server in servers.servers]
    async with crowd(servers, group, dice) as people:
        talking = asyncio.create_task(people.talk(RATE[scale] * (AWAY_SECONDS[scale] + 2), RATE[scale]))
        await asyncio.sleep(1)
        await asyncio.to_thread(servers.postgres.kill)
        await asyncio.sleep(AWAY_SECONDS[scale])
        await asyncio.to_thread(servers.postgres.start)
        back_at = time.time()
        await people.are_ready()
        took = time.time() - back_at
        await talking
        await people.talk(RATE[scale], RATE[scale])
        await people.converge(RECOVERY_SECONDS[scale])
    tell(f"{people.figures()}; all were connected {took:.1f} s after it was back")
    assert people.verdict() == []
    assert took < RECOVERY_SECONDS[scale]
    assert pids == [server.pid for server in servers.servers]
    first = min(send.ended for send in people.history.operations if send.ended is not None and send.ended > back_at)
    assert first - back_at < RECOVERY_SECONDS[scale]
    assert answers(people.history, since=back_at)


async def test_a_database_that_takes_no_writes_is_said_so_and_survived(
    servers: Cluster, group: dict[str, Any], dice: random.Random, scale: str
) -> None:
    assert servers.postgres is not None
    async with crowd(servers, group, dice) as people:
        for value, outcome in (("on", "fail"), ("off", "ok")):
            _set_read_only(servers.postgres.url, value)
            async with asyncio.timeout(RECOVERY_SECONDS[scale]):
                while {send.outcome for send in await people.talk(20, RATE[scale])} != {outcome}:
                    pass
        await people.converge(RECOVERY_SECONDS[scale])
    assert people.verdict() == []


def _set_read_only(url: str, value: str) -> None:
    """Have all open and new connections refuse to write, or allow it again."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f"ALTER SYSTEM SET default_transaction_read_only = {value}")
        connection.execute("SELECT pg_reload_conf()")
