"""The Socket.IO server: connections, who they are, how long they may stay. What they say goes to the dispatcher."""

import asyncio
import logging
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

import socketio
from django.conf import settings
from engineio.payload import Payload

from conversations.selectors import Membership
from stoory.auth import Identity
from stoory.errors import DomainError, NotAuthenticated, TokenExpired
from stoory.realtime import packets
from stoory.realtime.contracts import CONTRACTS, workspace
from stoory.realtime.contracts.base import Contract, Handshake, own
from stoory.realtime.database import database
from stoory.realtime.failures import Failures
from stoory.realtime.presence import Presence
from stoory.realtime.relay import Relay
from stoory.realtime.requests import Requests, identify_with_places
from stoory.realtime.rooms import Rooms
from stoory.realtime.roster import Roster
from stoory.realtime.sessions import Session, Sessions
from stoory.realtime.typing import TypingIndicators
from stoory.times import iso, utc_now

logger = logging.getLogger(__name__)

NAMESPACES = ("/", workspace.PATH)
PING_INTERVAL_SECONDS = 25  # seed 004
PING_TIMEOUT_SECONDS = 60
EXPIRY_WARNING = timedelta(seconds=60)
EXPIRY_GRACE = timedelta(seconds=30)
MOST_ATTEMPTS = 1_000_000
CLOSE_AFTER_SECONDS = 1.0  # a client that was told to go, and has not

# The stock limit of 16 loses the rest of a polling client's burst in silence, with the request answered "OK".
Payload.max_decode_packets = 10_000

Dispatch = Callable[[Session, list[Any], int | None, int], Any]


