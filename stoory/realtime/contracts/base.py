"""What a wire contract is made of: routes in, emits out, and the words for who hears what.

A contract is a table. Its functions are pure: an inbound one turns a checked payload into a `Command` or a `Request`,
an outbound one turns an `Event` into `Emit`s. Nothing here reads a database or touches a socket.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Generic, TypeVar

import msgspec

from stoory.commands import Command
from stoory.errors import DomainError, Forbidden
from stoory.events import Event

JsonObject = dict[str, Any]
Rooms = Callable[[str, str], tuple[str, ...]]  # (conversation id, reader's role) → rooms

# Who hears an emit


class ToRoom(msgspec.Struct, frozen=True):
    """The sockets that joined a room; not those of `but_user`."""

    room: str
    but_user: str | None = None

    def __str__(self) -> str:
        return self.room


class ToUser(msgspec.Struct, frozen=True):
    """Every socket of a user that listens to the contract."""

    user_id: str

    def __str__(self) -> str:
        return f"user_{self.user_id}"


class ToParticipants(msgspec.Struct, frozen=True):
    """Every such socket of a conversation's participants; not those of `but_user`."""

    conversation_id: str
    but_user: str | None = None

    def __str__(self) -> str:
        return f"participants of {self.conversation_id}"


Audience = ToRoom | ToUser | ToParticipants


class Emit(msgspec.Struct, frozen=True):
    """One event on the wire: who hears it, its name, its payload."""

    to: Audience
    name: str
    payload: JsonObject


Message = tuple[str, JsonObject]
"""An event's name and payload, for one socket."""


# What a client can want of its own socket, beside commands


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """Something that concerns the socket and not the history."""


class Authenticate(Request, frozen=True, kw_only=True):
    """Say who this socket is."""

    token: Any


class Join(Request, frozen=True, kw_only=True):
    """Hear a conversation in the contract's rooms; with `after_seq`, first what was missed."""

    conversation_id: str
    after_seq: int | None = None


class Leave(Request, frozen=True, kw_only=True):
    """Stop hearing it."""

    conversation_id: str


class Sync(Request, frozen=True, kw_only=True):
    """Read the log after a place."""

    conversation_id: str
    after_seq: int
    limit: int


class SetTyping(Request, frozen=True, kw_only=True):
    """Tell the others that this user types, or no longer does."""

    conversation_id: str
    is_typing: bool


class Authenticated(msgspec.Struct, frozen=True):
    """Result of `Authenticate`."""

    user_id: str


class Joined(msgspec.Struct, frozen=True, kw_only=True):
    """Result of `Join`: the place up to which this socket has been served."""

    last_seq: int
    gap: bool = False


class Synced(msgspec.Struct, frozen=True, kw_only=True):
    """Result of `Sync`."""

    events: list[JsonObject]
    last_seq: int
    gap: bool
    has_more: bool


# Tables

Payload = TypeVar("Payload")
Result = TypeVar("Result")


def _no_fields(result: Any) -> JsonObject:
    return {}


def _no_replies(payload: Any, result: Any) -> Iterable[Message]:
    return ()


class Route(msgspec.Struct, Generic[Payload], frozen=True, kw_only=True):
    """One inbound event: its payload's type, what it asks for, and how success is answered.

    `ack` gives the acknowledgement's fields beside `ok`, `replies` what else the asking socket hears, in order.
    `public` events are taken from sockets that have not authenticated; failing a `vital` one ends the socket.
    """

    payload: type[Payload]
    request: Callable[[str, Payload], Command[Any] | Request]
    ack: Callable[[Any], JsonObject] = _no_fields
    replies: Callable[[Payload, Any], Iterable[Message]] = _no_replies
    public: bool = False
    vital: bool = False


class Contract(msgspec.Struct, frozen=True, kw_only=True):
    """One family of clients: what it may say, what it hears, and where.

    `fault(event, payload, error)` is the family's own error event, beside the acknowledgement.
    """

    name: str
    inbound: Mapping[str, Route[Any]]
    outbound: Callable[[Event], Iterable[Emit]]
    rooms: Rooms
    fault: Callable[[str, Any, DomainError], Message]


def heard_in(contract: Contract, event: Event, rooms: Iterable[str]) -> list[Message]:
    """Return what a socket in `rooms` hears of `event`: the same, live or replayed."""
    return [
        (emit.name, emit.payload)
        for emit in contract.outbound(event)
        if isinstance(emit.to, ToRoom) and emit.to.room in rooms
    ]


def as_log_entries(contract: Contract, events: Iterable[Event], rooms: Iterable[str]) -> list[JsonObject]:
    """Return events as `{seq, event, payload}`, for a reader who may hear `rooms`."""
    return [
        {"seq": event.seq, "event": name, "payload": payload}
        for event in events
        for name, payload in heard_in(contract, event, rooms)
    ]


def own(actor: str, claimed: str | None) -> None:
    """Raise `Forbidden` if a payload claims to speak for somebody else: identity comes from the token alone."""
    if claimed is not None and claimed != actor:
        raise Forbidden
