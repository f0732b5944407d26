"""From events to sockets: every event once, in the log's order, translated by every contract, to this server's rooms.

Events come from here (the lane, REST, the admin) and over the bus; what neither brought is read from the log.
Delivering never awaits, so what one socket hears is never interleaved by another event.
"""

import asyncio
import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime, timedelta

from django.conf import settings

from conversations.events import ConversationCreated, MemberAdded, MemberRemoved
from conversations.selectors import Membership, memberships, participants_among, removals
from messaging.events import MessageSent
from messaging.selectors import events_between
from stoory.events import Event
from stoory.queries import database_time
from stoory.realtime import packets
from stoory.realtime.contracts import CONTRACTS
from stoory.realtime.contracts.base import (
    Audience,
    Contract,
    Emit,
    PersonalEmit,
    ToParticipants,
    ToPeers,
    ToRoom,
    ToUser,
)
from stoory.realtime.database import database
from stoory.realtime.events import PresenceChanged, Typing
from stoory.realtime.personal import PersonalEmits
from stoory.realtime.positions import Positions
from stoory.realtime.ring import Ring
from stoory.realtime.rooms import Rooms
from stoory.realtime.roster import Roster
from stoory.realtime.sessions import Session, Sessions
from stoory.realtime.told import Told
from stoory.realtime.trace import Record, Trace

logger = logging.getLogger(__name__)

HOLE_PATIENCE_SECONDS = 0.05  # what the bus brings out of order is mostly there by then
UNHEALTHY_REPAIR_SECONDS = 1.0
FILL_PAGE = 500
CLOCK_MARGIN = timedelta(minutes=10)  # by which a server's clock, which dates the log's entries, may be wrong
COMMIT_MARGIN = timedelta(seconds=30)  # that a commit may come after the time it has noted; they take milliseconds

EPHEMERAL = (Typing, PresenceChanged)  # what a socket that lags behind goes without

Push = Callable[[Session, packets.Frame], None]


