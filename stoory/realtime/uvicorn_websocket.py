"""uvicorn's WebSocket protocol as this product wants it; `manage.py serve` gives it to uvicorn.

It offers prepared frames (`stoory/realtime/frames.py`), and takes less memory while nothing happens: uvicorn 0.54 keeps
the headers of the handshake, and five deques of 0.75 KB each in its queue and event; without them an idle socket takes
8 KB less. Its attributes are more than Python lets objects share the names of, and have slots here: 1 KB less.
"""

import asyncio
from typing import Any

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

from stoory.realtime.frames import EXTENSION
from stoory.realtime.transports import Message


class Inbox:
    """A queue for one reader."""

    __slots__ = ("_arrival", "_messages", "_taken")

    def __init__(self) -> None:
        self._messages: list[Any] = []
        self._taken = 0
        self._arrival: asyncio.Future[None] | None = None

    def put_nowait(self, message: Any) -> None:
        """Add a message."""
        self._messages.append(message)
        if self._arrival is not None and not self._arrival.done():
            self._arrival.set_result(None)

    async def get(self) -> Any:
        """Return the oldest message, once there is one."""
        while self.empty():
            self._arrival = asyncio.get_running_loop().create_future()
            try:
                await self._arrival
            finally:
                self._arrival = None
        message = self._messages[self._taken]
        self._taken += 1
        if self.empty():
            self._messages.clear()
            self._taken = 0
        return message

    def empty(self) -> bool:
        """Return whether there is no message."""
        return self._taken == len(self._messages)


class Gate:
    """An event for few, that keeps no list of them while nobody waits."""

    __slots__ = ("_opening",)

    def __init__(self) -> None:
        self._opening: asyncio.Future[None] | None = None

    def set(self) -> None:
        """Let everybody through."""
        if self._opening is not None and not self._opening.done():
            self._opening.set_result(None)
        self._opening = None

    def clear(self) -> None:
        """Have everybody wait."""
        if self._opening is None:
            self._opening = asyncio.get_running_loop().create_future()

    async def wait(self) -> None:
        """Return when everybody may pass."""
        while self._opening is not None:
            await asyncio.shield(self._opening)


class WebSocketProtocol(WebSocketsSansIOProtocol):
    """A WebSocket that whole frames can be written to. Without compression, which would need them one by one."""

    __slots__ = (
        "app",
        "app_state",
        "asgi_version",
        "client",
        "close_sent",
        "close_timeout",
        "close_timer",
        "config",
        "conn",
        "connections",
        "curr_msg_data_type",
        "default_headers",
        "disconnected",
        "frames",
        "handshake_complete",
        "handshake_initiated",
        "initial_response",
        "last_ping_rtt",
        "logger",
        "loop",
        "pending_ping_payload",
        "ping_interval",
        "ping_sent_at",
        "ping_timeout",
        "ping_timer",
        "pong_timer",
        "queue",
        "read_paused",
        "request",
        "response",
        "root_path",
        "scheme",
        "scope",
        "server",
        "tasks",
        "transport",
        "writable",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.queue = Inbox()  # type: ignore[assignment]  # as much of a queue as is used
        self.writable = Gate()  # type: ignore[assignment]

    def handle_connect(self, event: Any) -> None:
        super().handle_connect(event)
        if not self.close_sent:
            extensions: dict[str, Any] = self.scope["extensions"]
            extensions[EXTENSION] = {"transport": self.transport, "drained": self.writable.wait}

    async def send(self, message: Message) -> None:  # type: ignore[override]  # the same messages, typed loosely
        await super().send(message)  # type: ignore[arg-type]
        if message["type"] == "websocket.accept":
            self._forget_handshake()
        elif message["type"] == "websocket.http.response.body":
            self.handshake_complete = True  # answered, if not accepted; uvicorn 0.54 would log an error

    def _forget_handshake(self) -> None:
        self.scope["headers"] = []
        self.request.headers.clear()  # the parser keeps the request
        del self.request, self.response
