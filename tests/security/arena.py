"""A server for attackers, with somebody on it whom they must not disturb, and what has to be true whatever they do."""

import asyncio
import gc
import json
import logging
from collections import deque
from collections.abc import Iterable, Iterator, MutableMapping, Sequence
from contextlib import contextmanager
from typing import Any

from stoory.auth import issue_token
from stoory.handler import ThreadedHandler
from stoory.realtime.application import Application
from stoory.realtime.database import database
from stoory.realtime.node import Node
from tests.security.requests import HANDSHAKE, Answer, ask
from tests.security.world import World
from tests.sockets import SocketClient

Frame = str | bytes

PATIENCE_SECONDS = 10.0
WITNESS_SECONDS = 1.0
TOKEN_EVERY = 3  # connections; the others stay strangers, which is quicker
INSIDES = (
    "Traceback",
    'File "',
    ".py",
    "/stoory/",
    "SELECT ",
    "INSERT ",
    "psycopg",
    "sqlite",
    "django",
    "msgspec",
    "Error:",
    "object at 0x",
)
"""Texts that only the server's insides have."""


class Errors(logging.Handler):
    """Collects what is logged as an error."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(record.getMessage())


class Arena:
    """One server on a loop of its own; the insider and the outsider are on it."""

    def __init__(self, world: World) -> None:
        self.world = world
        self._runner = asyncio.Runner()
        self._application = Application(Node(), ThreadedHandler())
        self._node = self._application.node
        self._errors = Errors()
        self._heard: list[str] = []
        self._count = 0
        self._played = 0

    def run(self, task: Any) -> Any:
        """Run a coroutine on the server's loop."""
        return self._runner.run(asyncio.wait_for(task, PATIENCE_SECONDS))

    async def enter(self) -> None:
        """Start the server; the insider listens."""
        gc.freeze()  # what the tests themselves hold is long to look through, and the witness would wait for that
        await self._node.start()
        outsider = self.world.outsiders["non-member"]
        self.token = (await database(issue_token, outsider))["token"]
        self.witness = await self._connect(self.world.insider)
        self._place = self.world.foreign["conversation"][0]
        assert (await self.witness.emit("chat:join", {"conversationId": self._place}))["ok"]
        self._baseline = self._state()

    def close(self) -> None:
        """Stop the server, and its loop."""
        gc.unfreeze()
        self.run(self._leave())
        self._runner.close()

    async def _leave(self) -> None:
        await self.witness.close()
        await self._node.stop()

    async def _connect(self, user: Any) -> SocketClient:
        socket = SocketClient(self._application)
        await socket.connect({"token": (await database(issue_token, user))["token"]})
        return socket

    def _state(self) -> tuple[int, ...]:
        """How many connections, sessions and rooms there are."""
        server = self._node.server
        sockets = server.eio.sockets.values()
        sessions = sum(len(connection.sessions) for connection in sockets)
        return len(sockets), sessions, len(server.rooms._members), len(server._deadlines), len(server._incomplete)

    # What attackers do

    async def play(self, frames: Sequence[Frame], *, query: bytes = b"EIO=4&transport=websocket") -> None:
        """Send frames by a WebSocket; where the server ends it, the others by the next one."""
        left = deque(frames)
        while left:
            await self._play(left, query)

    async def _play(self, left: deque[Frame], query: bytes) -> None:
        is_over = False
        self._played += 1
        who = {"token": self.token} if self._played % TOKEN_EVERY == 0 else {}
        prelude = deque(["connect", f"40{json.dumps(who)}"])

        async def receive() -> dict[str, Any]:
            await asyncio.sleep(0)
            if prelude:
                text = prelude.popleft()
                kind = "connect" if text == "connect" else "receive"
                return {"type": f"websocket.{kind}", "text": text}
            if is_over or not left:
                return {"type": "websocket.disconnect", "code": 1006}
            frame = left.popleft()
            return {"type": "websocket.receive", "text" if isinstance(frame, str) else "bytes": frame}

        async def send(message: MutableMapping[str, Any]) -> None:
            nonlocal is_over
            if message["type"] == "websocket.send":
                self._heard.append(message.get("text") or "")
            elif message["type"] != "websocket.accept":
                is_over = True

        scope = {
            "type": "websocket",
            "path": "/socket.io/",
            "query_string": query,
            "headers": [],
            "client": ("127.0.0.1", 50_000),
            "extensions": {"websocket.http.response": {}},
        }
        before = len(left)
        await self._application(scope, receive, send)
        if len(left) == before:  # refused before it took one
            left.clear()

    async def say(self, said: Iterable[tuple[str, Any]]) -> None:
        """Send the outsider's events; each is acknowledged, and none is a fault of ours."""
        socket = await self._connect(self.world.outsiders["non-member"])
        for name, payload in said:
            answer = await socket.emit(name, payload)
            assert answer["ok"] or answer["error"]["code"] != "internal", (name, payload)
            self._heard.append(json.dumps([answer, *socket.events]))
        await socket.close()

    async def post(self, bodies: Iterable[bytes]) -> None:
        """Send bodies by polling, each in a session of its own."""
        for body in bodies:
            opened = await self.ask()
            query = HANDSHAKE + b"&sid=" + json.loads(opened.body[1:])["sid"].encode()
            await self.ask("POST", query, b"40" + json.dumps({"token": self.token}).encode())
            await self.ask("POST", query, body)
            await self.ask("POST", query, b"1")

    async def ask(self, method: str = "GET", query: bytes = HANDSHAKE, body: bytes = b"", **options: Any) -> Answer:
        """Send one request."""
        answer = await ask(self._application, method, query, body, **options)
        assert answer.status < 500
        self._heard.append(answer.body.decode())
        return answer

    # What has to be true

    @contextmanager
    def watched(self) -> Iterator[None]:
        """Check that what is done meanwhile does no harm, and tells nothing."""
        self._heard.clear()
        self._errors.lines.clear()
        logging.getLogger().addHandler(self._errors)
        try:
            yield
            self.run(self._check())
        finally:
            logging.getLogger().removeHandler(self._errors)

    async def _check(self) -> None:
        assert self._errors.lines == []
        for text in self._heard:
            assert not [inside for inside in INSIDES if inside in text], text
            assert not [trace for trace in self.world.traces() if trace in text], text
        self.witness.events.clear()
        async with asyncio.timeout(WITNESS_SECONDS):
            self._count += 1
            said = {"conversationId": self._place, "text": f"Still here {self._count}"}
            assert (await self.witness.emit("chat:send", said))["ok"]
            assert (await self.witness.expect("chat:new"))["message"]["message"] == said["text"]
        assert self._state() == self._baseline
