"""Engine.IO: connections by long polling and by WebSocket, and the change from the one to the other.

python-engineio keeps the options, the ids and the hooks that python-socketio hangs on; what requests and packets do is
ours. Stock, 4.15.1 fails 14 of the 24 cases of the protocol's own suite, loses polled packets in silence and keeps the
sessions of connections that broke. The rules are the Node server's: a packet that is none, or two polls at once, end
the session, and what can't be answered is answered 400 with a number and a word for it.
"""

import asyncio
import json
import logging
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import engineio
from django.conf import settings

from stoory.errors import RateLimited
from stoory.realtime import handshakes
from stoory.realtime.connection import REASONS, Connection
from stoory.realtime.frames import EXTENSION, Frame
from stoory.realtime.handshakes import Leaving, Peer, Refused, Request, TooMany
from stoory.realtime.polling import Overlap, Polling, decode
from stoory.realtime.timetable import Timetable
from stoory.realtime.transports import NORMAL, BadPacket, Receive, Scope, Send, Transport
from stoory.realtime.websocket import PlainWebSocket, PreparedWebSocket, Turn, WebSocket

logger = logging.getLogger(__name__)

UPGRADE_SECONDS = 10.0  # that a client has to change to a WebSocket

PROBED = Frame(b"3probe")
PROBE, UPGRADE = "2probe", "5"


