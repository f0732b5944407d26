"""Events between servers: one Channels group, an envelope for many events. It only wakes; the log is the truth.

A server that is silent speaks at once, and then collects for a moment, the longer the more it has to say: an envelope
costs its hearers some 300 microseconds of CPU whatever it holds, and an event in it that concerns nobody there two, for
only its address is read.
"""

import asyncio
import contextlib
import logging
import time
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

import msgspec
from channels.layers import get_channel_layer

from conversations.events import CampaignUpdated, ConversationCreated, MemberAdded, MemberRemoved, StateChanged
from messaging.events import (
    ActionTaken,
    MessageDeleted,
    MessageEdited,
    MessageSent,
    MessagesRead,
    ReactionAdded,
    ReactionRemoved,
)
from stoory.accounts.events import AccessRevoked
from stoory.events import Event
from stoory.ids import uuid7
from stoory.realtime.envelopes import BadEnvelopeError, seal, unseal
from stoory.realtime.events import PresenceChanged, TestMessageSent, Typing, UserJoined
from stoory.realtime.health import Health
from stoory.realtime.inquiries import Answered, Asked

logger = logging.getLogger(__name__)

GROUP = "stoory.events"
HEARTBEAT_SECONDS = 2.0
DEAF_AFTER_SECONDS = 10.0
PUBLISH_TIMEOUT_SECONDS = 1.0
RETRY_SECONDS = 1.0
COLLECTING_SECONDS, MOST_COLLECTING_SECONDS = 0.025, 0.1
COLLECTING_SECONDS_PER_EVENT = 0.004  # of the last envelope
QUEUE_LIMIT = 10_000
COMPLAINT_SECONDS = 60.0
GARBAGE = (BadEnvelopeError, msgspec.DecodeError, ValueError, TypeError)  # the last two are the layer's

BusEvent = (
    MessageSent
    | MessageEdited
    | MessageDeleted
    | MessagesRead
    | ReactionAdded
    | ReactionRemoved
    | ConversationCreated
    | MemberAdded
    | MemberRemoved
    | StateChanged
    | ActionTaken
    | CampaignUpdated
    | Typing
    | UserJoined
    | PresenceChanged
    | AccessRevoked
    | TestMessageSent
    | Asked
    | Answered
)

_encode = msgspec.msgpack.Encoder().encode
_addressed = msgspec.msgpack.Decoder(list[tuple[str, msgspec.Raw]]).decode
_decode = msgspec.msgpack.Decoder(BusEvent).decode

TO_ALL = ""


def _address(event: Event) -> str:
    """Return the conversation whose followers alone an event concerns; a new member's server follows none yet."""
    return event.conversation_id if event.seq and not isinstance(event, MemberAdded) else TO_ALL


