"""What a client can want of its own socket: to be known, to join, to leave, to catch up, to be seen typing."""

import logging
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from django.conf import settings

from conversations.commands import JoinChannel
from conversations.errors import ConversationNotFound
from conversations.selectors import Membership, check_follows_campaign, participation
from messaging.selectors import REPLAY_LIMIT, Replay, replay
from stoory import logs
from stoory.auth import Identity
from stoory.commands import execute
from stoory.errors import Forbidden, RateLimited
from stoory.events import Event
from stoory.realtime.charges import Charges
from stoory.realtime.contracts.base import (
    Authenticated,
    Contract,
    Follow,
    Join,
    Joined,
    Leave,
    Message,
    SetTyping,
    SetUserRoom,
    Sync,
    Synced,
    Unfollow,
    as_log_entries,
    heard_in,
)
from stoory.realtime.database import database
from stoory.realtime.events import UserJoined
from stoory.realtime.places import Places
from stoory.realtime.relay import Relay
from stoory.realtime.rooms import Rooms
from stoory.realtime.roster import Roster
from stoory.realtime.sessions import Session, Sessions
from stoory.realtime.typing import TypingIndicators
from stoory.times import utc_now

logger = logging.getLogger(__name__)

SYNC_LIMIT = 500
FULL_RETRY_SECONDS = 60  # in which a client may have left a room


