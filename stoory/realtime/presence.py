"""Who is here: stored in batches under this server's lease, and told to everyone when it makes a difference.

One task compares who is here with what the database knows of it, and settles the difference: thousands of sockets that
come or go at once are a few transactions, and what failed is settled by the next comparison.
"""

import asyncio
import logging
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import islice
from typing import TypeVar

import msgspec
from django.conf import settings

from conversations.selectors import recent_conversations
from stoory.accounts import presence
from stoory.accounts.presence import LEASE, Departure
from stoory.events import Event
from stoory.realtime.database import database
from stoory.realtime.events import PresenceChanged
from stoory.realtime.timetable import Deadline, Timetable
from stoory.realtime.waiting import wait_for
from stoory.times import utc_now

logger = logging.getLogger(__name__)

HEARTBEAT_SECONDS = 4.0
FLUSH_SECONDS = 0.15
RETRY_SECONDS = 1.0
MAX_BATCH = 500
CONVERSATIONS_TOLD = 1_000
PEERS_TOLD = 100  # members of a channel: in a larger one nobody is told who comes and goes

Item = TypeVar("Item")
Tell = Callable[[Sequence[Event]], None]


class Presence:
    """The users of this server: here from their first socket until a while after their last one.

    `wake` is called where the server was suspended until its lease was taken: its clients have long been told of as
    offline, or gone elsewhere. A database that was away takes leases as well, and closes nobody's socket.
    """

    def __init__(self, server_id: str, tell: Tell, wake: Callable[[], None]) -> None:
        self._server_id = server_id
        self._tell = tell
        self._wake = wake
        self._looked_at = time.monotonic()
        self._here: set[str] = set()
        self._stored: set[str] | None = None  # as the database has it; None where that is not known
        self._timetable = Timetable()
        self._leaving: dict[str, Deadline] = {}
        self._doubted: dict[str, PresenceChanged] = {}
        self._changed = asyncio.Event()
        self._stopping = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._next_beat = 0.0

    @property
    def here(self) -> int:
        """How many users count as online by this server."""
        return len(self._here)

    async def start(self) -> None:
        """Take the lease, and keep it."""
        self._stopping.clear()
        self._next_beat = 0.0
        self._looked_at = time.monotonic()
        self._task = asyncio.create_task(self._run())

    async def stop(self) -> None:
        """Give the lease back and tell who went offline by it."""
        self._stopping.set()
        self._changed.set()
        if self._task is not None:
            await asyncio.wait([self._task])
        for timer in self._leaving.values():
            timer.cancel()
        self._leaving.clear()
        self._here.clear()
        try:
            await self._publish(await database(_forget, self._server_id))
        except Exception as error:
            logger.warning("The server's lease could not be given back and will expire: %r", error)

    def arrived(self, user_id: str) -> None:
        """Note that a user has a socket here."""
        timer = self._leaving.pop(user_id, None)
        if timer is not None:
            timer.cancel()
        self._here.add(user_id)
        self._changed.set()

    def departed(self, user_id: str) -> None:
        """Note that a user's last socket has gone; one that comes back within the grace has never been away."""
        if user_id in self._here and user_id not in self._leaving:
            self._leaving[user_id] = self._timetable.after(settings.PRESENCE_GRACE_SECONDS, self._leave, user_id)

    def heard(self, events: Iterable[Event]) -> None:
        """Doubt another server that tells of a user of this one's as offline.

        It was right when it looked, and its word was overtaken by the user's arrival here; or this server's lease is
        lost.
        """
        for event in events:
            if isinstance(event, PresenceChanged) and not event.online and event.user_id in self._here:
                self._doubted[event.user_id] = event
                self._changed.set()

    def _leave(self, user_id: str) -> None:
        del self._leaving[user_id]
        self._here.discard(user_id)
        self._changed.set()

    async def _run(self) -> None:
        while not self._stopping.is_set():
            self._changed.clear()
            settled = await self._attempt()
            await wait_for(self._stopping, FLUSH_SECONDS if settled else RETRY_SECONDS)
            if settled:
                await wait_for(self._changed, self._next_beat - time.monotonic())

    async def _attempt(self) -> bool:
        try:
            if time.monotonic() >= self._next_beat:
                await self._beat()
            await self._settle()
        except Exception as error:
            logger.warning("Presence could not be stored: %r", error)
            self._stored = None
            self._next_beat = 0.0
            return False
        finally:
            self._looked_at = time.monotonic()
        return True

    async def _beat(self) -> None:
        slept = time.monotonic() - self._looked_at
        if not await database(presence.beat, self._server_id):
            self._stored = set()
            if slept > LEASE.total_seconds():
                logger.warning(
                    "This server was suspended for %.0f s, and its lease taken: its sockets are closed", slept
                )
                self._wake()
        self._next_beat = time.monotonic() + HEARTBEAT_SECONDS
        await self._publish(await database(_sweep))

    async def _settle(self) -> None:
        if self._stored is None or self._doubted:
            self._stored = await database(presence.connected, self._server_id)
        await self._publish(list(self._contradictions(self._stored)))
        for batch in _batches(self._here - self._stored):
            online = await database(_arrive, self._server_id, batch)
            self._stored.update(batch)
            await self._publish(online)
        for batch in _batches(self._stored - self._here):
            offline = await database(_depart, self._server_id, batch)
            self._stored.difference_update(batch)
            await self._publish(offline)

    def _contradictions(self, stored: set[str]) -> Iterator[PresenceChanged]:
        """Return the truth about those who are online and were told of as offline."""
        for user_id, event in self._doubted.items():
            if user_id in self._here and user_id in stored:
                yield msgspec.structs.replace(event, online=True, last_seen=None, at=utc_now())
        self._doubted.clear()

    async def _publish(self, changes: Sequence[PresenceChanged]) -> None:
        """Tell of changes a batch at a time: a dead server's users are many, and the loop has others to serve."""
        for batch in _batches(changes):
            self._tell(batch)
            await asyncio.sleep(0)


def _batches(items: Iterable[Item]) -> Iterator[list[Item]]:
    rest = iter(items)
    while batch := list(islice(rest, MAX_BATCH)):
        yield batch


# In a thread: store, and say what is to be told


def _arrive(server_id: str, user_ids: list[str]) -> list[PresenceChanged]:
    return _changes(dict.fromkeys(presence.arrive(server_id, user_ids)), online=True)


def _depart(server_id: str, user_ids: list[str]) -> list[PresenceChanged]:
    return _offline(presence.depart(server_id, user_ids))


def _sweep() -> list[PresenceChanged]:
    return _offline(presence.sweep())


def _forget(server_id: str) -> list[PresenceChanged]:
    return _offline(presence.forget(server_id))


def _offline(departures: Sequence[Departure]) -> list[PresenceChanged]:
    return _changes(dict(departures), online=False)


def _changes(last_seen: Mapping[str, datetime | None], *, online: bool) -> list[PresenceChanged]:
    conversations = recent_conversations(last_seen, CONVERSATIONS_TOLD, members_up_to=PEERS_TOLD) if last_seen else {}
    now = utc_now()
    return [
        PresenceChanged(
            at=now,
            user_id=user_id,
            online=online,
            last_seen=moment,
            conversation_ids=conversations.get(user_id, []),
        )
        for user_id, moment in last_seen.items()
    ]
