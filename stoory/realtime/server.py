"""The Socket.IO server: connections, who they are, how long they may stay. What they say goes to the dispatcher."""

import logging
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings

from conversations.selectors import Membership
from stoory import logs
from stoory.auth import Identity
from stoory.errors import DomainError, NotAuthenticated, RateLimited, TokenExpired
from stoory.realtime import origins, packets
from stoory.realtime.admission import Admission
from stoory.realtime.charges import Charges
from stoory.realtime.connection import Connection
from stoory.realtime.contracts import CONTRACTS, workspace
from stoory.realtime.contracts.base import Contract, Handshake, own
from stoory.realtime.failures import Failures
from stoory.realtime.places import Places
from stoory.realtime.presence import Presence
from stoory.realtime.protocol import SocketServer
from stoory.realtime.relay import Relay
from stoory.realtime.requests import Requests
from stoory.realtime.rooms import Rooms
from stoory.realtime.roster import Roster
from stoory.realtime.sessions import Session, Sessions
from stoory.realtime.timetable import Deadline
from stoory.realtime.trace import Trace
from stoory.realtime.typing import TypingIndicators
from stoory.times import iso, utc_now

logger = logging.getLogger(__name__)

NAMESPACES = ("/", workspace.PATH)
PING_INTERVAL_SECONDS = 25  # seed 004
PING_TIMEOUT_SECONDS = 60
EXPIRY_WARNING = timedelta(seconds=60)
EXPIRY_GRACE = timedelta(seconds=30)
MOST_ATTEMPTS = 1_000_000

Dispatch = Callable[[Session, list[Any], int | None, int], Any]


