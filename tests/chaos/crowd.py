"""A scenario's people at their devices, and the verdict on what became of what they said."""

import asyncio
import contextlib
import random
from collections.abc import AsyncIterator, Sequence
from typing import Any

from tests.chaos.checker import Violation, answers, check, delays, percentile
from tests.chaos.clients import Client, at_pace
from tests.chaos.cluster import Cluster
from tests.chaos.history import History, Operation, Stay, Stored

READY_SECONDS = 30.0
GLANCE_SECONDS = 0.1


class Crowd:
    """A client for each of a group's people, and one for the outsider, who tries to hear everything."""

    def __init__(
        self, cluster: Cluster, group: dict[str, Any], dice: random.Random, urls: Sequence[str] | None = None
    ) -> None:
        channels: dict[str, list[str]] = group["channels"]
        self.channels = channels
        self.history = History(
            stays=[Stay(user=user, conversation=place) for place, members in channels.items() for user in members]
        )
        self._cluster = cluster
        self._dice = dice
        where = urls or cluster.urls
        self.clients = [
            Client(person, _places(person, channels), where, self.history, dice, syncs=number % 2 == 1)
            for number, person in enumerate(group["people"])
        ]
        self.outsider = Client(group["outsider"], [], where, self.history, dice)

    async def arrive(self) -> None:
        """Connect everybody; the outsider knocks at every door."""
        for client in (*self.clients, self.outsider):
            client.start()
        await self.are_ready()
        for channel in self.channels:
            refused = await self.outsider.ask("chat:join", {"conversationId": channel, "afterSeq": 0})
            assert not refused["ok"], "The outsider was let in."

    async def are_ready(self) -> None:
        """Wait until everybody is connected and has caught up."""
        async with asyncio.timeout(READY_SECONDS):
            await asyncio.gather(*(client.is_ready.wait() for client in (*self.clients, self.outsider)))

    async def leave(self) -> None:
        """Disconnect everybody."""
        await asyncio.gather(*(client.stop() for client in (*self.clients, self.outsider)))

    async def talk(self, count: int, rate: float, text: str = "Hello") -> list[Operation]:
        """Say `count` things, `rate` a second, each by anybody anywhere; return them when all are answered."""
        return await at_pace(rate, count, lambda: self.say(text))

    async def say(self, text: str = "Hello") -> Operation:
        """Have somebody say something somewhere."""
        client = self._dice.choice([client for client in self.clients if client.conversations])
        return await client.send(self._dice.choice(client.conversations), text)

    async def stir(self) -> None:
        """Have somebody lose the connection; they come back on any server."""
        await self._dice.choice(self.clients).drop()

    async def converge(self, seconds: float) -> float:
        """Wait until everybody has heard everything, `seconds` at most; return how long it took."""
        logs = self.stored().logs
        loop = asyncio.get_running_loop()
        begin = loop.time()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while not self._has_heard(logs):
                    await asyncio.sleep(GLANCE_SECONDS)
        return loop.time() - begin

    def _has_heard(self, logs: dict[str, list[int]]) -> bool:
        return all(
            client.place(place) >= len(logs.get(place, ())) for client in self.clients for place in client.conversations
        )

    def stored(self) -> Stored:
        """Return what the database holds of this scenario."""
        return self._cluster.stored(set(self.channels))

    def verdict(self) -> list[Violation]:
        """Return every broken promise."""
        return check(self.history, self.stored())

    def figures(self) -> str:
        """Return how much was said and heard, and how long it took."""
        sends, late, waited = self.history.operations, delays(self.history, self.stored()), answers(self.history)
        attempts = sum(send.attempts for send in sends)
        connections = sum(client.connections for client in self.clients)
        return (
            f"{len(sends)} sends in {attempts} attempts, {len(self.history.heard)} events heard on {connections} "
            f"connections of {len(self.clients)} clients; answered after {_spread(waited)}, heard after {_spread(late)}"
        )


def _spread(seconds: list[float]) -> str:
    return " / ".join(f"{percentile(seconds, share) * 1000:.0f}" for share in (0.5, 0.99, 1)) + " ms (p50 / p99 / max)"


def _places(person: dict[str, str], channels: dict[str, list[str]]) -> list[str]:
    return [place for place, members in channels.items() if person["id"] in members]


@contextlib.asynccontextmanager
async def crowd(
    cluster: Cluster, group: dict[str, Any], dice: random.Random, urls: Sequence[str] | None = None
) -> AsyncIterator[Crowd]:
    """Yield a group's people, connected."""
    people = Crowd(cluster, group, dice, urls)
    try:
        await people.arrive()
        yield people
    finally:
        await people.leave()
