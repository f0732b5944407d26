"""Long polling: what is pushed waits for the client's next request, or ends the one that waits for it."""

import asyncio
from base64 import b64decode, b64encode
from collections.abc import Iterator
from contextlib import contextmanager

from stoory.realtime.frames import Frame
from stoory.realtime.transports import NOOP, BadPacket, Transport

SEPARATOR = "\x1e"
BINARY = "b"
UPGRADING_SECONDS = 0.1  # that a request waits for the end of an upgrade


class Overlap(Exception):
    """A client polls while it polls, or posts while it posts."""


class Polling(Transport):
    """The packets that wait for a poll, and the poll that waits for packets."""

    name = "polling"
    __slots__ = ("_arrival", "_frames", "_is_posting", "_waiting", "is_upgrading")

    def __init__(self, budget: int) -> None:
        super().__init__(budget)
        self.is_upgrading = False
        self._frames: list[Frame] = []
        self._waiting = 0
        self._is_posting = False
        self._arrival: asyncio.Future[None] | None = None

    def push(self, frame: Frame) -> None:
        if self._waiting > self.half and self.refuses(frame):
            return
        self._frames.append(frame)
        self._waiting += len(frame.body)
        self.release()

    def waiting(self) -> int:
        return self._waiting

    def end(self, reason: str, code: int, last: Frame) -> None:
        super().end(reason, code, last)
        self._frames.append(last)
        self.release()

    def release(self) -> None:
        """Answer the poll that waits, with what there is."""
        if self._arrival is not None and not self._arrival.done():
            self._arrival.set_result(None)

    async def poll(self) -> bytes:
        """Return what waits for the client, once there is something; raises `Overlap`.

        While the client changes to a WebSocket there is nothing to wait for but the end of that.
        """
        if self._arrival is not None:
            raise Overlap
        if not self._frames:
            self._arrival = asyncio.get_running_loop().create_future()
            try:
                await asyncio.wait([self._arrival], timeout=UPGRADING_SECONDS if self.is_upgrading else None)
            finally:
                self._arrival = None
        return _encode(self.take() or [NOOP])

    @contextmanager
    def posting(self) -> Iterator[None]:
        """Take one request's packets before the next one's; raises `Overlap`."""
        if self._is_posting:
            raise Overlap
        self._is_posting = True
        try:
            yield
        finally:
            self._is_posting = False

    def take(self) -> list[Frame]:
        """Return what waits, and forget it."""
        frames, self._frames, self._waiting = self._frames, [], 0
        return frames


def _encode(frames: list[Frame]) -> bytes:
    return SEPARATOR.encode().join(
        BINARY.encode() + b64encode(frame.body) if frame.is_binary else frame.body for frame in frames
    )


def decode(body: bytes) -> list[str | bytes]:
    """Return the packets of a request; raises `BadPacket`."""
    try:
        return [_packet(text) for text in body.decode().split(SEPARATOR)]
    except ValueError as error:
        raise BadPacket from error


def _packet(text: str) -> str | bytes:
    return b64decode(text[1:], validate=True) if text.startswith(BINARY) else text
