"""The courier's loop: looks every second for what is owed, and delivers many conversations side by side.

It runs inside a server, or in a process of its own; any number may. While a hook is under way neither a thread nor a
connection to the database waits with it.
"""

import asyncio
import logging
import time
from collections import Counter
from collections.abc import Callable, Iterator
from typing import ParamSpec, TypeVar

import msgspec

from stoory import metrics
from stoory.metrics import Sample, counted
from stoory.realtime import health
from stoory.realtime.database import database
from stoory.realtime.health import Health
from stoory.realtime.waiting import wait_for
from stoory.webhooks import outbox
from stoory.webhooks.figures import backlog
from stoory.webhooks.outbox import Lease, Parcel
from stoory.webhooks.posting import post
from stoory.webhooks.signatures import signed

logger = logging.getLogger(__name__)

Args = ParamSpec("Args")
Result = TypeVar("Result")

POLL_SECONDS = 1.0
COUNT_SECONDS = 15.0
LOOK_AT_ALL_SECONDS = 300.0
AT_ONCE = 32
THREADS = 2
HOOKS_A_TURN = 50
STOP_SECONDS = 5.0
ILL_AFTER_SECONDS = 10.0


class Courier:
    """Delivers hooks, a second after they are due at the latest, as long as there are hands."""

    def __init__(self) -> None:
        self._is_stopping = False
        self._news = asyncio.Event()
        self._loop: asyncio.Task[None] | None = None
        self._hands = asyncio.Semaphore(AT_ONCE)
        self._threads = asyncio.Semaphore(THREADS)
        self._turns: set[asyncio.Task[None]] = set()
        self._looked_at = self._look_at = self._look_at_all_at = self._count_at = 0.0
        self._outcomes = Counter[str]()
        self._backlog: list[Sample] = []

    async def start(self) -> None:
        """Begin to look; the first look goes through all conversations."""
        self._is_stopping = False
        self._looked_at = time.monotonic()
        self._loop = asyncio.create_task(self._repeat())
        health.watch("webhooks", self.health)
        metrics.watch("webhooks", self.figures)

    async def stop(self) -> None:
        """Finish the hooks under way; one that takes longer is left to its lease, and posted again."""
        self._is_stopping = True
        self._news.set()
        under_way = {*self._turns, *([self._loop] if self._loop else [])}
        if under_way:
            await asyncio.wait(under_way, timeout=STOP_SECONDS)
        for task in under_way:
            task.cancel()
        await asyncio.gather(*under_way, return_exceptions=True)
        self._loop = None
        health.forget("webhooks")
        metrics.forget("webhooks")

    def figures(self) -> Iterator[Sample]:
        """Return what it has posted, and what was due in the whole database when it looked last."""
        yield from counted("stoory_hooks", self._outcomes)
        yield from self._backlog

    def health(self) -> Health:
        """Return how it is: degraded where it can't look for work. The sockets of its server are none the worse."""
        return Health.OK if time.monotonic() - self._looked_at < ILL_AFTER_SECONDS else Health.DEGRADED

    async def deliver_what_is_due(self) -> None:
        """Deliver what is owed now, one by one, and what becomes due by it."""
        await self._ask(outbox.look, everything=True)
        while (turn := await self._claim()) is not None:
            await self._take(turn)

    async def _repeat(self) -> None:
        while not self._is_stopping:
            self._news.clear()
            found = False
            try:
                await self._look()
                found = await self._begin_turn()
                self._looked_at = time.monotonic()
            except Exception as error:
                logger.warning("The courier could not look for work: %r", error)
            if found:
                continue
            await wait_for(self._news, POLL_SECONDS)

    async def _look(self) -> None:
        """Find what is owed, once a second; now and then among all conversations, not only those that moved."""
        now = time.monotonic()
        if now < self._look_at:
            return
        looks_at_all = now >= self._look_at_all_at
        await self._ask(outbox.look, everything=looks_at_all)
        self._look_at = now + POLL_SECONDS
        if looks_at_all:
            self._look_at_all_at = now + LOOK_AT_ALL_SECONDS
        if now >= self._count_at:
            self._backlog = await self._ask(backlog)
            self._count_at = now + COUNT_SECONDS

    async def _begin_turn(self) -> bool:
        """Begin what is due as soon as a hand is free; return whether there was something."""
        await self._hands.acquire()
        turn = None
        try:
            turn = None if self._is_stopping else await self._claim()
        finally:
            if turn is None:
                self._hands.release()
        if turn is None:
            return False
        task = asyncio.create_task(self._carry_out(turn))
        self._turns.add(task)
        task.add_done_callback(self._turns.discard)
        return True

    async def _carry_out(self, turn: Parcel | Lease) -> None:
        try:
            await self._take(turn)
        except Exception as error:
            logger.warning("A turn of the courier was not ended, and will be begun again: %r", error)
        finally:
            self._hands.release()
            self._news.set()  # others may have waited for its endpoint

    async def _take(self, turn: Parcel | Lease) -> None:
        """Send a ping; or of a conversation hook after hook, each when the one before is recorded."""
        if isinstance(turn, Parcel):
            await self._deliver(turn)
            return
        for _ in range(HOOKS_A_TURN):
            parcel = None if self._is_stopping else await self._ask(outbox.next_parcel, turn)
            if parcel is None or not await self._deliver(parcel):
                break
        await self._ask(outbox.yield_turn, turn)

    async def _deliver(self, parcel: Parcel) -> bool:
        """Post a hook and record what came of it; return whether its turn goes on."""
        body = msgspec.json.encode(parcel.hook.body)
        headers = signed(parcel.keys, parcel.hook.id, int(time.time()), body)
        answer = await post(parcel.endpoint.url, headers, body)
        self._outcomes[answer.outcome] += 1
        logger.info("[HOOK] %s %s: %s", parcel.hook.body.type, parcel.hook.id, answer.error or answer.status)
        return await self._ask(outbox.record, parcel, answer)

    async def _claim(self) -> Parcel | Lease | None:
        return await self._ask(outbox.claim_ping) or await self._ask(outbox.claim)

    async def _ask(self, function: Callable[Args, Result], *args: Args.args, **kwargs: Args.kwargs) -> Result:
        """Ask the database, a little at a time: most of its threads are for the sockets."""
        async with self._threads:
            return await database(function, *args, **kwargs)
