"""One server: its sockets, its lane, its end of the bus, put together and started."""

import asyncio
from collections.abc import Sequence
from typing import Protocol

from django.conf import settings

from messaging.events import MessageSent
from stoory import events, metrics
from stoory.accounts.token_memory import memory
from stoory.events import Event
from stoory.realtime import health
from stoory.realtime.answers import Answers
from stoory.realtime.bus import Bus
from stoory.realtime.charges import Charges
from stoory.realtime.dispatch import Dispatcher
from stoory.realtime.draining import drain, hang_up
from stoory.realtime.figures import figures
from stoory.realtime.health import Health
from stoory.realtime.inquiries import Inquiries, desk
from stoory.realtime.lane import Lane
from stoory.realtime.presence import Presence
from stoory.realtime.pulse import Pulse
from stoory.realtime.requests import Requests
from stoory.realtime.revocation import Revocation
from stoory.realtime.senders import sender
from stoory.realtime.server import Dispatch, Server
from stoory.realtime.typing import TypingIndicators
from stoory.realtime.worker import Worker
from stoory.throttling import limiter


class Service(Protocol):
    """Something that works beside the sockets for as long as they are served."""

    async def start(self) -> None: ...

    async def stop(self) -> None: ...


class Node:
    """The realtime part of one process, and the services that live as long as it does."""

    def __init__(self, services: Sequence[Service] = ()) -> None:
        self.charges = Charges(limiter())
        self.server = Server(self.charges)
        self.relay = self.server.relay
        self.bus = Bus(self._hear, self.relay.positions.is_followed)
        self.lane = self._make_lane()
        self.server.typing = TypingIndicators(lambda event: self.tell([event]))
        self.presence = self.server.presence = Presence(self.bus.node, self.tell, self._hang_up)
        self.requests = requests = self.server.requests = Requests(
            rooms=self.server.rooms,
            sessions=self.server.sessions,
            roster=self.server.roster,
            relay=self.relay,
            typing=self.server.typing,
            admit=self.server.admit,
            tell=self.tell,
            charges=self.charges,
            places=self.server.places,
        )
        self.dispatcher = Dispatcher(
            self.server.push, self.server.end, self.lane, requests, self.charges, self.relay.told, self.server.trace
        )
        self.server.dispatch = self._dispatch()
        self.revocation = Revocation(self.server.sessions, self.server.roster, self.server.dismiss)
        answers = Answers(self.server.sessions, self.server.trace, self.server.end, metrics.snapshot)
        self.inquiries = Inquiries(self.bus.node, self.bus.publish, answers.by_topic())
        self.worker = Worker() if settings.WORKER else None
        self.services = services
        self.pulse = Pulse()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._watches: list[asyncio.Task[None]] = []

    def _make_lane(self) -> Lane:
        return Lane(sender(), deliver=self._deliver, publish=self._publish)

    def _dispatch(self) -> Dispatch:
        return self.dispatcher.dispatch

    def _deliver(self, event: Event) -> None:
        self._accept([event])

    def _accept(self, events: Sequence[Event]) -> None:
        self.relay.accept(events)

    def _publish(self, events: Sequence[Event]) -> None:
        self.bus.publish(events)
        self.server.trace.published(event.message.id for event in events if isinstance(event, MessageSent))

    async def start(self) -> None:
        """Begin to serve; doing it twice is once."""
        if self._loop is not None:
            return
        self._loop = asyncio.get_running_loop()
        events.subscribe(self._committed)
        health.watch("bus", self.bus.health)
        health.watch("lane", self.lane.health)
        metrics.watch("node", lambda: figures(self))
        desk.open(self.inquiries)
        await self.bus.start()
        await self.lane.start()
        await self.presence.start()
        self._watches = [
            asyncio.create_task(self.relay.repair(lambda: self.bus.is_healthy)),
            asyncio.create_task(self.revocation.watch()),
            asyncio.create_task(self.pulse.beat()),
        ]
        if self.worker is not None:
            await self.worker.start()
            health.watch("worker", self.worker.health)
        for service in self.services:
            await service.start()

    async def drain(self) -> None:
        """Say that this server leaves, take nobody in, and give its sockets away; REST goes on."""
        health.watch("leaving", lambda: Health.FAILED)
        self.server.eio.is_leaving = True
        await asyncio.gather(drain(self.server.eio.sockets), self._stop_working())

    async def stop(self) -> None:
        """Finish what is under way, then leave."""
        if self._loop is None:
            return
        await self._stop_working()
        health.forget("leaving")
        events.unsubscribe(self._committed)
        health.forget("bus")
        health.forget("lane")
        metrics.forget("node")
        desk.close(self.inquiries)
        await self.lane.stop()
        for watch in self._watches:
            watch.cancel()
        await asyncio.wait(self._watches)
        await self.presence.stop()
        await self.bus.stop()
        await self.server.eio.shutdown()
        await self.charges.close()
        self._loop = None

    async def _stop_working(self) -> None:
        working = [*self.services, *([self.worker] if self.worker is not None else [])]
        await asyncio.gather(*(each.stop() for each in working))
        health.forget("worker")

    def _hang_up(self) -> None:
        hang_up(list(self.server.eio.sockets.values()))

    def tell(self, committed: Sequence[Event]) -> None:
        """Deliver events to the sockets here and send them to the other servers; on the event loop only."""
        self._accept(committed)
        self.revocation.heard(committed)
        self._publish(committed)

    def _hear(self, heard: Sequence[Event]) -> None:
        events = self.inquiries.take(heard)
        self._accept(events)
        self.revocation.heard(events)
        memory.heard(events)
        self.presence.heard(events)

    def _committed(self, committed: Sequence[Event]) -> None:
        """Take events from whichever thread committed them (REST, admin)."""
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self.tell, committed)