class Server(socketio.AsyncServer):  # type: ignore[misc]  # python-socketio is not typed
    """python-socketio's server with our packets, sessions and dispatch in the place of its handlers and manager."""

    def __init__(self) -> None:
        super().__init__(
            async_mode="asgi",
            async_handlers=False,  # one socket's events are taken in order
            serializer=packets.Packet,
            json=packets.Json,
            ping_interval=PING_INTERVAL_SECONDS,
            ping_timeout=PING_TIMEOUT_SECONDS,
            max_http_buffer_size=settings.MAX_PAYLOAD,
            http_compression=False,
            cors_allowed_origins=_origins(),
        )
        self.sessions = Sessions()
        self.rooms = Rooms()
        self.roster = Roster()
        self.relay = Relay(self.sessions, self.rooms, self.roster, self.push)
        self.dispatch: Dispatch | None = None
        self.typing: TypingIndicators | None = None
        self.presence: Presence | None = None
        self.requests: Requests | None = None
        self._deadlines: dict[str, asyncio.TimerHandle] = {}
        self._failures = Failures()

    # Out

    def push(self, session: Session, frame: packets.Frame) -> None:
        """Queue a packet for a socket; never waits, and a socket that is gone is no fault."""
        self._push(session.eio_sid, frame)

    def _push(self, eio_sid: str, frame: packets.Frame) -> None:
        socket = self.eio.sockets.get(eio_sid)
        if socket is not None and not socket.closed:
            socket.queue.put_nowait(frame)

    def dismiss(self, session: Session, error: DomainError) -> None:
        """Tell a socket why it may not stay, and disconnect it."""
        family = next(contract for contract in CONTRACTS if contract.name == session.family)
        message = family.refusal(error, 1) if family.refusal else CONTRACTS[0].fault("authenticate", None, error)
        self.push(session, packets.event(session.namespace, *message))
        self.end(session)

    def end(self, session: Session) -> None:
        """Disconnect a socket; the transport is closed a moment later if the client does not do it."""
        self.push(session, packets.disconnect(session.namespace))
        self._forget(session)
        self._close_soon(session.eio_sid)

    def _close_soon(self, eio_sid: str) -> None:
        asyncio.get_running_loop().call_later(
            CLOSE_AFTER_SECONDS, lambda: self.start_background_task(self._close, eio_sid)
        )

    async def _close(self, eio_sid: str) -> None:
        socket = self.eio.sockets.get(eio_sid)
        if socket is not None:
            await socket.close(wait=False)
            socket.queue.put_nowait(None)  # ends the writer, and with it the transport

    async def hang_up(self) -> None:
        """Close every connection; clients connect anew, to another server or to the next one here."""
        for eio_sid in list(self.eio.sockets):
            await self._close(eio_sid)

    # In

    async def _handle_eio_connect(self, eio_sid: str, environ: dict[str, Any]) -> None:
        self.environ[eio_sid] = environ
        self._deadlines[eio_sid] = asyncio.get_running_loop().call_later(
            settings.AUTH_DEADLINE_SECONDS, self._miss_deadline, eio_sid
        )

    async def _handle_eio_message(self, eio_sid: str, data: Any) -> None:
        try:
            packet = packets.Packet(encoded_packet=data)
        except packets.ProtocolError as error:
            logger.info("A connection is closed: %s", error)
            await self._close(eio_sid)
            return
        namespace = packet.namespace or "/"
        session = self.sessions.get(eio_sid, namespace)
        if packet.packet_type == packets.CONNECT and session is None:
            await self._connect(eio_sid, namespace, packet.data)
        elif packet.packet_type == packets.EVENT and session is not None and self.dispatch is not None:
            await self.dispatch(session, packet.data, packet.id, _size(data))
        elif packet.packet_type == packets.DISCONNECT and session is not None:
            self._forget(session)
        elif packet.packet_type != packets.ACK:
            await self._close(eio_sid)

    async def _handle_eio_disconnect(self, eio_sid: str, reason: str) -> None:
        self._meet_deadline(eio_sid)
        self._answer_poll(eio_sid)
        self.environ.pop(eio_sid, None)
        for namespace in NAMESPACES:
            session = self.sessions.get(eio_sid, namespace)
            if session is not None:
                self._forget(session)

    def _answer_poll(self, eio_sid: str) -> None:
        """Let a polling client go that hangs up: its pending request is otherwise answered 85 s later."""
        socket = self.eio.sockets.get(eio_sid)
        if socket is not None and not socket.upgraded:
            socket.queue.put_nowait(packets.noop())

    async def _connect(self, eio_sid: str, namespace: str, auth: dict[str, Any] | None) -> None:
        if namespace not in NAMESPACES:
            self._push(eio_sid, packets.connect_error(namespace, "Invalid namespace"))
            return
        scope = self.environ[eio_sid]["asgi.scope"]
        handshake = Handshake(path=scope["path"], namespace=namespace, auth=auth or {})
        family = next((contract for contract in CONTRACTS if contract.claims(handshake)), CONTRACTS[0])
        session = Session(self.eio.generate_id(), eio_sid, namespace)
        session.family = session.speaks = family.name
        session.narrow([family.name] if family.exclusive else handshake.auth.get("contracts"))
        given, token = _credentials(handshake.auth, self.environ[eio_sid])
        if not given and family.refusal is None:
            self._welcome(session)
            return
        try:
            identity, places = await database(identify_with_places, token)
            own(identity.user.pk, handshake.auth.get("userId"))
        except DomainError as error:
            self._refuse(session, family, error, handshake.auth.get("reconnectAttempt"))
            return
        except Exception:
            logger.exception("A handshake failed")
            self._refuse(session, family, DomainError(), handshake.auth.get("reconnectAttempt"))
            return
        if eio_sid in self.environ:  # still there after the query
            self._welcome(session)
            self.admit(session, identity, places)
            if self.requests is not None:
                self.requests.enter(session, family, places[: family.joins_on_connect])
            greeting = family.greeting(identity.user.pk, [place.conversation_id for place in places])
            self.push(session, packets.event(namespace, *greeting))
            self._failures.forget(_address(scope))

    def _refuse(self, session: Session, family: Contract, error: DomainError, claimed: Any) -> None:
        if family.refusal is None:
            message = f"Authentication error: {error.message}"
            self._push(session.eio_sid, packets.connect_error(session.namespace, message, {"code": error.code}))
            self._close_soon(session.eio_sid)
            return
        environ = self.environ.get(session.eio_sid)
        counted = self._failures.count(_address(environ["asgi.scope"])) if environ else 1
        attempt = claimed if isinstance(claimed, int) and 0 < claimed < MOST_ATTEMPTS else counted
        self._welcome(session)
        self.push(session, packets.event(session.namespace, *family.refusal(error, attempt)))
        self.end(session)

    def _welcome(self, session: Session) -> None:
        self.sessions.add(session)
        self.push(session, packets.connect(session.namespace, session.sid))
        logger.info("User connected: %s", session.sid)

    def admit(self, session: Session, identity: Identity, places: list[Membership]) -> None:
        """Note who a socket is; from here on it hears its user's events."""
        if session.is_gone:
            return
        self._meet_deadline(session.eio_sid)
        self.sessions.identify(session, identity.user.pk)
        self.roster.arrive(identity.user.pk)
        if self.presence is not None:
            self.presence.arrived(identity.user.pk)
        self.relay.follow(places)
        self._limit(session, identity)
        logger.info("authenticated %s as user_%s", session.sid, identity.user.pk)

    def _limit(self, session: Session, identity: Identity) -> None:
        """Set when a socket must go: half a minute after its token expires, warned before, or at its session's end."""
        now, ends_at = utc_now(), identity.expires_at
        grace = EXPIRY_GRACE if identity.is_strict else timedelta()
        timers = [_at(ends_at + grace - now, self.dismiss, session, TokenExpired())]
        if identity.is_strict:
            warning = packets.event(session.namespace, "auth:expiring", {"expiresAt": iso(ends_at)})
            timers.append(_at(ends_at - EXPIRY_WARNING - now, self.push, session, warning))
        session.keep_timers(*timers)

    def _miss_deadline(self, eio_sid: str) -> None:
        self._deadlines.pop(eio_sid, None)
        for namespace in NAMESPACES:
            session = self.sessions.get(eio_sid, namespace)
            if session is not None:
                self.dismiss(session, NotAuthenticated("Authentication timeout"))
        self._close_soon(eio_sid)

    def _meet_deadline(self, eio_sid: str) -> None:
        deadline = self._deadlines.pop(eio_sid, None)
        if deadline is not None:
            deadline.cancel()

    def _forget(self, session: Session) -> None:
        self.rooms.leave_all(session)
        if self.typing is not None:
            self.typing.stop_all(session.sid)
        if self.sessions.remove(session):
            if self.presence is not None:
                self.presence.departed(session.user_id)
            self.relay.abandon(self.roster.depart(session.user_id))
        logger.info("User disconnected: %s", session.sid)


