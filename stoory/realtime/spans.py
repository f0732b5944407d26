"""What of a server is traced: HTTP requests, events of sockets, commits, what is published, what is delivered.

A commit is of many events at once, so that it is no child of any: it links to all of them.
"""

from collections.abc import Awaitable, Callable, MutableMapping, Sequence
from typing import Any

from messaging.commands import SendMessage
from messaging.sending import Outcome
from stoory import logs
from stoory.events import Event
from stoory.realtime.lane import Done, Lane, Sender
from stoory.realtime.node import Node, Service
from stoory.realtime.senders import sender
from stoory.realtime.server import Dispatch
from stoory.realtime.sessions import Session
from stoory.tracing import Attributes, Place, Tracer

ASGIApp = Callable[[Any, Any, Any], Awaitable[None]]

MAX_NAME = 64


class TracedNode(Node):
    """A node around whose parts there are spans."""

    def __init__(self, tracer: Tracer, services: Sequence[Service] = ()) -> None:
        self._tracer = tracer
        super().__init__(services)

    def _make_lane(self) -> Lane:
        return TracedLane(sender(), self._tracer, deliver=self._deliver, publish=self._publish)

    def _dispatch(self) -> Dispatch:
        dispatch = super()._dispatch()

        async def traced(session: Session, data: list[Any], ack_id: int | None, size: int) -> None:
            socket_id = logs.alias(session.connection.sid)
            about: Attributes = {"stoory.socket_id": socket_id, "stoory.user_id": session.user_id, "stoory.bytes": size}
            with self._tracer.span(f"event {str(data[0])[:MAX_NAME]}", about):
                await dispatch(session, data, ack_id, size)

        return traced

    def _accept(self, events: Sequence[Event]) -> None:
        with self._tracer.span("deliver", _about(events)):
            super()._accept(events)

    def _publish(self, events: Sequence[Event]) -> None:
        with self._tracer.span("publish", _about(events)):
            super()._publish(events)


def _about(events: Sequence[Event]) -> Attributes:
    if len(events) != 1:
        return {"stoory.events": len(events)}
    (event,) = events
    kind = type(event).__name__
    return {"stoory.conversation_id": event.conversation_id, "stoory.seq": event.seq, "stoory.kind": kind}


class TracedLane(Lane):
    """A lane whose commits are spans, linked to the events that asked for them."""

    def __init__(
        self,
        sender: Sender,
        tracer: Tracer,
        deliver: Callable[[Event], None],
        publish: Callable[[Sequence[Event]], None],
    ) -> None:
        self._asked: dict[int, Place] = {}
        self._tracer = tracer
        super().__init__(_TracedSender(sender, tracer, self._asked), deliver, publish)

    def submit(self, command: SendMessage, done: Done) -> None:
        self._asked[id(command)] = self._tracer.here()
        super().submit(command, done)


class _TracedSender:
    def __init__(self, sender: Sender, tracer: Tracer, asked: dict[int, Place]) -> None:
        self._sender = sender
        self._tracer = tracer
        self._asked = asked

    async def send(self, commands: Sequence[SendMessage]) -> list[Outcome]:
        links = [self._asked.pop(id(command)) for command in commands if id(command) in self._asked]
        with self._tracer.span("commit", {"stoory.messages": len(commands)}, links=links):
            return await self._sender.send(commands)

    async def close(self) -> None:
        await self._sender.close()


def traced_http(application: ASGIApp, tracer: Tracer) -> ASGIApp:
    """Put a span around each HTTP request, within the trace that it says it belongs to."""

    async def traced(scope: MutableMapping[str, Any], receive: Any, send: Any) -> None:
        parent = next((value.decode("latin-1") for name, value in scope["headers"] if name == b"traceparent"), "")
        about: Attributes = {"http.request.method": scope["method"], "url.path": scope["path"]}
        with tracer.span(f"http {scope['method']}", about, parent=parent):
            await application(scope, receive, send)

    return traced
