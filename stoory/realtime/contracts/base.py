"""What a wire contract is made of: routes in, emits out, and the words for who hears what.

A contract is a table. Its functions are pure: an inbound one turns a checked payload into a `Command` or a `Request`,
an outbound one turns an `Event` into `Emit`s. Nothing here reads a database or touches a socket.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Generic, TypeVar

import msgspec

from conversations.events import ConversationContext, StateChanged
from stoory.commands import Command
from stoory.documents import fields as f
from stoory.errors import DomainError, Forbidden
from stoory.events import Event
from stoory.limits import Limit
from stoory.realtime.events import Typing
from stoory.realtime.vocabulary import base as words
from stoory.times import iso

JsonObject = dict[str, Any]
Body = Mapping[str, Any]
"""What an event carries: one of the types of `stoory.realtime.vocabulary`."""

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
    """Every such socket of a conversation's participants, or of those in one role; not those of `but_user`."""

    conversation_id: str
    role: str | None = None
    but_user: str | None = None

    def __str__(self) -> str:
        return f"participants of {self.conversation_id}"


class ToPeers(msgspec.Struct, frozen=True):
    """Every such socket of those who share one of the conversations with the user; not the user's own."""

    user_id: str
    conversation_ids: Sequence[str]

    def __str__(self) -> str:
        return f"peers of user_{self.user_id}"


Audience = ToRoom | ToUser | ToParticipants | ToPeers


class Emit(msgspec.Struct, frozen=True):
    """One event on the wire: who hears it, its name, its payload."""

    to: Audience
    name: str
    payload: Body


class Reader(msgspec.Struct, frozen=True, kw_only=True):
    """What one participant's list shows of a conversation, and the buttons that they have in it now."""

    user_id: str
    role: str
    card: JsonObject | None
    unread_count: int
    last_message: str
    last_message_at: datetime | None


class PersonalEmit(msgspec.Struct, frozen=True):
    """An event that says something else to every participant; heard by who listens to any of `contracts`."""

    to: ToParticipants
    contracts: tuple[str, ...]
    name: str
    payload: Callable[[Reader], Body]


Message = tuple[str, Body]
"""An event's name and payload, for one socket."""


# What a client can want of its own socket, beside commands


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """Something that concerns the socket and not the history."""


class Authenticate(Request, frozen=True, kw_only=True):
    """Say who this socket is."""

    token: Any


class Join(Request, frozen=True, kw_only=True):
    """Hear a conversation in the contract's rooms; with `after_seq`, first what was missed.

    `as_member` makes the user a member of a public channel, and tells the channel that they are there (seed 004).
    """

    conversation_id: str
    after_seq: int | None = None
    as_member: bool = False


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


class SetUserRoom(Request, frozen=True, kw_only=True):
    """Hear the contract's user-level events on this socket, or no longer."""

    is_heard: bool


class Follow(Request, frozen=True, kw_only=True):
    """Hear a campaign's work in `room`."""

    campaign_id: str
    room: str


class Unfollow(Request, frozen=True, kw_only=True):
    """Stop hearing it."""

    campaign_id: str
    room: str


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


def error_event(event: str, payload: Any, error: DomainError) -> Message:
    """Return the `error` event by which every family but chat's tells a fault."""
    return "error", {"message": error.message, "code": error.code, "event": event, **when(error)}


def when(error: DomainError) -> JsonObject:
    """Return after how many seconds to try again, where waiting helps."""
    return {"retryAfter": error.details["retryAfter"]} if "retryAfter" in error.details else {}


class Route(msgspec.Struct, Generic[Payload], frozen=True, kw_only=True):
    """One inbound event: its payload's type, what it asks for, and how success is answered.

    `ack` gives the acknowledgement's fields beside `ok`, `replies` what else the asking socket hears, in order, and
    `accepted` what it hears before the command is executed, once it is known to be sensible and from a participant.
    `limit` is as what it is counted. `public` events are taken from sockets that have not authenticated; failing a
    `vital` one ends the socket.
    """

    payload: type[Payload]
    request: Callable[[str, Payload], Command[Any] | Request]
    ack: Callable[[Any], Body] = _no_fields
    replies: Callable[[Payload, Any], Iterable[Message]] = _no_replies
    accepted: Callable[[Any, Any], Iterable[Message]] | None = None
    limit: Limit = "other"
    public: bool = False
    vital: bool = False