class Engine(engineio.AsyncServer):  # type: ignore[misc]  # python-engineio is not typed
    """The connections of one server.

    `allows(origin, host)` says whether a page of that origin, or without one a program, may connect to that name of
    ours, and `admits(address)` raises `RateLimited` where none of that address may any more. What happens to
    connections and messages is told to the handlers `connect(connection)`, `message(connection, data)` and
    `disconnect(connection, reason)`.
    """

    def __init__(
        self,
        *,
        budget: int,
        prepares: bool,
        allows: Callable[[str | None, str], bool],
        admits: Callable[[str], Awaitable[None]],
        **options: Any,
    ) -> None:
        super().__init__(async_mode="asgi", **options)
        self.sockets: dict[str, Connection] = {}
        self.timetable = Timetable()
        self._turn = Turn()
        self._budget = budget
        self._prepares = prepares
        self._allows = allows
        self._admits = admits
        self.opened = Counter[str]()  # by transport
        self.upgraded = 0
        self.refused = Counter[str]()  # by reason, as the next
        self.closed = Counter[str]()
        self.is_leaving = False

    def generate_id(self) -> str:
        """Return a new id, which says to proxies which server has its session, where that has a name."""
        made: str = super().generate_id()
        return f"{settings.NODE_NAME}.{made}" if settings.NODE_NAME else made

    async def handle_request(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve an HTTP request or a WebSocket."""
        if scope["type"] != "websocket":
            await self._serve_http(Request.read(scope), receive, send)
            return
        accepted = await self._accept(scope, receive, send)
        if accepted is not None:
            await self._converse(*accepted)

    async def take(self, connection: Connection, message: str | bytes) -> None:
        """Hand a message on; raises `BadPacket`."""
        await self.handlers["message"](connection, message)

    def forget(self, connection: Connection, reason: str) -> None:
        """Let go of a connection that has ended."""
        del self.sockets[connection.sid]
        self.closed[reason] += 1
        self.handlers["disconnect"](connection, reason)

    def _open(self, peer: Peer, transport: Transport, upgrades: Sequence[str]) -> Connection:
        connection = Connection(self, self.generate_id(), peer, transport)
        self.sockets[connection.sid] = connection
        self.opened[transport.name] += 1
        handshake = {
            "sid": connection.sid,
            "upgrades": upgrades,
            "pingInterval": round(self.ping_interval * 1000),
            "pingTimeout": round(self.ping_timeout * 1000),
            "maxPayload": self.max_http_buffer_size,
        }
        connection.push(Frame(b"0" + json.dumps(handshake).encode()))
        self.handlers["connect"](connection)
        return connection

    def _find(self, request: Request) -> Connection | None:
        """Return the connection that a request is for, None where it asks for a new one; raises `Refused`."""
        if request.transport not in self.transports:
            raise handshakes.unknown_transport()
        if request.sid:
            if request.sid not in self.sockets:
                raise handshakes.unknown_session()
            return self.sockets[request.sid]
        if request.version != "4":
            raise handshakes.unsupported_version()
        return None

    def _is_allowed(self, request: Request) -> bool:
        return self._allows(request.headers.get(b"origin"), request.headers.get(b"host", ""))

    async def _admit(self, request: Request) -> None:
        if self.is_leaving:
            raise Leaving
        try:
            await self._admits(request.peer.address)
        except RateLimited as error:
            raise TooMany(error) from error

    # Long polling

    async def _serve_http(self, request: Request, receive: Receive, send: Send) -> None:
        if not self._is_allowed(request):
            self.refused["origin"] += 1
            await handshakes.answer(send, 400, handshakes.bad_request().body, ())
            return
        try:
            body = await self._respond(request, receive)
        except Refused as refusal:
            self.refused[refusal.reason] += 1
            await handshakes.answer(send, refusal.status, refusal.body, [*refusal.headers, *request.cors()])
        else:
            await handshakes.answer(send, 200, body, request.cors())

    async def _respond(self, request: Request, receive: Receive) -> bytes:
        if request.method == "OPTIONS":
            return b""
        connection = self._find(request)
        if request.transport != "polling" or request.is_jsonp:
            raise handshakes.bad_request()
        if connection is None:
            return await self._open_polling(request)
        polling = connection.transport
        if not isinstance(polling, Polling):
            raise handshakes.bad_request()
        if request.method == "GET":
            return await self._poll(connection, polling, receive)
        if request.method == "POST":
            return await self._post(connection, polling, receive)
        raise handshakes.bad_request()

    async def _open_polling(self, request: Request) -> bytes:
        if request.method != "GET":
            raise handshakes.bad_method()
        await self._admit(request)
        polling = Polling(self._budget)
        self._open(request.peer, polling, ["websocket"] if self.allow_upgrades else [])
        return await polling.poll()

    async def _poll(self, connection: Connection, polling: Polling, receive: Receive) -> bytes:
        """Return what the client is sent next; a client that drops its poll has gone."""
        is_upgrading = polling.is_upgrading
        watch = asyncio.create_task(_hang_up(connection, receive))
        try:
            payload = await polling.poll()
        except Overlap:
            connection.close(REASONS.TRANSPORT_ERROR)
            raise handshakes.bad_request() from None
        finally:
            watch.cancel()
        if is_upgrading and connection.transport is not polling:
            raise handshakes.bad_request()
        return payload

    async def _post(self, connection: Connection, polling: Polling, receive: Receive) -> bytes:
        """Take the packets of a request, in order, before the next request's."""
        try:
            packets = decode(await handshakes.read_body(receive, self.max_http_buffer_size))
            with polling.posting():
                for packet in packets:
                    await connection.receive(packet)
        except (BadPacket, Overlap) as error:
            connection.close(REASONS.TRANSPORT_ERROR)
            raise handshakes.bad_request() from error
        return b"ok"

    # WebSockets

    async def _accept(self, scope: Scope, receive: Receive, send: Send) -> tuple[Connection, WebSocket] | None:
        """Open a WebSocket for a new connection, or for one that polled so far; refused, there is none."""
        await receive()
        request = Request.read(scope)
        try:
            if not self._is_allowed(request):
                raise handshakes.bad_request()
            connection = self._find(request)
            if request.transport != "websocket":
                raise handshakes.bad_request()
            if connection is None:
                await self._admit(request)
        except Refused as refusal:
            self.refused[refusal.reason] += 1
            await handshakes.refuse_websocket(scope, send, refusal)
            return None
        await send({"type": "websocket.accept"})
        websocket = self._websocket(scope, receive, send)
        if connection is None:
            return self._open(request.peer, websocket, []), websocket
        if await self._upgrade(connection, websocket):
            return connection, websocket
        await websocket.finish()
        return None

    def _websocket(self, scope: Scope, receive: Receive, send: Send) -> WebSocket:
        offered = scope.get("extensions", {}).get(EXTENSION)
        if self._prepares and offered is not None:
            return PreparedWebSocket(receive, send, self._budget, self._turn, **offered)
        return PlainWebSocket(receive, send, self._budget)

    async def _upgrade(self, connection: Connection, websocket: WebSocket) -> bool:
        """Lead a polling client over to a WebSocket; return whether it came.

        Its poll under way is answered, since it waits for that before it says `UPGRADE`. What is pushed meanwhile waits
        for one of the two.
        """
        polling = connection.transport
        if not isinstance(polling, Polling) or polling.is_upgrading:
            return False
        polling.is_upgrading = True
        try:
            async with asyncio.timeout(UPGRADE_SECONDS):
                if await websocket.receive() != PROBE:
                    return False
                websocket.push(PROBED)
                polling.release()
                if await websocket.receive() != UPGRADE or connection.is_closed:
                    return False
        except TimeoutError:
            return False
        finally:
            polling.is_upgrading = False
        connection.change_to(websocket, polling.take())
        self.upgraded += 1
        polling.release()
        return True

    async def _converse(self, connection: Connection, websocket: WebSocket) -> None:
        """Take what the client sends until either side ends the connection."""
        reason, code = REASONS.TRANSPORT_CLOSE, NORMAL
        try:
            while (packet := await websocket.receive()) is not None:
                await connection.receive(packet)
        except BadPacket as error:
            reason, code = REASONS.TRANSPORT_ERROR, error.code
        finally:
            connection.close(reason, code)
            await websocket.finish()


async def _hang_up(connection: Connection, receive: Receive) -> None:
    """Close a connection whose client drops its poll."""
    message = await receive()
    while message["type"] != "http.disconnect":
        message = await receive()
    connection.close(REASONS.TRANSPORT_CLOSE)
