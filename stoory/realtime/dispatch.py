"""From an inbound event to its answer, by the contracts' tables. No exception leaves here: failures are answered."""

import logging
from collections.abc import Callable
from typing import Any

import msgspec
from django.conf import settings

from messaging.commands import SendMessage
from messaging.services import Outcome
from stoory.commands import execute
from stoory.errors import DomainError, Forbidden, InvalidPayload, NotAuthenticated, PayloadTooLarge, UnknownEvent
from stoory.http import invalid
from stoory.realtime import packets
from stoory.realtime.contracts import CONTRACTS
from stoory.realtime.contracts.base import (
    Authenticate,
    Contract,
    Join,
    JsonObject,
    Leave,
    Message,
    Request,
    Route,
    SetTyping,
    Sync,
)
from stoory.realtime.database import database
from stoory.realtime.lane import Lane
from stoory.realtime.relay import Push
from stoory.realtime.repeats import Repeats
from stoory.realtime.requests import Requests
from stoory.realtime.sessions import Session

logger = logging.getLogger(__name__)

ROUTES: dict[str, tuple[Contract, Route[Any]]] = {
    name: (contract, route) for contract in CONTRACTS for name, route in contract.inbound.items()
}
IDENTITY_KEYS = ("userId", "senderId", "user_id", "sender_id")
MAX_ECHO = 128


class Call:
    """One inbound event and the way back to who sent it: replies and an acknowledgement, on that socket alone."""

    def __init__(self, push: Push, session: Session, name: str, payload: Any, ack_id: int | None) -> None:
        self._push = push
        self._ack_id = ack_id
        self.session = session
        self.name = name
        self.payload = payload
        self.contract = CONTRACTS[0]

    def reply(self, message: Message) -> None:
        """Emit an event to the calling socket."""
        self._push(self.session, packets.event(self.session.namespace, *message))
        logger.info("[EMIT] %s %s", message[0], self.session.sid)

    def acknowledge(self, fields: JsonObject) -> None:
        """Answer the acknowledgement callback, if the client passed one."""
        if self._ack_id is not None:
            self._push(self.session, packets.ack(self.session.namespace, self._ack_id, fields))

    def fail(self, error: DomainError) -> None:
        """Answer with the family's error event and a coded acknowledgement."""
        if isinstance(error, InvalidPayload):
            error = _in_wire_names(error)
        self.reply(self.contract.fault(self.name, echoable(self.payload), error))
        self.acknowledge({"ok": False, "error": error.as_dict()})


class Dispatcher:
    """Takes every event of every family."""

    def __init__(self, push: Push, end: Callable[[Session], None], lane: Lane, requests: Requests) -> None:
        self._push = push
        self._end = end
        self._lane = lane
        self._requests = requests
        self._repeats = Repeats()

    async def dispatch(self, session: Session, data: list[Any], ack_id: int | None, size: int) -> None:
        """Handle the event `data` = [name, payload, …], `size` characters long as it came."""
        payload = data[1] if len(data) > 1 else None
        call = Call(self._push, session, echoable(data[0]), payload, ack_id)
        try:
            await self._handle(call, data[0], size)
        except DomainError as error:
            self._fail(call, error)
        except Exception:
            logger.exception("%s failed", call.name)
            self._fail(call, DomainError())

    def _fail(self, call: Call, error: DomainError) -> None:
        call.fail(error)
        if call.name in ROUTES and ROUTES[call.name][1].vital:
            self._end(call.session)

    async def _handle(self, call: Call, name: str, size: int) -> None:
        known = ROUTES.get(name)
        if known is None:
            raise UnknownEvent
        call.contract, route = known
        session = call.session
        if not session.is_authenticated and not route.public:
            raise NotAuthenticated
        if size > settings.MAX_EVENT_BYTES:
            raise PayloadTooLarge
        payload = _decode(route, call.payload)
        if session.is_authenticated:
            _check_identity(session, call.payload)
        asked = route.request(session.user_id, payload)
        if isinstance(asked, SendMessage):
            self._send(call, route, payload, asked)
        elif isinstance(asked, Request):
            self._succeed(call, route, payload, await self._requested(call, asked))
        else:
            self._succeed(call, route, payload, await database(execute, asked))

    def _send(self, call: Call, route: Route[Any], payload: Any, command: SendMessage) -> None:
        def done(outcome: Outcome | None) -> None:
            if isinstance(outcome, DomainError):
                call.fail(outcome)
            elif outcome is not None:
                logger.info("[CHAT] saved message %s", outcome.message.id)
                self._succeed(call, route, payload, outcome)

        self._lane.submit(self._repeats.named(command), done)

    async def _requested(self, call: Call, request: Request) -> Any:
        session = call.session
        match request:
            case Authenticate():
                return await self._requests.authenticate(session, request.token)
            case Join():
                return await self._requests.join(session, call.contract, request, call.reply)
            case Leave():
                return self._requests.leave(session, call.contract, request)
            case Sync():
                return await self._requests.sync(session, call.contract, request)
            case SetTyping():
                return await self._requests.set_typing(session, request)
        raise AssertionError(f"nobody handles {type(request).__name__}")

    def _succeed(self, call: Call, route: Route[Any], payload: Any, result: Any) -> None:
        for message in route.replies(payload, result):
            call.reply(message)
        call.acknowledge({"ok": True, **route.ack(result)})


def _decode(route: Route[Any], payload: Any) -> Any:
    try:
        return msgspec.convert(payload, route.payload)
    except msgspec.ValidationError as error:
        raise invalid(error) from error
    except RecursionError as error:
        raise InvalidPayload("Nested too deep") from error


def _check_identity(session: Session, payload: Any) -> None:
    """Refuse an event that says it comes from somebody else: identity comes from the token alone."""
    if isinstance(payload, dict):
        for key in IDENTITY_KEYS:
            if payload.get(key) not in (None, session.user_id):
                raise Forbidden


def _in_wire_names(error: InvalidPayload) -> InvalidPayload:
    path = str(error.details["path"])
    if not path.startswith("$"):
        head, *rest = path.split("_")
        path = "$." + head + "".join(word.title() for word in rest)
    return InvalidPayload(error.message, path=path)


def echoable(value: Any) -> Any:
    """Return what may be sent back of what a client sent: its short texts, made valid."""
    match value:
        case str():
            return value[:MAX_ECHO].encode("utf-8", "replace").decode()
        case dict():
            return {key: echoable(item) for key, item in value.items() if isinstance(item, str)}
    return None