class Handshake(msgspec.Struct, frozen=True, kw_only=True):
    """How a client connects: by which path, to which namespace, with which `auth`."""

    path: str
    namespace: str
    auth: Mapping[str, Any]


def _nobody(handshake: Handshake) -> bool:
    return False


def _authenticated(user_id: str, conversation_ids: Sequence[str]) -> Message:
    return "authenticated", {"userId": user_id}


class Contract(msgspec.Struct, frozen=True, kw_only=True):
    """One family of clients: what it may say, what it hears, and where.

    `fault(event, payload, error)` is the family's own error event, beside the acknowledgement. A family that can be
    told by its handshake `claims` it. `greeting(user id, conversation ids)` is what a socket hears that brought its
    token along; `refusal(error, attempt)` what it hears where that is no good, instead of having its connection
    refused. Of the user's conversations the `joins_on_connect` most recent are joined without being asked. A socket of
    an `exclusive` family hears no other family's user-level events. What `outbound` makes is also for the families that
    it `tells`.
    """

    name: str
    inbound: Mapping[str, Route[Any]]
    outbound: Callable[[Event], Iterable[Emit | PersonalEmit]]
    rooms: Rooms
    fault: Callable[[str, Any, DomainError], Message] = error_event
    claims: Callable[[Handshake], bool] = _nobody
    greeting: Callable[[str, Sequence[str]], Message] = _authenticated
    refusal: Callable[[DomainError, int], Message] | None = None
    joins_on_connect: int = 0
    exclusive: bool = False
    tells: tuple[str, ...] = ()


def heard_in(contract: Contract, event: Event, rooms: Iterable[str]) -> list[Message]:
    """Return what a socket in `rooms` hears of `event`: the same, live or replayed."""
    return [
        (emit.name, emit.payload)
        for emit in contract.outbound(event)
        if isinstance(emit, Emit) and isinstance(emit.to, ToRoom) and emit.to.room in rooms
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


# What seeds 000 and 002 spell alike: typing, and a change of state


class TypingPayload(msgspec.Struct, rename="camel"):
    """The payload of `typing_start` and `typing_stop`."""

    conversation_id: f.ConversationId
    user_id: str | None = None


def typing_start(actor: str, p: TypingPayload) -> SetTyping:
    own(actor, p.user_id)
    return SetTyping(conversation_id=p.conversation_id, is_typing=True)


def typing_stop(actor: str, p: TypingPayload) -> SetTyping:
    own(actor, p.user_id)
    return SetTyping(conversation_id=p.conversation_id, is_typing=False)


TYPING: dict[str, Route[Any]] = {
    "typing_start": Route(payload=TypingPayload, request=typing_start, limit="typing"),
    "typing_stop": Route(payload=TypingPayload, request=typing_stop, limit="typing"),
}


def typing_body(event: Typing) -> words.UserTyping:
    """Return the payload of `user_typing`."""
    return {"conversationId": event.conversation_id, "userId": event.user_id, "isTyping": event.is_typing}


def state_body(event: StateChanged) -> words.StateChange:
    """Return the payload of `conversation_state_changed`, which chat and feed rooms both hear."""
    return {
        "conversation_id": event.conversation_id,
        "previous_state": event.previous_state,
        "new_state": event.new_state,
        "reason": event.reason,
        "timestamp": iso(event.at),
        "flow_state": event.conversation.flow_state,
        "awaiting_role": event.conversation.awaiting_role,
        "chat_status": event.conversation.chat_status,
        "seq": event.seq,
    }


def context_body(context: ConversationContext, card: Any = None) -> words.ConversationContext:
    """Return the `conversation_context` of seed 002, which `conversation_updated` carries to seed 003's clients too.

    `card` holds the buttons of the one party that hears it; a room that both share carries none.
    """
    return {
        "id": context.id,
        "chat_status": context.chat_status,
        "flow_state": context.flow_state,
        "awaiting_role": context.awaiting_role,
        "conversation_type": context.conversation_type,
        "automation_enabled": context.automation_enabled,
        "current_action_data": card,
    }