class Requests:
    """Executes requests. Raises `DomainError`s."""

    def __init__(
        self,
        *,
        rooms: Rooms,
        sessions: Sessions,
        roster: Roster,
        relay: Relay,
        typing: TypingIndicators,
        admit: Callable[[Session, Identity, list[Membership]], None],
        tell: Callable[[Sequence[Event]], None],
        charges: Charges,
        places: Places,
    ) -> None:
        self._places = places
        self._rooms = rooms
        self._sessions = sessions
        self._roster = roster
        self._relay = relay
        self._typing = typing
        self._admit = admit
        self._publish = tell
        self._charges = charges
        self.gaps = 0

    async def authenticate(self, session: Session, token: Any) -> Authenticated:
        """Learn who the socket is, or renew its token; the same user only."""
        identity, places = await self._places.identify(token)
        if not session.is_authenticated:
            await self._charges.charge("connect", identity.user.pk)
        if session.is_authenticated and session.user_id != identity.user.pk:
            raise Forbidden("This socket belongs to another user")
        self._admit(session, identity, places)
        return Authenticated(identity.user.pk)

    async def join(
        self, session: Session, contract: Contract, request: Join, reply: Callable[[Message], None]
    ) -> Joined:
        """Enter the contract's rooms of a conversation, with `after_seq` after telling what was missed.

        What is told reaches exactly to what this server has delivered when the socket enters, without an await between
        the two: the socket misses nothing, hears nothing twice, and hears it in order.
        """
        _check_room(session, contract, request.conversation_id)
        if request.as_member:
            await database(execute, JoinChannel(actor=session.user_id, conversation_id=request.conversation_id))
        place = await self._places.find(session.user_id, request.conversation_id)
        self._relay.follow([place])
        missed, gap = await self._missed(place, request.after_seq)
        self.gaps += gap
        if not session.is_gone:
            self._check_still_in(place)
            rooms = contract.rooms(place.conversation_id, place.role)
            self._tell(contract, missed, rooms, reply)
            self._enter(session, contract, place.conversation_id, rooms)
            if logger.isEnabledFor(logging.INFO):
                about = {"socket_id": logs.alias(session.connection.sid), "user_id": place.user_id}
                logger.info("chat:join %s", rooms[0], extra=about | {"conversation_id": place.conversation_id})
            if request.as_member:
                here = UserJoined(conversation_id=place.conversation_id, at=utc_now(), user_id=place.user_id)
                self._publish([here])
        self._relay.catch_up_soon(place.conversation_id, place.last_seq)
        return Joined(last_seq=self._delivered(place), gap=gap)

    async def _missed(self, place: Membership, after_seq: int | None) -> tuple[list[Event], bool]:
        """Return the events after `after_seq` up to what is delivered here, and whether they can't all be told."""
        if after_seq is None:
            return [], False
        if not 0 <= after_seq <= place.last_seq or self._delivered(place) - after_seq > REPLAY_LIMIT:
            return [], True
        recent = self._relay.recall(place.conversation_id, after_seq)
        if recent is not None:
            return visible_events(recent, place.role), False
        missed: list[Event] = []
        told = after_seq
        while told < self._delivered(place):
            _, part = await database(read_log, place.user_id, place.conversation_id, told, up_to=self._delivered(place))
            if part.gap:
                return [], True
            missed += part.events
            told = part.events[-1].seq if part.has_more else part.last_seq
        return missed, False

    def _tell(
        self, contract: Contract, events: list[Event], rooms: tuple[str, ...], reply: Callable[[Message], None]
    ) -> None:
        for event in events:
            for message in heard_in(contract, event, rooms):
                reply(message)

    def _delivered(self, place: Membership) -> int:
        return self._relay.positions.delivered(place.conversation_id) or 0

    def enter(self, session: Session, contract: Contract, places: Iterable[Membership]) -> None:
        """Put a socket into the contract's rooms of conversations that its user was just read to take part in."""
        for place in places:
            if self._roster.role(place.conversation_id, place.user_id) is None:  # removed since
                continue
            self._enter(session, contract, place.conversation_id, contract.rooms(place.conversation_id, place.role))

    def _enter(self, session: Session, contract: Contract, what: str, rooms: tuple[str, ...]) -> None:
        self._rooms.enter(session, rooms)
        self._sessions.heed(session, [contract.name])
        session.joined[contract.name, what] = rooms

    def _check_still_in(self, place: Membership) -> None:
        """Raise `ConversationNotFound` where the user was removed while the place was read, and what they missed."""
        if self._roster.role(place.conversation_id, place.user_id) is None:
            raise ConversationNotFound

    async def check_takes_part(self, session: Session, conversation_id: str) -> None:
        """Raise `ConversationNotFound` unless the user takes part; mostly known without a query."""
        if self._roster.role(conversation_id, session.user_id) is None:
            place = await self._places.find(session.user_id, conversation_id)
            self._relay.follow([place])
            self._check_still_in(place)

    def check_role(self, session: Session, payload: Any) -> None:
        """Raise `Forbidden` where a payload claims a role in its conversation that is not the user's."""
        claimed = payload.get("role") if isinstance(payload, dict) else None
        if claimed is None:
            return
        conversation_id = payload.get("conversationId", payload.get("channelId"))
        known = isinstance(conversation_id, str) and self._roster.role(conversation_id, session.user_id)
        if claimed != known:
            raise Forbidden

    def set_user_room(self, session: Session, contract: Contract, request: SetUserRoom) -> None:
        """Have the socket hear the contract's user-level events, or no longer."""
        this = frozenset({contract.name})
        session.muted = session.muted - this if request.is_heard else session.muted | this

    async def follow(self, session: Session, contract: Contract, request: Follow) -> None:
        """Enter a campaign's room; raises `CampaignNotFound`."""
        _check_room(session, contract, request.campaign_id)
        await database(check_follows_campaign, session.user_id, request.campaign_id)
        if not session.is_gone:
            self._enter(session, contract, request.campaign_id, (request.room,))

    def unfollow(self, session: Session, contract: Contract, request: Unfollow) -> None:
        """Leave a campaign's room; not being there is no fault."""
        session.joined.pop((contract.name, request.campaign_id), None)
        self._rooms.leave(session, [request.room])

    def leave(self, session: Session, contract: Contract, request: Leave) -> None:
        """Leave the contract's rooms of a conversation; not being there is no fault."""
        rooms = session.joined.pop((contract.name, request.conversation_id), ())
        self._rooms.leave(session, rooms)

    async def sync(self, session: Session, contract: Contract, request: Sync) -> Synced:
        """Read the log after a place, in the contract's words; joining is not needed."""
        limit = max(1, min(SYNC_LIMIT, request.limit))
        role, part = await self._read(session.user_id, request, limit)
        self.gaps += part.gap
        events = as_log_entries(contract, part.events, contract.rooms(request.conversation_id, role))
        return Synced(events=events, last_seq=part.last_seq, gap=part.gap, has_more=part.has_more)

    async def _read(self, user_id: str, request: Sync, limit: int) -> tuple[str, Replay]:
        """Return the reader's role and a page: of what is remembered here if that is all there is, else of the log."""
        if self._relay.recall(request.conversation_id, request.after_seq) is not None:
            place = await self._places.find(user_id, request.conversation_id)
            recent = self._relay.recall(request.conversation_id, request.after_seq)
            delivered = self._delivered(place)
            is_current = self._roster.is_current(place.conversation_id, user_id, place.acl_version)
            if recent is not None and place.last_seq <= delivered and is_current:
                seen = visible_events(recent, place.role)
                return place.role, Replay(events=seen[:limit], last_seq=delivered, has_more=len(seen) > limit)
        return await database(read_log, user_id, request.conversation_id, request.after_seq, limit=limit)

    async def set_typing(self, session: Session, request: SetTyping) -> None:
        """Tell the others; participants only."""
        await self.check_takes_part(session, request.conversation_id)
        change = self._typing.start if request.is_typing else self._typing.stop
        if not session.is_gone:
            change(request.conversation_id, session.user_id, session.sid)


def _check_room(session: Session, contract: Contract, place: str) -> None:
    """Raise `RateLimited` for a place too many; what the family joins by connecting is not counted."""
    most = settings.ROOMS_PER_SOCKET + contract.joins_on_connect
    is_full = len(session.joined) >= most and (contract.name, place) not in session.joined
    if settings.RATE_LIMITS and is_full:
        raise RateLimited(FULL_RETRY_SECONDS, "Too many rooms on one socket: leave another first")


def visible_events(events: Iterable[Event], role: str) -> list[Event]:
    """Return the events that a participant of this role may see."""
    return [event for event in events if event.visible_to in (None, role)]


def read_log(
    user_id: str, conversation_id: str, after_seq: int, *, up_to: int | None = None, limit: int = REPLAY_LIMIT
) -> tuple[str, Replay]:
    """Return the reader's role and the log after a place; raises `ConversationNotFound`."""
    reader = participation(user_id, conversation_id)
    return reader.role, replay(reader, after_seq, up_to=up_to, limit=limit)
