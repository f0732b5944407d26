"""Group commit: the sends that arrive while one transaction runs are the next transaction.

A send waits here and not in its socket's reader, so many of one client's may be in flight; they are committed, answered
and broadcast in the order they came. Nothing is delayed: a lone send starts at once.
"""

import asyncio
import logging
import time
from collections import deque
from collections.abc import Callable, Sequence
from typing import Protocol

from django.conf import settings

from messaging.commands import SendMessage
from messaging.sending import Outcome
from stoory.errors import DomainError, RateLimited
from stoory.events import Event
from stoory.metrics import SIZES, Histogram
from stoory.realtime.health import Health

logger = logging.getLogger(__name__)

MAX_BATCH = 200
SLOW_AFTER_SECONDS, STUCK_AFTER_SECONDS = 2.0, 10.0  # that a send waits for its turn
RETRY_SECONDS = 1  # in which a full lane has moved on

Done = Callable[[Outcome | None], None]
"""Told the outcome; None where it is not known whether the message was stored."""


class OutcomeUnknownError(Exception):
    """The connection to the database was lost: a group may have been stored, or not."""


class NotStoredError(Exception):
    """The database could not be reached: nothing of a group is stored."""


class Sender(Protocol):
    """Stores a group of sends in one transaction."""

    async def send(self, commands: Sequence[SendMessage]) -> list[Outcome]:
        """Return an outcome a command, in their order; raises `OutcomeUnknownError` and `NotStoredError`."""

    async def close(self) -> None:
        """Give back what it holds."""


class Lane:
    """A queue of sends and the task that commits it, group by group."""

    def __init__(
        self, sender: Sender, deliver: Callable[[Event], None], publish: Callable[[Sequence[Event]], None]
    ) -> None:
        self._sender = sender
        self._deliver = deliver
        self._publish = publish
        self._waiting: deque[tuple[SendMessage, Done]] = deque()
        self._arrived = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._stopping = False
        self._since = 0.0  # when what is next in turn began to wait
        self.waits, self.commits, self.sizes = Histogram(), Histogram(), Histogram(SIZES)
        self.unknown = 0

    async def start(self) -> None:
        """Begin to commit."""
        self._task = asyncio.create_task(self._run())

    async def stop(self) -> None:
        """Commit and answer what waits, then stop."""
        self._stopping = True
        self._arrived.set()
        if self._task is not None:
            await self._task
        await self._sender.close()

    @property
    def waiting(self) -> int:
        """How many sends wait."""
        return len(self._waiting)

    def health(self) -> Health:
        """Return how it is: degraded where sends wait long for their turn, failed where they can't hope for one."""
        waited = time.monotonic() - self._since if self._waiting else 0.0
        if waited > STUCK_AFTER_SECONDS:
            return Health.FAILED
        return Health.DEGRADED if waited > SLOW_AFTER_SECONDS else Health.OK

    def check_room(self) -> None:
        """Raise `RateLimited` where as many wait as may."""
        if settings.RATE_LIMITS and len(self._waiting) >= settings.LANE_SIZE:
            raise RateLimited(RETRY_SECONDS)

    def submit(self, command: SendMessage, done: Done) -> None:
        """Have `command` committed with the next group; `done` is called before its event is delivered."""
        if not self._waiting:
            self._since = time.monotonic()
        self._waiting.append((command, done))
        self._arrived.set()

    async def _run(self) -> None:
        while self._waiting or not self._stopping:
            await self._arrived.wait()
            group = [self._waiting.popleft() for _ in range(min(MAX_BATCH, len(self._waiting)))]
            if group:
                began = self._note_wait(len(group))
                outcomes = await self._commit([command for command, _ in group])
                self.commits.observe(time.monotonic() - began)
                self._answer(group, outcomes)
            if not self._waiting and not self._stopping:
                self._arrived.clear()

    def _note_wait(self, size: int) -> float:
        now = time.monotonic()
        self.sizes.observe(size)
        self.waits.observe(now - self._since)
        self._since = now
        return now

    async def _commit(self, commands: Sequence[SendMessage]) -> list[Outcome | None]:
        try:
            return list(await self._sender.send(commands))
        except OutcomeUnknownError as error:
            self.unknown += len(commands)
            logger.error("It is not known whether %d messages were stored: %s", len(commands), error)
            return [None for _ in commands]
        except NotStoredError as error:
            logger.error("%d messages could not be stored: %s", len(commands), error)
            return [DomainError() for _ in commands]
        except Exception:
            if len(commands) > 1:  # one of them breaks the group: each alone
                return [outcome for command in commands for outcome in await self._commit([command])]
            logger.exception("A send failed")
            return [DomainError()]

    def _answer(self, group: Sequence[tuple[SendMessage, Done]], outcomes: Sequence[Outcome | None]) -> None:
        events: list[Event] = []
        for (_, done), outcome in zip(group, outcomes, strict=True):
            try:
                done(outcome)
            except Exception:
                logger.exception("A sender could not be answered")
            if outcome is not None and not isinstance(outcome, DomainError) and outcome.event is not None:
                self._deliver(outcome.event)
                events.append(outcome.event)
        if events:
            self._publish(events)