def _size(text: str) -> int:
    """Return how many bytes a packet has, counted where it may matter."""
    return len(text) if len(text) * 4 <= settings.MAX_EVENT_BYTES else len(text.encode("utf-8", "surrogatepass"))


def _at(delay: timedelta, call: Callable[..., None], *args: Any) -> asyncio.TimerHandle:
    return asyncio.get_running_loop().call_later(max(0.0, delay.total_seconds()), call, *args)


def _credentials(auth: Mapping[str, Any], environ: dict[str, Any]) -> tuple[bool, Any]:
    """Return whether the handshake brings credentials, and the token: in `auth.token`, or in the header."""
    if "token" in auth:
        return True, auth["token"]
    header = environ.get("HTTP_AUTHORIZATION", "")
    scheme, _, rest = header.partition(" ")
    return bool(header) and (not rest or scheme.lower() == "bearer"), header


def _address(scope: Mapping[str, Any]) -> str:
    """Return the address of a connection's other end."""
    return str((scope.get("client") or ("",))[0])


def _origins() -> Any:
    """Return the origins that browsers may connect from; None means the server's own."""
    if settings.CORS_ALLOW_ALL_ORIGINS:
        return "*"
    return [*settings.CORS_ALLOWED_ORIGINS, *settings.CSRF_TRUSTED_ORIGINS] or None
