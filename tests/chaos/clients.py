"""Clients that write down all they try and hear, repeat what was not answered, and come back wherever a server is.

They speak Socket.IO by hand over a WebSocket: what a library would do by itself must not hide what the servers do.
"""

import asyncio
import contextlib
import itertools
import json
import random
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, NamedTuple
from uuid import uuid4

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException

from tests.chaos.history import Heard, History, Operation, Way

ANSWER_SECONDS = 5.0
GIVE_UP_SECONDS = 30.0
RETURN_SECONDS = 0.3
PAGE = 200

_numbers = itertools.count(1)

Answer = dict[str, Any]


class Absence(NamedTuple):
    """From when to when a client was not connected, or had not caught up."""

    began: float
    ended: float


class GoneError(Exception):
    """The connection has ended, or is of no use any more."""


class Line:
    """One connection: authenticated by its handshake, read by `run`."""

    def __init__(self, socket: ClientConnection, hear: Callable[[str, Any], None]) -> None:
        self._socket = socket
        self._hear = hear
        self._ids = itertools.count()
        self._answers: dict[int, asyncio.Future[Answer]] = {}

    async def open(self, token: str) -> None:
        """Say who it is; raises `GoneError` where the server does not want it."""
        await self._socket.send("40" + json.dumps({"token": token}))
        while not (packet := str(await self._socket.recv())).startswith("40"):
            if packet.startswith("44"):
                raise GoneError(packet)

    async def run(self) -> None:
        """Read until the connection ends."""
        try:
            async for packet in self._socket:
                self._take(str(packet))
        finally:
            for answer in self._answers.values():
                answer.cancel()

    async def ask(self, name: str, payload: Any) -> Answer:
        """Emit an event and return its acknowledgement; raises `GoneError` where none comes in time."""
        ack_id = next(self._ids)
        answer = self._answers[ack_id] = asyncio.get_running_loop().create_future()
        try:
            await self._socket.send(f"42{ack_id}{json.dumps([name, payload])}")
            async with asyncio.timeout(ANSWER_SECONDS):
                await asyncio.wait([answer])
        except (OSError, WebSocketException, TimeoutError) as error:
            raise GoneError(repr(error)) from error
        finally:
            self._answers.pop(ack_id, None)
        if answer.cancelled():
            raise GoneError("closed")
        said: Answer = answer.result()
        return said

    async def close(self) -> None:
        """Hang up, without waiting for a server that may be held still."""
        self._socket.transport.abort()

    def _take(self, packet: str) -> None:
        if packet == "2":
            asyncio.get_running_loop().create_task(self._pong())
        elif packet.startswith("42"):
            name, *rest = json.loads(packet[2:])
            self._hear(name, rest[0] if rest else None)
        elif packet.startswith("43"):
            body = packet[2:]
            start = body.index("[")
            answer = self._answers.get(int(body[:start]))
            if answer is not None and not answer.done():
                answer.set_result(json.loads(body[start:])[0])

    async def _pong(self) -> None:
        with contextlib.suppress(OSError, WebSocketException):
            await self._socket.send("3")


