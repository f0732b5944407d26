"""What long polling and WebSockets share: a client that does not take what it is sent costs a bounded memory.

A client has a budget of bytes. Over half of it ephemeral frames are dropped, and the client is not read from, so that
its requests can't pile up answers. Who is over all of it, and still is a moment later, is too slow: the connection is
ended and the memory given back; the client connects anew and asks for what it missed. The moment is for bursts such as
a replay, which a client that does read needs a little time to take.
"""

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, ClassVar

from stoory.realtime.frames import Frame

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

PATIENCE_SECONDS = 1.0

NORMAL, PROTOCOL_ERROR, TOO_BIG, SERVICE_RESTART, TRY_AGAIN_LATER = 1000, 1002, 1009, 1012, 1013
CLOSE, NOOP = Frame(b"1"), Frame(b"6")


class BadPacket(Exception):
    """The client sends what is no packet, or not one of a client's; its session ends with `code`."""

    def __init__(self, code: int = PROTOCOL_ERROR) -> None:
        super().__init__(code)
        self.code = code


class Transport:
    """A way to a client, and its budget."""

    name: ClassVar[str]
    __slots__ = ("_judgement", "budget", "half", "on_overflow")

    def __init__(self, budget: int) -> None:
        self.budget = budget
        self.half = budget // 2
        self.on_overflow: Callable[[], None] | None = None
        self._judgement: asyncio.TimerHandle | None = None

    def push(self, frame: Frame) -> None:
        """Send a frame, or keep it until the client takes it; never waits."""
        raise NotImplementedError

    def waiting(self) -> int:
        """Return how many bytes the client has not taken."""
        raise NotImplementedError

    def end(self, reason: str, code: int, last: Frame) -> None:
        """Have the connection closed: a WebSocket with a code and a reason, a poll with a last packet."""
        if self._judgement is not None:
            self._judgement.cancel()

    def refuses(self, frame: Frame) -> bool:
        """Return whether a frame is not for a client that has more than half of its budget waiting."""
        if frame.is_ephemeral:
            return True
        if self._judgement is None and self.waiting() > self.budget:
            self._judgement = asyncio.get_running_loop().call_later(PATIENCE_SECONDS, self._judge)
        return False

    def _judge(self) -> None:
        self._judgement = None
        if self.on_overflow is not None and self.waiting() > self.budget:
            self.on_overflow()
