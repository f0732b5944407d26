"""Socket.IO: packets between a connection and its sessions, one for each namespace.

python-socketio keeps its server's frame; its handlers, rooms and manager are not used. Stock, 5.18.1 fails 12 of the 32
cases of the protocol's own suite, and lets a client that sends an event named `connect` run the handler of that name.
Whatever is no packet, or comes out of turn, ends the connection.
"""

import logging
from typing import Any

import socketio
from django.conf import settings

from stoory import logs
from stoory.realtime import packets
from stoory.realtime.connection import REASONS, Connection
from stoory.realtime.engine import Engine
from stoory.realtime.frames import Frame
from stoory.realtime.sessions import Session
from stoory.realtime.timetable import Deadline
from stoory.realtime.transports import BadPacket

logger = logging.getLogger(__name__)

CLOSE_AFTER_SECONDS = 1.0  # a client that was told to go, and has not


class SocketServer(socketio.AsyncServer):  # type: ignore[misc]  # python-socketio is not typed
    """The sessions of one server's connections. Who they are and what their events mean is for its heirs to say.

    A connection has `settings.AUTH_DEADLINE_SECONDS` until an heir calls `_meet_deadline`.
    """

    def __init__(self, **options: Any) -> None:
        super().__init__(
            json=packets.Json,
            max_http_buffer_size=settings.MAX_PAYLOAD,
            budget=settings.SOCKET_BUFFER_BYTES,
            prepares=settings.STOORY_FRAMES == "prepared",
            **options,
        )
        self._deadlines: dict[str, Deadline] = {}
        self._connecting: set[tuple[str, str]] = set()  # connections and the namespaces that they are let into
        self._incomplete: dict[str, packets.Packet] = {}  # whose binary data are on their way, by connection

    def _engineio_server_class(self) -> type[Engine]:
        return Engine

    # For the heirs

    async def _connect(self, connection: Connection, namespace: str, auth: dict[str, Any] | None) -> None:
        """Take or refuse a new session in a namespace that there is."""
        raise NotImplementedError

    async def _dispatch(self, session: Session, packet: packets.Packet, size: int) -> None:
        """Handle an event, `size` bytes long as it came."""
        raise NotImplementedError

    def _forget(self, session: Session, reason: str) -> None:
        """Let go of a session that has ended."""
        session.connection.sessions.pop(session.namespace, None)

    # Out

    def push(self, session: Session, frame: Frame) -> None:
        """Send a frame to a session; never waits, and one that is gone is no fault."""
        session.connection.push(frame)

    def end(self, session: Session) -> None:
        """Disconnect a session; its connection is closed a moment later if the client does not do it."""
        self.push(session, packets.disconnect(session.namespace))
        self._forget(session, REASONS.SERVER_DISCONNECT)
        self._close_soon(session.connection)

    def _close_soon(self, connection: Connection) -> None:
        self.eio.timetable.after(CLOSE_AFTER_SECONDS, connection.close)

    # In

    def _handle_eio_connect(self, connection: Connection) -> None:
        deadline = self.eio.timetable.after(settings.AUTH_DEADLINE_SECONDS, self._miss_deadline, connection)
        self._deadlines[connection.sid] = deadline

    async def _handle_eio_message(self, connection: Connection, data: str | bytes) -> None:
        try:
            packet = self._read(connection, data)
        except packets.ProtocolError as error:
            logger.info("A connection is closed: %s", error, extra={"socket_id": logs.alias(connection.sid)})
            raise BadPacket from error
        if packet is not None:
            await self._take(connection, packet, data)

    def _read(self, connection: Connection, data: str | bytes) -> packets.Packet | None:
        """Return a packet, or None while binary data that belong to it are missing."""
        packet = self._incomplete.get(connection.sid)
        if packet is None:
            packet = packets.read(self.packet_class, data)
            if packet.attachment_count:
                self._incomplete[connection.sid] = packet
                return None
        elif packet.complete(data):
            del self._incomplete[connection.sid]
        else:
            return None
        return packet

    async def _take(self, connection: Connection, packet: packets.Packet, data: str | bytes) -> None:
        namespace = packet.namespace or "/"
        session = connection.sessions.get(namespace)
        if packet.packet_type == packets.CONNECT and session is None:
            await self._take_connect(connection, namespace, packet.data)
        elif packet.packet_type in packets.EVENTS and session is not None:
            await self._dispatch(session, packet, _size(data))
        elif packet.packet_type == packets.DISCONNECT and session is not None:
            self._forget(session, REASONS.CLIENT_DISCONNECT)
        elif packet.packet_type not in packets.ACKS:
            about = {"socket_id": logs.alias(connection.sid)}
            logger.info("A connection is closed: a packet out of turn", extra=about)
            raise BadPacket

    async def _take_connect(self, connection: Connection, namespace: str, auth: dict[str, Any] | None) -> None:
        place = connection.sid, namespace
        if namespace not in self.namespaces:
            connection.push(packets.connect_error(namespace, "Invalid namespace"))
        elif place in self._connecting:  # two packets are under way where the client changes its transport
            raise BadPacket
        else:
            self._connecting.add(place)
            try:
                await self._connect(connection, namespace, auth)
            finally:
                self._connecting.discard(place)

    def _handle_eio_disconnect(self, connection: Connection, reason: str) -> None:
        self._meet_deadline(connection)
        self._incomplete.pop(connection.sid, None)
        for session in list(connection.sessions.values()):
            self._forget(session, reason)

    def _miss_deadline(self, connection: Connection) -> None:
        del self._deadlines[connection.sid]
        connection.close()

    def _meet_deadline(self, connection: Connection) -> None:
        deadline = self._deadlines.pop(connection.sid, None)
        if deadline is not None:
            deadline.cancel()

    def _open(self, connection: Connection, namespace: str) -> Session:
        """Return a new session, which the client has been told."""
        session = Session(self.eio.generate_id(), connection, namespace)
        connection.sessions[namespace] = session
        self.push(session, packets.connect(namespace, session.sid))
        if logger.isEnabledFor(logging.INFO):
            logger.info("User connected: %s", session.sid, extra={"socket_id": logs.alias(connection.sid)})
        return session


def _size(data: str | bytes) -> int:
    """Return how many bytes a packet has, counted where it may matter."""
    if isinstance(data, bytes) or len(data) * 4 <= settings.MAX_EVENT_BYTES:
        return len(data)
    return len(data.encode("utf-8", "surrogatepass"))
