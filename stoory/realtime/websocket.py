"""WebSockets of any ASGI server: given prepared frames where the server takes them, else texts.

Writing is a plain call, and reading costs nothing but the server's own. python-engineio 4.15.1 has a queue and three
tasks for each socket and makes two more for each packet (`asyncio.wait_for`), python-socketio 5.18.1 one for each
recipient.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Any

from stoory.realtime.frames import Frame
from stoory.realtime.transports import NORMAL, Message, Receive, Send, Transport

CLOSING_SECONDS = 1.0  # that a client has to take what was written before its connection was closed


class WebSocket(Transport):
    """A WebSocket: what it receives, and how it is closed. How it is written to is its heirs' matter."""

    name = "websocket"
    __slots__ = ("_ending", "_is_lost", "_reader", "_receive", "_send")

    def __init__(self, receive: Receive, send: Send, budget: int) -> None:
        super().__init__(budget)
        self._receive = receive
        self._send = send
        self._reader: asyncio.Task[Any] | None = None
        self._ending: tuple[str, int] | None = None
        self._is_lost = False

    async def receive(self) -> str | bytes | None:
        """Return what the client sends next, or None where either side has ended the connection."""
        if self._has_ended():
            return None
        self._reader = task = asyncio.current_task()
        try:
            if self.waiting() > self.half:
                await self._drain()
            message = await self._receive()
        except asyncio.CancelledError:
            if task is None or not self._has_ended():
                raise
            task.uncancel()
            return None
        finally:
            self._reader = None
        if message["type"] != "websocket.receive":
            self._is_lost = True
            return None
        text: str | None = message.get("text")
        return message["bytes"] if text is None else text

    def _has_ended(self) -> bool:
        return self._ending is not None

    def end(self, reason: str, code: int, last: Frame) -> None:
        super().end(reason, code, last)
        self._ending = reason, code
        if self._reader is not None:
            self._reader.cancel()

    async def finish(self) -> None:
        """Close the connection behind what was written; who does not take that is not waited for."""
        if self._is_lost:
            return
        reason, code = self._ending or ("", NORMAL)
        try:
            async with asyncio.timeout(CLOSING_SECONDS):
                await self._flush()
                await self._send({"type": "websocket.close", "code": code, "reason": reason})
        except TimeoutError:
            self._abandon()
        except Exception:  # whatever it is that a server raises for a connection that has gone
            self._is_lost = True

    async def _drain(self) -> None:
        """Wait until less than half of the budget waits."""
        raise NotImplementedError

    async def _flush(self) -> None:
        """Write what is kept here."""

    def _abandon(self) -> None:
        """Give up what the client does not take."""


class Turn:
    """The WebSockets that were pushed to in this turn of the loop. What each was given is one write, at its end.

    A write is a system call, and that is most of what a delivery costs: 4 of 5 µs. uvloop makes it at once, one a call,
    and so does Node; a room that hears two events of one message pays for one here.
    """

    __slots__ = ("_sockets",)

    def __init__(self) -> None:
        self._sockets: list[PreparedWebSocket] = []

    def add(self, socket: "PreparedWebSocket") -> None:
        """Have `socket` written to at the end of the turn."""
        if not self._sockets:
            asyncio.get_running_loop().call_soon(self._end)
        self._sockets.append(socket)

    def _end(self) -> None:
        sockets, self._sockets = self._sockets, []
        for socket in sockets:
            socket.write()


class PreparedWebSocket(WebSocket):
    """A WebSocket whose server takes whole frames, which are written to its transport."""

    __slots__ = ("_connection", "_drained", "_is_lagging", "_pushed", "_size", "_turn", "_write")

    def __init__(
        self,
        receive: Receive,
        send: Send,
        budget: int,
        turn: Turn,
        *,
        transport: asyncio.Transport,
        drained: Callable[[], Awaitable[Any]],
    ) -> None:
        super().__init__(receive, send, budget)
        transport.set_write_buffer_limits(high=self.half)
        self._connection = transport
        self._drained = drained
        self._size = transport.get_write_buffer_size
        self._write = transport.write
        self._turn = turn
        self._pushed: list[bytes] = []
        self._is_lagging = False

    def push(self, frame: Frame) -> None:
        if self._is_lagging and self.refuses(frame):
            return
        pushed = self._pushed
        if not pushed:
            self._turn.add(self)
        pushed.append(frame.wire)

    def write(self) -> None:
        """Write what was pushed in this turn of the loop."""
        pushed, write = self._pushed, self._write
        try:
            write(pushed[0] if len(pushed) == 1 else b"".join(pushed))
        except RuntimeError:  # uvloop's word for a connection that went, which is not known here yet
            self._is_lost = True
        pushed.clear()
        self._is_lagging = self.waiting() > self.half

    def waiting(self) -> int:
        return self._size()

    def refuses(self, frame: Frame) -> bool:
        self._is_lagging = self.waiting() > self.half
        return self._is_lagging and super().refuses(frame)

    async def _flush(self) -> None:
        if self._pushed:
            self.write()

    async def _drain(self) -> None:
        await self._drained()

    def _abandon(self) -> None:
        self._connection.abort()


class PlainWebSocket(WebSocket):
    """A WebSocket of which nothing but ASGI is known: one task writes what was pushed, text by text."""

    __slots__ = ("_filled", "_frames", "_taken", "_waiting", "_writer")

    def __init__(self, receive: Receive, send: Send, budget: int) -> None:
        super().__init__(receive, send, budget)
        self._frames: deque[Frame] = deque()
        self._waiting = 0
        self._filled = asyncio.Event()
        self._taken = asyncio.Event()
        self._writer = asyncio.create_task(self._write())

    def push(self, frame: Frame) -> None:
        if self._waiting > self.half and self.refuses(frame):
            return
        self._frames.append(frame)
        self._waiting += len(frame.body)
        self._filled.set()

    def waiting(self) -> int:
        return self._waiting

    async def finish(self) -> None:
        await super().finish()
        self._writer.cancel()

    async def _write(self) -> None:
        try:
            while True:
                await self._filled.wait()
                self._filled.clear()
                while self._frames:
                    frame = self._frames.popleft()
                    await self._send(_message(frame))
                    self._waiting -= len(frame.body)
                    self._taken.set()
        except Exception:  # whatever it is that a server raises for a connection that has gone
            self._is_lost = True

    async def _drain(self) -> None:
        await self._until(self.half)

    async def _flush(self) -> None:
        await self._until(0)

    async def _until(self, limit: int) -> None:
        while self._waiting > limit:
            self._taken.clear()
            await self._taken.wait()

    def _abandon(self) -> None:
        self._frames.clear()
        self._waiting = 0


def _message(frame: Frame) -> Message:
    if frame.is_binary:
        return {"type": "websocket.send", "bytes": frame.body}
    return {"type": "websocket.send", "text": frame.text}
