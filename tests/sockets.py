"""A Socket.IO client for tests: it speaks to the ASGI application in this process, without a network."""

import asyncio
import itertools
import json
from collections.abc import Awaitable, Callable
from typing import Any

PATIENCE_SECONDS = 5.0
AT_ANY_TIME = "presence:changed"  # told when it has been stored: before, amid or after what a test does

Event = tuple[str, Any]


class Refused(Exception):
    """The server answered the connection with a CONNECT_ERROR, or instead of opening it; `data` is the body."""

    def __init__(self, data: dict[str, Any]) -> None:
        super().__init__(data.get("message"))
        self.data = data


class SocketClient:
    """One connection. What it hears is kept in `events`, in order, until it is taken by `expect`."""

    def __init__(
        self,
        application: Any,
        *,
        path: str = "/socket.io/",
        namespace: str = "/",
        headers: dict[str, str] | None = None,
        address: str = "127.0.0.1",
    ) -> None:
        self._application = application
        self._prefix = "" if namespace == "/" else f"{namespace},"
        self._scope = {
            "type": "websocket",
            "path": path,
            "query_string": b"EIO=4&transport=websocket",
            "headers": [(b"upgrade", b"websocket"), (b"connection", b"Upgrade")]
            + [(name.lower().encode(), value.encode()) for name, value in (headers or {}).items()],
            "client": (address, 50_000),
            "extensions": {"websocket.http.response": {}},
        }
        self._to_server: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self._task: asyncio.Task[None] | None = None
        self._ack_ids = itertools.count()
        self._acks: dict[int, asyncio.Future[Any]] = {}
        self._connected: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._news = asyncio.Event()
        self.events: list[Event] = []
        self.closed = asyncio.Event()
        self.disconnected = asyncio.Event()

    async def connect(self, auth: Any = None) -> "SocketClient":
        """Open the connection; raises `Refused`."""
        self._task = asyncio.create_task(self._run())
        self._to_server.put_nowait({"type": "websocket.connect"})
        self.send_text(f"40{self._prefix}" + (json.dumps(auth) if auth is not None else ""))
        await asyncio.wait_for(self._connected, PATIENCE_SECONDS)
        return self

    async def close(self) -> None:
        """Drop the connection as a lost network does."""
        self._to_server.put_nowait({"type": "websocket.disconnect", "code": 1006})
        if self._task is not None:
            await asyncio.wait_for(self._task, PATIENCE_SECONDS)

    def send_text(self, text: str) -> None:
        """Send a frame as it is."""
        self._to_server.put_nowait({"type": "websocket.receive", "text": text})

    def emit(self, name: str, *args: Any) -> Awaitable[Any]:
        """Send an event and return its acknowledgement, to be awaited or not."""
        ack_id = next(self._ack_ids)
        future = self._acks[ack_id] = asyncio.get_running_loop().create_future()
        self.send_text(f"42{self._prefix}{ack_id}{json.dumps([name, *args])}")
        return asyncio.wait_for(future, PATIENCE_SECONDS)

    async def expect(self, name: str) -> Any:
        """Return the payload of the next event of this name, and take it out of `events`."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            while True:
                for index, (heard, payload) in enumerate(self.events):
                    if heard == name:
                        del self.events[index]
                        return payload
                self._news.clear()
                await self._news.wait()

    async def fence(self) -> list[Event]:
        """Return all that this socket has heard, once what the server sent it so far has arrived; but not presence."""
        await self.emit("fence")  # an unknown event, answered behind all that is under way
        self.events = [event for event in self.events if event[1].get("event") != "fence"]
        return [event for event in self.events if event[0] != AT_ANY_TIME]

    def heard(self, name: str) -> list[Any]:
        """Return the payloads of the events of this name, in order."""
        return [payload for heard, payload in self.events if heard == name]

    def names(self) -> list[str]:
        """Return the names of the events in the order they came; but not presence."""
        return [name for name, _ in self.events if name != AT_ANY_TIME]

    async def _run(self) -> None:
        try:
            await self._application(self._scope, self._to_server.get, self._receive)
        finally:
            self.closed.set()
            self._news.set()

    async def _receive(self, message: dict[str, Any]) -> None:
        if message["type"] == "websocket.send":
            self._take(message["text"])
        elif message["type"] == "websocket.http.response.body":
            self._connected.set_exception(Refused(json.loads(message["body"])))
        elif message["type"] == "websocket.close":
            self.closed.set()
            self._to_server.put_nowait({"type": "websocket.disconnect", "code": 1000})

    def _take(self, text: str) -> None:
        handlers: dict[str, Callable[[str], None]] = {
            "2": lambda body: self.send_text("3"),
            "40": lambda body: self._connected.set_result(None),
            "41": lambda body: self.disconnected.set(),
            "42": self._take_event,
            "43": self._take_ack,
            "44": lambda body: self._connected.set_exception(Refused(json.loads(body))),
        }
        handler = handlers.get(text[:2])
        if handler is not None:
            handler(text[2:].removeprefix(self._prefix))

    def _take_event(self, body: str) -> None:
        name, payload = json.loads(body)
        self.events.append((name, payload))
        self._news.set()

    def _take_ack(self, body: str) -> None:
        start = body.index("[")
        future = self._acks.pop(int(body[:start]))
        if not future.done():
            future.set_result(json.loads(body[start:])[0])