class Server(SocketServer):
    """The people behind the sockets; what they say goes to the dispatcher."""

    def __init__(self, charges: Charges) -> None:
        admission = Admission(charges)
        super().__init__(
            namespaces=NAMESPACES,
            serializer=packets.Packet,
            ping_interval=PING_INTERVAL_SECONDS,
            ping_timeout=PING_TIMEOUT_SECONDS,
            allows=origins.is_allowed,
            admits=admission.check_handshake,
        )
        self.admission = admission
        self._charges = charges
        self.sessions = Sessions()
        self.rooms = Rooms()
        self.roster = Roster()
        self.places = Places()
        self.trace = Trace(settings.TRACE_MESSAGES)
        self.relay = Relay(self.sessions, self.rooms, self.roster, self.push, self.trace)
        self.dispatch: Dispatch | None = None
        self.typing: TypingIndicators | None = None
        self.presence: Presence | None = None
        self.requests: Requests | None = None
        self._failures = Failures()
        self.refused = Counter[str]()  # handshakes, by the code of the error

    def dismiss(self, session: Session, error: DomainError) -> None:
        """Tell a socket why it may not stay, and disconnect it."""
        family = next(contract for contract in CONTRACTS if contract.name == session.family)
        message = family.refusal(error, 1) if family.refusal else CONTRACTS[0].fault("authenticate", None, error)
        self.push(session, packets.event(session.namespace, *message))
        self.end(session)

    def _handle_eio_connect(self, connection: Connection) -> None:
        super()._handle_eio_connect(connection)
        self.admission.opened(connection)

    def _handle_eio_disconnect(self, connection: Connection, reason: str) -> None:
        super()._handle_eio_disconnect(connection, reason)
        self.admission.closed(connection)

    async def _dispatch(self, session: Session, packet: packets.Packet, size: int) -> None:
        if self.dispatch is not None:
            await self.dispatch(session, packet.data, packet.id, size)

    async def _connect(self, connection: Connection, namespace: str, auth: dict[str, Any] | None) -> None:
        handshake = Handshake(path=connection.peer.path, namespace=namespace, auth=auth or {})
        family = next((contract for contract in CONTRACTS if contract.claims(handshake)), CONTRACTS[0])
        given, token = _credentials(handshake.auth, connection.peer.authorization)
        is_stranger = not given and family.refusal is None
        try:
            await self.admission.check_connect(connection, is_stranger=is_stranger)
            known = None if is_stranger else await self._identify(token, handshake)
        except DomainError as error:
            self._refuse(connection, handshake, family, error)
            return
        except Exception:
            logger.exception("A handshake failed", extra={"socket_id": logs.alias(connection.sid)})
            self._refuse(connection, handshake, family, DomainError())
            return
        if connection.is_closed:  # gone during the query
            return
        session = self._welcome(connection, handshake, family)
        if known is not None:
            identity, places = known
            self.admit(session, identity, places)
            if self.requests is not None:
                self.requests.enter(session, family, places[: family.joins_on_connect])
            greeting = family.greeting(identity.user.pk, [place.conversation_id for place in places])
            self.push(session, packets.event(namespace, *greeting))
            self._failures.forget(connection.peer.address)

    async def _identify(self, token: Any, handshake: Handshake) -> tuple[Identity, list[Membership]]:
        identity, places = await self.places.identify(token)
        own(identity.user.pk, handshake.auth.get("userId"))
        await self._charges.charge("connect", identity.user.pk)
        self._check_user(identity.user.pk)
        return identity, places

    def _refuse(self, connection: Connection, handshake: Handshake, family: Contract, error: DomainError) -> None:
        self.refused[error.code] += 1
        if family.refusal is None:
            is_early = isinstance(error, RateLimited)
            message = error.message if is_early else f"Authentication error: {error.message}"
            data = {"code": error.code, **error.details}
            connection.push(packets.connect_error(handshake.namespace, message, data))
            self._close_soon(connection)
            return
        counted = self._failures.count(connection.peer.address)
        claimed = handshake.auth.get("reconnectAttempt")
        attempt = claimed if isinstance(claimed, int) and 0 < claimed < MOST_ATTEMPTS else counted
        session = self._welcome(connection, handshake, family)
        self.push(session, packets.event(session.namespace, *family.refusal(error, attempt)))
        self.end(session)

    def _welcome(self, connection: Connection, handshake: Handshake, family: Contract) -> Session:
        session = self._open(connection, handshake.namespace)
        session.family = session.speaks = family.name
        session.narrow([family.name] if family.exclusive else handshake.auth.get("contracts"))
        return session

    def _check_user(self, user_id: str) -> None:
        self.admission.check_user(sum(1 for _ in self.sessions.of_user(user_id)))

    def admit(self, session: Session, identity: Identity, places: list[Membership]) -> None:
        """Note who a socket is; from here on it hears its user's events. Raises `RateLimited` for one too many."""
        if session.is_gone:
            return
        if not session.is_authenticated:
            self._check_user(identity.user.pk)
        self._meet_deadline(session.connection)
        self.admission.identified(session.connection)
        self.sessions.identify(session, identity.user.pk)
        session.token_version = identity.user.token_version
        self.roster.arrive(identity.user.pk)
        if self.presence is not None:
            self.presence.arrived(identity.user.pk)
        self.relay.follow(places)
        self._limit(session, identity)
        if logger.isEnabledFor(logging.INFO):
            logger.info("authenticated %s as user_%s", session.sid, identity.user.pk, extra=_about(session))

    def _limit(self, session: Session, identity: Identity) -> None:
        """Set when a socket must go: half a minute after its token expires, warned before, or at its session's end."""
        now, ends_at = utc_now(), identity.expires_at
        grace = EXPIRY_GRACE if identity.is_strict else timedelta()
        timers = [self._after(ends_at + grace - now, self.dismiss, session, TokenExpired())]
        if identity.is_strict:
            timers.append(self._after(ends_at - EXPIRY_WARNING - now, self._warn, session, ends_at))
        session.keep_timers(*timers)

    def _after(self, delay: timedelta, call: Callable[..., None], *args: Any) -> Deadline:
        deadline: Deadline = self.eio.timetable.after(delay.total_seconds(), call, *args)
        return deadline

    def _warn(self, session: Session, ends_at: datetime) -> None:
        self.push(session, packets.event(session.namespace, "auth:expiring", {"expiresAt": iso(ends_at)}))

    def _miss_deadline(self, connection: Connection) -> None:
        for session in list(connection.sessions.values()):
            self.dismiss(session, NotAuthenticated("Authentication timeout"))
        self._close_soon(connection)

    def _forget(self, session: Session, reason: str) -> None:
        super()._forget(session, reason)
        self.trace.ended(session, reason)
        self.rooms.leave_all(session)
        if self.typing is not None:
            self.typing.stop_all(session.sid)
        if self.sessions.remove(session):
            if self.presence is not None:
                self.presence.departed(session.user_id)
            self.relay.abandon(self.roster.depart(session.user_id))
        if logger.isEnabledFor(logging.INFO):
            logger.info("User disconnected: %s", session.sid, extra=_about(session))


def _about(session: Session) -> dict[str, str]:
    known = {"user_id": session.user_id} if session.user_id else {}
    return {"socket_id": logs.alias(session.connection.sid), **known}


def _credentials(auth: Mapping[str, Any], header: str) -> tuple[bool, Any]:
    """Return whether the handshake brings credentials, and the token: in `auth.token`, or in the header."""
    if "token" in auth:
        return True, auth["token"]
    scheme, _, rest = header.partition(" ")
    return bool(header) and (not rest or scheme.lower() == "bearer"), header
