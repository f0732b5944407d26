"""From an inbound event to its answer, by the contracts' tables. No exception leaves here: failures are answered."""

import logging
import time
from collections import defaultdict
from collections.abc import Callable
from time import perf_counter
from typing import Any

import msgspec
from django.conf import settings

from messaging.commands import SendMessage
from messaging.sending import Outcome
from stoory import logs
from stoory.commands import Command, execute
from stoory.errors import DomainError, InvalidPayload, NotAuthenticated, PayloadTooLarge, UnknownEvent
from stoory.http import invalid
from stoory.limits import Limit
from stoory.metrics import Histogram
from stoory.payloads import check_identity
from stoory.realtime import packets
from stoory.realtime.charges import Charges
from stoory.realtime.contracts import CONTRACTS
from stoory.realtime.contracts.base import (
    Authenticate,
    Contract,
    Follow,
    Join,
    JsonObject,
    Leave,
    Message,
    Request,
    Route,
    SetTyping,
    SetUserRoom,
    Sync,
    Unfollow,
)
from stoory.realtime.database import database
from stoory.realtime.lane import Lane
from stoory.realtime.relay import Push
from stoory.realtime.repeats import InFlight, Repeats
from stoory.realtime.requests import Requests
from stoory.realtime.sessions import Session
from stoory.realtime.told import Told
from stoory.realtime.trace import Trace

logger = logging.getLogger(__name__)

MAX_ECHO = 128
OTHER = "other"  # the name that events go by which no family has

Choice = tuple[Contract, Route[Any]]

ROUTES: dict[str, list[Choice]] = {}
for _contract in CONTRACTS:
    for _name, _route in _contract.inbound.items():
        ROUTES.setdefault(_name, []).append((_contract, _route))


def choose(session: Session, name: str, payload: Any) -> Choice:
    """Return the contract that means this event, and its route; raises `UnknownEvent`.

    A name that two families share is told by its payload (a bare id is seed 003's), or by the family that the socket
    has spoken so far.
    """
    choices = ROUTES.get(name)
    if not choices:
        raise UnknownEvent
    if len(choices) == 1:
        session.speaks = choices[0][0].name
        return choices[0]
    alike = [choice for choice in choices if (choice[1].payload is str) == isinstance(payload, str)] or choices
    chosen = next((choice for choice in alike if choice[0].name == session.speaks), alike[0])
    session.speaks = chosen[0].name
    return chosen


class Call:
    """One inbound event and the way back to who sent it: replies and an acknowledgement, on that socket alone."""

    def __init__(self, push: Push, told: Told, session: Session, name: str, payload: Any, ack_id: int | None) -> None:
        self._push = push
        self._told = told
        self._ack_id = ack_id
        self.began = perf_counter()
        self.session = session
        self.name = name
        self.payload = payload
        self.contract = CONTRACTS[0]  # until it is known; an unknown event is answered in its words
        self.is_vital = False

    def reply(self, message: Message) -> None:
        """Emit an event to the calling socket."""
        self._push(self.session, packets.event(self.session.namespace, *message))
        self._told.note(message[0], 1)
        if logger.isEnabledFor(logging.INFO):
            logger.info("[EMIT] %s %s", message[0], self.session.sid, extra=self.fields())

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

    def fields(self) -> dict[str, str]:
        """Return what lines about this event say of where it comes from and what it is about."""
        session = self.session
        found = {"socket_id": logs.alias(session.connection.sid), "user_id": session.user_id, "wire_event": self.name}
        conversation = self.payload.get("conversationId") if isinstance(self.payload, dict) else None
        if isinstance(conversation, str):
            found["conversation_id"] = conversation[:MAX_ECHO]
        return {name: value for name, value in found.items() if value}