class Bus:
    """This server's end of the group. What it publishes itself comes back and proves that it can hear."""

    def __init__(self, deliver: Callable[[Sequence[Event]], None], is_followed: Callable[[str], bool]) -> None:
        self.node = str(uuid7())
        self._complained_at = float("-inf")
        self._deliver = deliver
        self._is_followed = is_followed
        self._layer = get_channel_layer()
        self._outgoing: asyncio.Queue[Sequence[Event]] = asyncio.Queue(QUEUE_LIMIT)
        self._listener: asyncio.Task[None] | None = None
        self._tasks: list[asyncio.Task[None]] = []
        self._heard_at = 0.0
        self._said_at = self._spoke_at = 0.0
        self.published = self.received = 0  # events
        self.lost = Counter[str]()  # by reason: events that did not get out, envelopes that none of us has sealed
        self.lag = 0.0  # seconds that the last envelope took to come back
        self._stopping = False  # redis-py may turn a cancellation into an error of its own

    async def start(self) -> None:
        """Join the group and begin to send and to listen; an absent Redis is waited for in the background."""
        self._heard_at = time.monotonic()
        self._listener = asyncio.create_task(self._listen())
        self._tasks = [asyncio.create_task(self._send()), asyncio.create_task(self._heartbeat())]

    async def stop(self) -> None:
        """Leave, with all said that was to be said unless the bus is stuck."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(PUBLISH_TIMEOUT_SECONDS):
                await self._outgoing.join()
        self._stopping = True
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._leave()

    def publish(self, events: Sequence[Event]) -> None:
        """Send events to the other servers, soon; when the bus is stuck they are dropped, and read from the log."""
        try:
            self._outgoing.put_nowait(events)
        except asyncio.QueueFull:
            self.lost["queue_full"] += len(events)

    @property
    def waiting(self) -> int:
        """How many batches wait to be sent."""
        return self._outgoing.qsize()

    @property
    def is_healthy(self) -> bool:
        """Whether this server has heard the bus, itself or another, in the last ten seconds."""
        return time.monotonic() - self._heard_at < DEAF_AFTER_SECONDS

    def health(self) -> Health:
        """Return how the bus is.

        Where it is away for everyone, events are read from the log every second instead: degraded, and no reason to
        take all servers out at once. Where this server alone is deaf, others serve better: failed.
        """
        if self.is_healthy:
            return Health.OK
        can_speak = time.monotonic() - self._spoke_at < DEAF_AFTER_SECONDS
        return Health.FAILED if can_speak else Health.DEGRADED

    async def _listen(self) -> None:
        while not self._stopping:
            try:
                channel = await self._layer.new_channel()
                await self._layer.group_add(GROUP, channel)
                while True:
                    await self._hear(channel)
            except Exception as error:
                logger.warning("The bus can't be heard: %r", error)
                await asyncio.sleep(RETRY_SECONDS)

    async def _leave(self) -> None:
        """Close the layer's connections, then stop listening: the other way round its clean-up can wait for ever."""
        with contextlib.suppress(Exception):
            async with asyncio.timeout(PUBLISH_TIMEOUT_SECONDS):
                await self._layer.flush()
        if self._listener is not None:
            self._listener.cancel()
            await asyncio.wait([self._listener], timeout=PUBLISH_TIMEOUT_SECONDS)

    async def _hear(self, channel: str) -> None:
        try:
            events = self._opened(await self._layer.receive(channel))
        except GARBAGE as error:
            self._reject(error)
            return
        if events:
            self._deliver(events)

    def _opened(self, envelope: Any) -> Sequence[Event]:
        """Return what another server says; nothing is what this one has said itself."""
        node, body = unseal(envelope)
        self._heard_at = time.monotonic()
        if node == self.node:
            self.lag = self._heard_at - self._said_at
            return ()
        addressed = _addressed(body)
        self.received += len(addressed)
        return [_decode(event) for to, event in addressed if to == TO_ALL or self._is_followed(to)]

    def _reject(self, error: Exception) -> None:
        """Count what is not ours, and say so once a minute: whoever writes it may do so often."""
        self.lost["rejected"] += 1
        if time.monotonic() - self._complained_at >= COMPLAINT_SECONDS:
            self._complained_at = time.monotonic()
            logger.warning("The bus carries what is not ours, %d envelopes so far: %s", self.lost["rejected"], error)

    async def _send(self) -> None:
        collecting = COLLECTING_SECONDS
        while not self._stopping:
            batches = [await self._outgoing.get()]
            await asyncio.sleep(self._said_at + collecting - time.monotonic())
            while not self._outgoing.empty():
                batches.append(self._outgoing.get_nowait())
            events = [event for batch in batches for event in batch]
            self._said_at = time.monotonic()
            collecting = min(
                max(COLLECTING_SECONDS, len(events) * COLLECTING_SECONDS_PER_EVENT), MOST_COLLECTING_SECONDS
            )
            try:
                async with asyncio.timeout(PUBLISH_TIMEOUT_SECONDS):
                    addressed = [(_address(event), msgspec.Raw(_encode(event))) for event in events]
                    await self._layer.group_send(GROUP, seal(self.node, _encode(addressed)))
                self._spoke_at = time.monotonic()
                self.published += len(events)
            except Exception as error:
                self.lost["not_sent"] += len(events)
                logger.warning("%d events did not get onto the bus: %r", len(events), error)
            for _ in batches:
                self._outgoing.task_done()

    async def _heartbeat(self) -> None:
        """Say something now and then; who does not hear it listens anew (python-socketio issue 1581)."""
        while True:
            self.publish(())
            await asyncio.sleep(HEARTBEAT_SECONDS)
            if not self.is_healthy:
                await self._leave()
                self._listener = asyncio.create_task(self._listen())