class Relay:
    """Delivers events to the sockets of this server."""

    def __init__(self, sessions: Sessions, rooms: Rooms, roster: Roster, push: Push, trace: Trace) -> None:
        self.positions = Positions()
        self.recent = Ring(settings.RING_EVENTS)
        self._sessions = sessions
        self._rooms = rooms
        self._roster = roster
        self._push = push
        self.told = Told()
        self.holes = self.read = self.looks = self.failed_looks = 0
        self._trace = trace
        self._personal = PersonalEmits(sessions, roster, push, self.told)
        self._unread: dict[str, int] = {}  # logs that could not be read, and how far that was wanted
        self._filling: set[str] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    # Deliver

    def accept(self, events: Iterable[Event]) -> None:
        """Take events in, from wherever, and deliver those whose turn it is."""
        for event in events:
            self._note_members(event)
            if event.seq == 0:
                self._deliver(event)
                continue
            for ready in self.positions.accept(event):
                self._deliver(ready)
            if self.positions.hole(event.conversation_id):
                self._fill_soon(event.conversation_id)

    def follow(self, places: Iterable[Membership]) -> None:
        """Note conversations of a user of this server; they are delivered from here on.

        Not those that the user was taken out of since they were read.
        """
        for place in places:
            if self._roster.add(place.conversation_id, place.user_id, place.role, place.acl_version):
                self.positions.follow(place.conversation_id, place.last_seq)

    def abandon(self, conversation_ids: Iterable[str]) -> None:
        """Forget conversations in which nobody here takes part any more."""
        for conversation_id in conversation_ids:
            self.positions.forget(conversation_id)

    def _note_members(self, event: Event) -> None:
        match event:
            case ConversationCreated():
                joined, acl_version = event.participants, 0
            case MemberAdded():
                joined, acl_version = {event.user_id: event.role}, event.acl_version
            case _:
                return
        for user_id, role in joined.items():
            if self._roster.add(event.conversation_id, user_id, role, acl_version):
                self.positions.follow(event.conversation_id, max(0, event.seq - 1))

    def recall(self, conversation_id: str, after_seq: int) -> Sequence[Event] | None:
        """Return all that was delivered here after `after_seq`, whoever may see it; None if only the log knows."""
        delivered = self.positions.delivered(conversation_id)
        return None if delivered is None else self.recent.between(conversation_id, after_seq, delivered)

    def _deliver(self, event: Event) -> None:
        if event.seq:
            self.recent.add(event)
        record = self._trace.delivering(event) if isinstance(event, MessageSent) else None
        for contract in CONTRACTS:
            if not self._sessions.are_heeded((contract.name, *contract.tells)):
                continue  # where all have named their contracts, the others' payloads are not even made
            try:
                for emit in contract.outbound(event):
                    if isinstance(emit, PersonalEmit):
                        self._personal.emit(emit)
                    else:
                        self._emit(contract, emit, event, record)
            except Exception:
                logger.exception("The %s contract can't tell %s", contract.name, type(event).__name__)
        if isinstance(event, MemberRemoved):
            self._expel(event.conversation_id, event.user_id, event.acl_version)

    def _expel(self, conversation_id: str, user_id: str, acl_version: int) -> None:
        """Take somebody's sockets out of a conversation: what is behind this place of its log is not for them.

        Events are delivered in the log's order, so nothing behind it has been told, whether or not the bus brought it.
        """
        if not self._roster.remove(conversation_id, user_id, acl_version):
            return
        for session in self._sessions.of_user(user_id):
            for contract in CONTRACTS:
                self._rooms.leave(session, session.joined.pop((contract.name, conversation_id), ()))
        if conversation_id not in self._roster:
            self.positions.forget(conversation_id)

    def _emit(self, contract: Contract, emit: Emit, event: Event, record: Record | None) -> None:
        is_ephemeral = isinstance(event, EPHEMERAL)
        frames: dict[str, packets.Frame] = {}
        deliveries = 0
        audience: Iterable[Session] = self._audience(contract, emit.to)
        if record is not None:
            audience = list(audience)
            record.emitted(emit.name, audience)
        for session in audience:
            frame = frames.get(session.namespace)
            if frame is None:
                frame = packets.event(session.namespace, emit.name, emit.payload, is_ephemeral=is_ephemeral)
                frames[session.namespace] = frame
            push = session.connection.push
            push(frame)
            deliveries += 1
        if deliveries:
            self.told.note(emit.name, deliveries)
        if logger.isEnabledFor(logging.INFO):
            about = {"conversation_id": event.conversation_id, "seq": event.seq} if event.seq else {}
            for whom in self._named(emit.to):
                logger.info("[EMIT] %s -> %s", emit.name, whom, extra={"deliveries": deliveries} | about)

    def _audience(self, contract: Contract, to: Audience) -> Iterator[Session]:
        match to:
            case ToRoom():
                for session in self._rooms.members(to.room).values():
                    if session.user_id != to.but_user:
                        yield session
            case ToUser():
                yield from self._listeners(contract, to.user_id)
            case ToParticipants():
                for user_id in self._roster.addressed(to.conversation_id, role=to.role, but_user=to.but_user):
                    yield from self._listeners(contract, user_id)
            case ToPeers():
                for user_id in self._roster.peers(to.user_id, to.conversation_ids):
                    yield from self._listeners(contract, user_id)

    def _listeners(self, contract: Contract, user_id: str) -> Iterator[Session]:
        for session in self._sessions.of_user(user_id):
            if session.listens_to(contract.name):
                yield session

    def _named(self, to: Audience) -> Iterator[str]:
        if isinstance(to, ToParticipants):
            users = self._roster.addressed(to.conversation_id, role=to.role, but_user=to.but_user)
            yield from (str(ToUser(user_id)) for user_id in users)
        else:
            yield str(to)

    # Repair

    async def repair(self, is_bus_healthy: Callable[[], bool]) -> None:
        """For ever, every few seconds: deliver from the log what neither the bus nor a commit here has brought."""
        looked_at: datetime | None = None
        while True:
            try:
                now = await database(database_time)
                await self._catch_up((looked_at or now) - COMMIT_MARGIN)
                self.looks += 1
                looked_at = now  # only what was looked at need not be looked at again
            except Exception as error:
                self.failed_looks += 1
                logger.warning("Could not look for missed events: %r", error)
            await asyncio.sleep(settings.REPAIR_SECONDS if is_bus_healthy() else UNHEALTHY_REPAIR_SECONDS)

    async def _catch_up(self, since: datetime) -> None:
        users = list(self._roster.users())
        moved = await database(memberships, users, since=since) if users else []
        for place in moved:
            self._notice(place)
        removed = await database(removals, since - CLOCK_MARGIN) if users else []
        behind = self._unread | {place.conversation_id: place.last_seq for place in moved}
        self._unread = {}
        for conversation_id, seq in (*behind.items(), *removed):
            await self._try_to_fill(conversation_id, seq)

    async def _try_to_fill(self, conversation_id: str, up_to: int) -> None:
        """Deliver from the log; one that can't be read holds up no other, and is read again at the next look."""
        try:
            await self._fill(conversation_id, up_to)
        except Exception as error:
            self._unread[conversation_id] = max(up_to, self._unread.get(conversation_id, 0))
            logger.warning("Could not read the log of %s: %r", conversation_id, error)

    def _notice(self, place: Membership) -> None:
        """Follow a conversation that a user joined unheard by this server, from where they joined it."""
        if self._roster.role(place.conversation_id, place.user_id) is not None:
            return
        if self._roster.add(place.conversation_id, place.user_id, place.role, place.acl_version):
            self.positions.follow(place.conversation_id, place.joined_seq)

    def catch_up_soon(self, conversation_id: str, last_seq: int) -> None:
        """Deliver up to `last_seq`, which somebody has seen in the log, unless it comes by itself in a moment."""
        delivered = self.positions.delivered(conversation_id)
        if delivered is not None and delivered < last_seq:
            self._fill_soon(conversation_id, last_seq)

    def _fill_soon(self, conversation_id: str, last_seq: int = 0) -> None:
        if conversation_id not in self._filling:
            self._filling.add(conversation_id)
            self.holes += 1
            task = asyncio.create_task(self._fill_later(conversation_id, last_seq))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _fill_later(self, conversation_id: str, last_seq: int) -> None:
        try:
            await asyncio.sleep(HOLE_PATIENCE_SECONDS)
            while hole := self.positions.hole(conversation_id):
                await self._fill(conversation_id, hole[1] - 1)
            await self._fill(conversation_id, last_seq)
        except Exception as error:
            logger.warning("Could not fill a hole in %s: %r", conversation_id, error)
        finally:
            self._filling.discard(conversation_id)

    async def _fill(self, conversation_id: str, up_to: int) -> None:
        while (delivered := self.positions.delivered(conversation_id)) is not None and delivered < up_to:
            end = min(up_to, delivered + FILL_PAGE)
            missed = await database(events_between, conversation_id, delivered, end)
            self.read += len(missed)
            about = {"conversation_id": conversation_id}
            logger.info("Read %d events of %s from the log", len(missed), conversation_id, extra=about)
            self._deliver_in_turn(missed)
            if len(missed) < end - delivered:
                await self._review(conversation_id)
            if self.positions.delivered(conversation_id) is not None:
                for ready in self.positions.skip_to(conversation_id, end):
                    self._deliver(ready)

    async def _review(self, conversation_id: str) -> None:
        """Look who takes part: what the log no longer has may have been their removal."""
        known = dict(self._roster.members(conversation_id))
        present = await database(participants_among, conversation_id, list(known))
        for user_id, member in known.items():
            if user_id not in present:
                self._expel(conversation_id, user_id, member.acl_version + 1)

    def _deliver_in_turn(self, events: Sequence[Event]) -> None:
        for event in events:
            for ready in self.positions.accept(event):
                self._deliver(ready)