class Dispatcher:
    """Takes every event of every family."""

    def __init__(
        self,
        push: Push,
        end: Callable[[Session], None],
        lane: Lane,
        requests: Requests,
        charges: Charges,
        told: Told,
        trace: Trace,
    ) -> None:
        self._push = push
        self._end = end
        self._lane = lane
        self._requests = requests
        self._charges = charges
        self._trace = trace
        self._repeats = Repeats()
        self._in_flight = InFlight()
        self._told = told
        self.outcomes: defaultdict[tuple[str, str, str], int] = defaultdict(int)  # by family, event, code
        self.sends, self.others = Histogram(), Histogram()  # seconds to the answer

    async def dispatch(self, session: Session, data: list[Any], ack_id: int | None, size: int) -> None:
        """Handle the event `data` = [name, payload, …], `size` characters long as it came."""
        payload = data[1] if len(data) > 1 else None
        call = Call(self._push, self._told, session, echoable(data[0]), payload, ack_id)
        session.asked += 1
        try:
            await self._handle(call, data[0], size)
        except DomainError as error:
            self._fail(call, error)
        except Exception:
            logger.exception("%s failed", call.name, extra=call.fields())
            self._fail(call, DomainError())
        finally:
            session.asked -= 1

    def _fail(self, call: Call, error: DomainError) -> None:
        self._refuse(call, error)
        self._note(call, error.code, self.others)
        if call.is_vital:
            self._end(call.session)

    def _refuse(self, call: Call, error: DomainError) -> None:
        call.fail(error)
        if isinstance(call.payload, dict):
            self._trace.refused(call.session.user_id, _keys(call.payload), call.name, error.code)

    async def _handle(self, call: Call, name: str, size: int) -> None:
        session = call.session
        try:
            call.contract, route = choose(session, name, call.payload)
        except UnknownEvent:
            await self._charge(session, "other")
            raise
        call.is_vital = route.vital
        await self._charge(session, route.limit)
        if not session.is_authenticated and not route.public:
            raise NotAuthenticated
        if size > settings.MAX_EVENT_BYTES:
            raise PayloadTooLarge
        payload = _decode(route, call.payload)
        if session.is_authenticated:
            check_identity(call.payload, session.user_id)
            self._requests.check_role(session, call.payload)
        asked = route.request(session.user_id, payload)
        if isinstance(asked, SendMessage):
            await self._send(call, route, payload, asked)
        elif isinstance(asked, Request):
            self._succeed(call, route, payload, await self._requested(call, asked))
            self._note(call, "ok", self.others)
        else:
            self._succeed(call, route, payload, await database(_execute, asked, call.fields()))
            self._note(call, "ok", self.others)

    async def _charge(self, session: Session, limit: Limit) -> None:
        await self._charges.charge(limit, session.user_id, session.connection.peer.address)

    async def _send(self, call: Call, route: Route[Any], payload: Any, command: SendMessage) -> None:
        if route.accepted is not None:
            await self._requests.check_takes_part(call.session, command.conversation_id)
        self._lane.check_room()
        key = self._in_flight.begin(command)
        if route.accepted is not None:
            for message in route.accepted(payload, command):
                call.reply(message)

        received_at = time.time()

        def done(outcome: Outcome | None) -> None:
            call.session.asked -= 1
            self._in_flight.end(key)
            if isinstance(outcome, DomainError):
                self._refuse(call, outcome)
                self._note(call, outcome.code, self.sends)
            elif outcome is not None:
                if outcome.event is not None:
                    self._trace.stored(command, outcome.event, received_at)
                if logger.isEnabledFor(logging.INFO):
                    stored = outcome.message
                    about = {"conversation_id": stored.conversation_id, "message_id": stored.id, "seq": stored.seq}
                    logger.info("[CHAT] saved message %s", stored.id, extra=call.fields() | about)
                self._succeed(call, route, payload, outcome)
                self._note(call, "ok", self.sends)
            else:
                self._note(call, "unknown_outcome", self.sends)

        call.session.asked += 1
        self._lane.submit(self._repeats.named(command), done)

    def _note(self, call: Call, outcome: str, seconds: Histogram) -> None:
        name = call.name if call.name in ROUTES else OTHER
        self.outcomes[call.contract.name, name, outcome] += 1
        seconds.observe(perf_counter() - call.began)

    async def _requested(self, call: Call, request: Request) -> Any:
        session = call.session
        match request:
            case Authenticate():
                return await self._requests.authenticate(session, request.token)
            case Join():
                return await self._requests.join(session, call.contract, request, call.reply)
            case SetUserRoom():
                return self._requests.set_user_room(session, call.contract, request)
            case Follow():
                return await self._requests.follow(session, call.contract, request)
            case Unfollow():
                return self._requests.unfollow(session, call.contract, request)
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


def _execute(command: Command[Any], fields: dict[str, str]) -> Any:
    """Execute a command in a thread of its own; what is logged below says from where it came."""
    with logs.bound(**fields):
        return execute(command)


def _keys(payload: JsonObject) -> list[str]:
    """Return what a client calls what it sends, in whichever family's words."""
    named = (payload.get(name) for name in ("tempId", "clientNonce", "client_nonce"))
    return [echoable(key) for key in named if isinstance(key, str)]


def _decode(route: Route[Any], payload: Any) -> Any:
    try:
        return msgspec.convert(payload, route.payload)
    except msgspec.ValidationError as error:
        raise invalid(error) from error
    except RecursionError as error:
        raise InvalidPayload("Nested too deep") from error


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