class Client:
    """One user's one device, in some conversations.

    Every other client catches up by `chat:join {afterSeq}`, the rest by joining and then asking with `chat:sync`.
    """

    def __init__(
        self,
        user: dict[str, str],
        conversations: Sequence[str],
        urls: Sequence[str],
        history: History,
        dice: random.Random,
        *,
        syncs: bool = False,
    ) -> None:
        self.user = user["id"]
        self.conversations = conversations
        self.is_ready = asyncio.Event()
        self.connections = 0
        self.url = ""
        self._connection = 0
        self.problems: list[str] = []
        self.absences: list[Absence] = []
        self.gone_at: float | None = None
        self._token = user["token"]
        self._urls = urls
        self._history = history
        self._dice = dice
        self._syncs = syncs
        self._way: dict[str, Way] = {}
        self._seen: dict[str, set[int]] = {conversation: set() for conversation in conversations}
        self._contiguous = dict.fromkeys(conversations, 0)
        self._line: Line | None = None
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Connect, and again whenever that ends."""
        self._task = asyncio.create_task(self._live())

    async def stop(self) -> None:
        """Hang up for good."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def drop(self) -> None:
        """Lose the connection."""
        if self._line is not None:
            await self._line.close()

    async def has_moved(self, url: str, seconds: float) -> None:
        """Wait until it has caught up somewhere else than at `url`."""
        async with asyncio.timeout(seconds):
            while self.url == url or not self.is_ready.is_set():
                await asyncio.sleep(0.05)  # it may try in vain, and be ready in between

    def place(self, conversation: str) -> int:
        """Return up to where everything was heard."""
        seen, place = self._seen[conversation], self._contiguous[conversation]
        while place + 1 in seen:
            place += 1
        self._contiguous[conversation] = place
        return place

    async def send(self, conversation: str, text: str, nonce: str | None = None) -> Operation:
        """Send a message, and again with the same nonce until there is an answer or no patience left."""
        operation = Operation(
            user=self.user, conversation=conversation, nonce=nonce or str(uuid4()), started=time.time()
        )
        self._history.operations.append(operation)
        payload = {"conversationId": conversation, "text": text, "clientNonce": operation.nonce}
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(GIVE_UP_SECONDS):
                while not await self._attempt(operation, payload):
                    pass
        return operation

    async def ask(self, name: str, payload: Any) -> Answer:
        """Emit an event on the connection of the moment; raises `GoneError`."""
        await self.is_ready.wait()
        assert self._line is not None
        return await self._line.ask(name, payload)

    async def _attempt(self, operation: Operation, payload: Any) -> bool:
        """Ask once; return whether that was answered."""
        await self.is_ready.wait()
        line = self._line
        assert line is not None
        operation.attempts += 1
        try:
            answer = await line.ask("chat:send", payload)
        except GoneError:
            await line.close()
            self._depart()
            return False
        operation.ended = time.time()
        if answer["ok"]:
            operation.outcome = "ok"
            operation.message_id, operation.seq = answer["message"]["id"], answer["message"]["seq"]
        else:
            operation.outcome = "fail" if operation.attempts == 1 else "indeterminate"
            operation.code = answer["error"]["code"]
        return True

    async def _live(self) -> None:
        while True:
            try:
                await self._connect()
            except (GoneError, OSError, WebSocketException, TimeoutError) as error:
                self.problems.append(repr(error))
            self._depart()
            await asyncio.sleep(RETURN_SECONDS * (0.5 + self._dice.random()))

    def _arrive(self) -> None:
        if self.gone_at is not None:
            self.absences.append(Absence(self.gone_at, time.time()))
            self.gone_at = None
        self.is_ready.set()

    def _depart(self) -> None:
        if self.gone_at is None:
            self.gone_at = time.time()
        self.is_ready.clear()

    async def _connect(self) -> None:
        self.url = self._dice.choice(self._urls)
        address = f"{self.url.replace('http', 'ws', 1)}/socket.io/?EIO=4&transport=websocket"
        async with asyncio.timeout(ANSWER_SECONDS):
            socket = await connect(address, compression=None, ping_interval=None, max_size=None, proxy=None)
        self.connections += 1
        self._connection = next(_numbers)
        self._way = {}
        self._line = line = Line(socket, self._hear)
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                await line.open(self._token)
            reading = asyncio.create_task(line.run())
            try:
                await self._catch_up(line)
                self._arrive()
                await reading
            finally:
                reading.cancel()
        finally:
            await line.close()

    async def _catch_up(self, line: Line) -> None:
        for conversation in self.conversations:
            after = self.place(conversation)
            self._way[conversation] = "live" if self._syncs else "join"
            asked = {"conversationId": conversation} | ({} if self._syncs else {"afterSeq": after})
            answer = await line.ask("chat:join", asked)
            if not answer["ok"]:
                raise GoneError(f"not joined: {answer}")
            self._way[conversation] = "live"
            if answer.get("gap") or self._syncs:
                await self._sync(line, conversation, after)

    async def _sync(self, line: Line, conversation: str, after: int) -> None:
        while True:
            answer = await line.ask("chat:sync", {"conversationId": conversation, "afterSeq": after, "limit": PAGE})
            if not answer["ok"] or answer["gap"]:
                raise GoneError(f"not synced: {answer}")
            for entry in answer["events"]:
                self._note(conversation, entry["event"], entry["payload"], "sync")
                after = entry["seq"]
            if not answer["hasMore"]:
                return

    def _hear(self, name: str, payload: Any) -> None:
        if not name.startswith("chat:") or not isinstance(payload, dict):
            return
        message = payload.get("message")
        told = message if isinstance(message, dict) else payload
        conversation = told.get("conversation_id") or payload.get("conversationId")
        if conversation is not None and name not in ("chat:ack", "chat:joined"):
            self._note(conversation, name, payload, self._way.get(conversation, "live"))

    def _note(self, conversation: str, name: str, payload: Any, way: Way) -> None:
        message = payload.get("message") if name == "chat:new" else None
        seq = message["seq"] if message else payload.get("seq")
        if seq is None:
            return
        self._seen.setdefault(conversation, set()).add(seq)
        heard = Heard(
            user=self.user,
            connection=self._connection,
            conversation=conversation,
            seq=seq,
            name=name,
            at=time.time(),
            message_id=message["id"] if message else None,
            way=way,
        )
        self._history.heard.append(heard)


async def at_pace(rate: float, count: int, act: Callable[[], Awaitable[Any]]) -> list[Any]:
    """Begin `count` acts, `rate` a second, whatever becomes of those before; return what each came to."""
    loop = asyncio.get_running_loop()
    begin, tasks = loop.time(), []
    for number in range(count):
        await asyncio.sleep(max(0.0, begin + number / rate - loop.time()))
        tasks.append(asyncio.ensure_future(act()))
    return list(await asyncio.gather(*tasks))
