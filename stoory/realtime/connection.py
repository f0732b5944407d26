"""An Engine.IO session: one client, its heartbeat, and whichever transport it has at the time."""

import asyncio
import logging
from collections.abc import Callable, Iterable
from typing import Any, Protocol

import engineio

from stoory import logs
from stoory.realtime.frames import Frame
from stoory.realtime.handshakes import Peer
from stoory.realtime.timetable import Timetable
from stoory.realtime.transports import CLOSE, NOOP, NORMAL, TOO_BIG, TRY_AGAIN_LATER, BadPacket, Transport

logger = logging.getLogger(__name__)

FAIR_SHARE = 50  # packets of one client that are taken before others have their turn

PING = Frame(b"2")

REASONS = engineio.AsyncServer.reason
SLOW_CONSUMER = "slow_consumer"


class Host(Protocol):
    """What a connection needs of its server."""

    timetable: Timetable
    ping_interval: float
    ping_timeout: float
    max_http_buffer_size: int

    async def take(self, connection: "Connection", message: str | bytes) -> None:
        """Take a message of the client; raises `BadPacket`."""

    def forget(self, connection: "Connection", reason: str) -> None:
        """Let go of a connection that has ended."""


class Connection:
    """A session. `sessions` is its holder's: what speaks through it, by namespace."""

    __slots__ = (
        "_heartbeat",
        "_host",
        "_is_pinged",
        "_received",
        "is_closed",
        "peer",
        "push",
        "sessions",
        "sid",
        "transport",
    )

    def __init__(self, host: Host, sid: str, peer: Peer, transport: Transport) -> None:
        self._host = host
        self.sid = sid
        self.peer = peer
        self.sessions: dict[str, Any] = {}
        self.is_closed = False
        self._use(transport)
        self._received = 0
        self._is_pinged = False
        self._heartbeat = host.timetable.after(host.ping_interval, self._ping)

    def _use(self, transport: Transport) -> None:
        self.transport = transport
        self.push: Callable[[Frame], None] = transport.push  # the hottest call of all has no step between
        transport.on_overflow = self._overflow

    def change_to(self, transport: Transport, waiting: Iterable[Frame]) -> None:
        """Go on over another transport, which is given what the client has not taken of the old one."""
        self._use(transport)
        for frame in waiting:
            transport.push(frame)

    async def receive(self, packet: str | bytes) -> None:
        """Take a packet of the client, if the session has not ended by another; raises `BadPacket`."""
        if self.is_closed:
            return
        if len(packet) > self._host.max_http_buffer_size:
            raise BadPacket(TOO_BIG)
        self._received += 1
        if self._received % FAIR_SHARE == 0:
            await asyncio.sleep(0)
        if isinstance(packet, bytes):
            await self._host.take(self, packet)
        elif packet.startswith("4"):
            await self._host.take(self, packet[1:])
        elif packet == "3":
            self._pong()
        elif packet == "1":
            self.close(REASONS.CLIENT_DISCONNECT, last=NOOP)
        else:
            raise BadPacket

    def close(self, reason: str = REASONS.SERVER_DISCONNECT, code: int = NORMAL, *, last: Frame = CLOSE) -> None:
        """End the session, and its connection behind what it was sent; doing it twice is once."""
        if self.is_closed:
            return
        self.is_closed = True
        self.push = _nowhere
        self._heartbeat.cancel()
        self._host.forget(self, reason)
        self.transport.end(reason, code, last)

    def _ping(self) -> None:
        self._is_pinged = True
        self.push(PING)
        self._heartbeat = self._host.timetable.after(self._host.ping_timeout, self.close, REASONS.PING_TIMEOUT)

    def _pong(self) -> None:
        if self._is_pinged:
            self._is_pinged = False
            self._heartbeat.cancel()
            self._heartbeat = self._host.timetable.after(self._host.ping_interval, self._ping)

    def _overflow(self) -> None:
        about = {"socket_id": logs.alias(self.sid)}
        logger.warning("A slow consumer is disconnected; %d bytes wait for it", self.transport.waiting(), extra=about)
        self.close(SLOW_CONSUMER, TRY_AGAIN_LATER)


def _nowhere(frame: Frame) -> None:
    """Send nothing: the session has ended."""
