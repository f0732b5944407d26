"""What goes wrong with a cluster, one thing after another, by a dice."""

import asyncio
import random
from collections.abc import Awaitable, Callable, Sequence

from tests.chaos.cluster import Cluster, ServerProcess

Fault = Callable[[], Awaitable[None]]


class Faults:
    """The faults of a cluster. Each is over when it returns."""

    def __init__(self, cluster: Cluster, dice: random.Random) -> None:
        self._cluster = cluster
        self._dice = dice

    def a_server(self) -> ServerProcess:
        """Return one of the servers."""
        return self._dice.choice(self._cluster.servers)

    async def kill_a_server(self) -> None:
        """Kill a server and start it again."""
        await self.a_server().restart()

    def hold_a_server(self, seconds: float) -> Fault:
        """Return the fault that a server is held still."""

        async def hold() -> None:
            server = self.a_server()
            server.suspend()
            await asyncio.sleep(seconds)
            server.resume()

        return hold

    def restart_valkey(self, seconds: float) -> Fault:
        """Return the fault that Valkey is away for a time."""

        async def restart() -> None:
            assert self._cluster.valkey is not None
            self._cluster.valkey.kill()
            await asyncio.sleep(seconds)
            await asyncio.to_thread(self._cluster.valkey.start)

        return restart

    async def break_the_bus(self) -> None:
        """Break every connection to Valkey."""
        assert self._cluster.bus is not None
        self._cluster.bus.reset()

    async def crash_postgres(self) -> None:
        """Crash PostgreSQL and start it again."""
        assert self._cluster.postgres is not None
        postgres = self._cluster.postgres
        await asyncio.to_thread(postgres.kill)
        await asyncio.to_thread(postgres.start)

    async def in_turn(self, faults: Sequence[Fault], pause: float) -> None:
        """Let all of them happen, in an order by the dice, with a pause of about so many seconds before each."""
        for fault in self._dice.sample(faults, len(faults)):
            await asyncio.sleep(pause * (0.5 + self._dice.random()))
            await fault()
