"""The product's protocol classes with the handlers that the official suites ask for: they send back what they hear."""

import json
from collections.abc import Awaitable, Callable
from typing import Any

from django.conf import settings
from socketio import packet

from stoory.realtime import packets
from stoory.realtime.connection import Connection
from stoory.realtime.engine import Engine
from stoory.realtime.frames import Frame
from stoory.realtime.protocol import SocketServer
from stoory.realtime.sessions import Session

PING_INTERVAL_SECONDS = 0.3
PING_TIMEOUT_SECONDS = 0.2
CONNECT_SECONDS = 1.0

Application = Callable[[Any, Any, Any], Awaitable[None]]


class BinaryPacket(packets.Packet):
    """A packet of namespaces that take binary data."""

    max_attachments = 10
    uses_binary_events = True


class EchoServer(SocketServer):
    """Tells a session its `auth`, and every message."""

    def __init__(self) -> None:
        super().__init__(
            namespaces=("/", "/custom"),
            serializer=BinaryPacket,
            ping_interval=PING_INTERVAL_SECONDS,
            ping_timeout=PING_TIMEOUT_SECONDS,
            allows=_anybody,
            admits=_always,
        )

    async def _connect(self, connection: Connection, namespace: str, auth: dict[str, Any] | None) -> None:
        self._meet_deadline(connection)
        session = self._open(connection, namespace)
        self.push(session, packets.event(namespace, "auth", auth or {}))

    async def _dispatch(self, session: Session, packet_: packets.Packet, size: int) -> None:
        name, *arguments = packet_.data
        if name == "message":
            self._say(session, packet.EVENT, ["message-back", *arguments])
        elif name == "message-with-ack":
            self._say(session, packet.ACK, arguments, packet_.id)

    def _say(self, session: Session, kind: int, data: list[Any], ack_id: int | None = None) -> None:
        encoded = BinaryPacket(kind, data=data, namespace=session.namespace, id=ack_id).encode()
        for part in encoded if isinstance(encoded, list) else [encoded]:
            self.push(session, _frame(part))


def engineio() -> Application:
    """Return an Engine.IO server on `/engine.io/` that sends every message back."""
    engine = Engine(
        budget=settings.SOCKET_BUFFER_BYTES,
        prepares=settings.STOORY_FRAMES == "prepared",
        allows=_anybody,
        admits=_always,
        max_http_buffer_size=settings.MAX_PAYLOAD,
        ping_interval=PING_INTERVAL_SECONDS,
        ping_timeout=PING_TIMEOUT_SECONDS,
    )

    async def send_back(connection: Connection, message: str | bytes) -> None:
        connection.push(_frame(message))

    engine.on("connect", lambda connection: None)
    engine.on("message", send_back)
    engine.on("disconnect", lambda connection, reason: None)
    return _at("/engine.io/", engine.handle_request)


def socketio() -> Application:
    """Return a Socket.IO server on `/socket.io/` with the namespaces `/` and `/custom`."""
    return _at("/socket.io/", EchoServer().eio.handle_request)


def _frame(message: str | bytes) -> Frame:
    return Frame(message, is_binary=True) if isinstance(message, bytes) else Frame(b"4" + message.encode())


def _anybody(origin: str | None, host: str) -> bool:
    return True


async def _always(address: str) -> None:
    """Refuse nobody."""


def _at(path: str, application: Application) -> Application:
    async def route(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            await _live(receive, send)
        elif scope["path"] == path:
            await application(scope, receive, send)
        elif scope["type"] == "http":
            await send({"type": "http.response.start", "status": 404, "headers": []})
            await send({"type": "http.response.body", "body": json.dumps("Not found").encode()})

    return route


async def _live(receive: Any, send: Any) -> None:
    while True:
        message = await receive()
        await send({"type": f"{message['type']}.complete"})
        if message["type"] == "lifespan.shutdown":
            return
