"""The worker's loop: timers that are due, effects that are due, and no waiting for each other.

It runs inside a server, or in a process of its own, which then tells the servers over the bus what it has committed.
"""

import asyncio
import contextlib
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

from channels.db import database_sync_to_async

from flows import reports, work
from flows.models import FlowEffect
from stoory import events
from stoory.events import Event
from stoory.realtime.bus import Bus
from stoory.realtime.database import database
from stoory.realtime.health import Health
from stoory.realtime.waiting import wait_for
from stoory.times import utc_now

logger = logging.getLogger(__name__)

POLL_SECONDS = 1.0
CALLS_AT_ONCE = 4
STOP_SECONDS = 5.0
ILL_AFTER_SECONDS = 10.0

# Of their own: a provider that hangs must not take the threads from the sockets.
_callers = ThreadPoolExecutor(CALLS_AT_ONCE, thread_name_prefix="provider")

Progress = Callable[[int, int], None]


class Worker:
    """Fires timers, carries out effects, passes events on to a campaign, a second after they are due at the latest."""

    def __init__(self, progress: Progress = lambda timers, effects: None) -> None:
        self.timers = 0
        self.effects = 0
        self._progress = progress
        self._stopping = False
        self._looks = (self._fire_timers, self._call_provider, self._pass_on)
        self._news = [asyncio.Event() for _ in self._looks]
        self._loops: list[asyncio.Task[None]] = []
        self._hands = asyncio.Semaphore(CALLS_AT_ONCE)
        self._calls: set[asyncio.Task[None]] = set()
        self._looked_at = 0.0

    async def start(self) -> None:
        """Begin to look for work."""
        self._stopping = False
        self._looked_at = time.monotonic()
        self._loops = [
            asyncio.create_task(self._repeat(look, news)) for look, news in zip(self._looks, self._news, strict=True)
        ]

    async def stop(self) -> None:
        """Finish what is under way; a call that takes longer is left to the lease and repeated by another worker."""
        self._stopping = True
        self._wake()
        under_way = {*self._loops, *self._calls}
        if under_way:
            await asyncio.wait(under_way, timeout=STOP_SECONDS)
        for loop in self._loops:
            loop.cancel()
        await asyncio.gather(*self._loops, return_exceptions=True)

    def health(self) -> Health:
        """Return how it is: degraded where it can't look for work. The sockets of its server are none the worse."""
        return Health.OK if time.monotonic() - self._looked_at < ILL_AFTER_SECONDS else Health.DEGRADED

    async def _repeat(self, look: Callable[[], Awaitable[bool]], news: asyncio.Event) -> None:
        """Look for work every second, and at once after there was some."""
        while not self._stopping:
            news.clear()
            try:
                found = await look()
                self._looked_at = time.monotonic()
            except Exception as error:
                logger.warning("The worker could not look for work: %r", error)
                found = False
            if not found:
                await wait_for(news, POLL_SECONDS)

    async def _fire_timers(self) -> bool:
        fired = await database(work.fire_timers)
        if fired:
            self._worked(timers=fired)
        return fired > 0

    async def _call_provider(self) -> bool:
        """Have one effect carried out as soon as a hand is free; return whether there was one."""
        await self._hands.acquire()
        effect = None
        try:
            effect = await database(work.lease_effect, utc_now()) if not self._stopping else None
        finally:
            if effect is None:
                self._hands.release()
        if effect is None:
            return False
        call = asyncio.create_task(self._carry_out(effect))
        self._calls.add(call)
        call.add_done_callback(self._calls.discard)
        return True

    async def _pass_on(self) -> bool:
        return await database(reports.pass_on)

    async def _carry_out(self, effect: FlowEffect) -> None:
        carry_out = database_sync_to_async(work.carry_out, thread_sensitive=False, executor=_callers)
        try:
            await carry_out(effect)
        except Exception as error:
            logger.warning("The outcome of %s is not recorded, and it will be repeated: %r", effect.key, error)
        finally:
            self._hands.release()
            self._worked(effects=1)

    def _worked(self, *, timers: int = 0, effects: int = 0) -> None:
        """Note what was done. It may have led to more, so that both look again."""
        self.timers += timers
        self.effects += effects
        self._progress(self.timers, self.effects)
        self._wake()

    def _wake(self) -> None:
        for news in self._news:
            news.set()


async def work_alone(worker: Worker, stopping: asyncio.Event) -> None:
    """Work in a process without sockets until it is to stop."""
    async with telling_servers():
        await worker.start()
        await stopping.wait()
        await worker.stop()


async def work_once(progress: Progress) -> None:
    """Do what is due, and what becomes due by it, in a process without sockets."""
    async with telling_servers():
        await database(work.work_off, progress)


@contextlib.asynccontextmanager
async def telling_servers() -> AsyncIterator[None]:
    """Put on the bus what threads of this process commit, for the servers to deliver at once."""
    loop, bus = asyncio.get_running_loop(), Bus(lambda heard: None, lambda conversation_id: False)

    def committed(told: Sequence[Event]) -> None:
        loop.call_soon_threadsafe(bus.publish, told)

    await bus.start()
    events.subscribe(committed)
    try:
        yield
    finally:
        events.unsubscribe(committed)
        await bus.stop()
