"""What describes an event, and the payloads that families share."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal, NotRequired, TypedDict

import msgspec
from msgspec import Meta

from messaging.shapes import Card
from stoory.documents import fields as f


class Says(msgspec.Struct, frozen=True, kw_only=True):
    """An event that clients emit.

    `ack` is the acknowledgement of success, `answers` what the asking socket hears beside it, in order; `leads_to` what
    others hear of it, in this family's words. `errors` are the codes of refusal beside those that every event has. The
    example of the payload is made of those of its fields, unless there is an `example`.
    """

    summary: str
    ack: Any
    answers: tuple[str, ...] = ()
    leads_to: tuple[str, ...] = ()
    errors: tuple[str, ...] = ()
    example: Any = None


class Hears(msgspec.Struct, frozen=True, kw_only=True):
    """An event that clients hear: its payload's type, who hears it (a room, or words), and on what occasion.

    One that `is_logged` has a place in the conversation's log, which it carries, and is replayed to who missed it.
    """

    payload: Any
    to: str
    summary: str
    is_logged: bool = False


class Vocabulary(msgspec.Struct, frozen=True, kw_only=True):
    """The events of one family, for people who write its clients."""

    title: str
    about: str
    says: Mapping[str, Says]
    hears: Mapping[str, Hears]


ASKING = "the asking socket"

EVERY_ERROR = (
    "not_authenticated",
    "invalid_payload",
    "payload_too_large",
    "forbidden",
    "rate_limited",
    "internal",
)
"""The codes by which any event can be refused; an event that nobody knows is `unknown_event`."""


# Acknowledgements


class Done(TypedDict):
    """It is done."""

    ok: Literal[True]


class Joined(Done):
    """You hear the conversation from here on."""

    lastSeq: f.LastSeq


class Fault(TypedDict):
    """Why it was refused, and what helps: each of the other keys comes with some codes only."""

    code: f.Code
    message: f.Fault
    path: NotRequired[Annotated[str, Meta(description="Where in the payload (`invalid_payload`).")]]
    retryAfter: NotRequired[f.RetryAfter]
    fields: NotRequired[Annotated[dict[str, str], Meta(description="Faults by input (`invalid_input`).")]]
    current: NotRequired[Annotated[dict[str, Any], Meta(description="Where the conversation is now (actions).")]]


class Refused(TypedDict):
    """Nothing was done."""

    ok: Literal[False]
    error: Fault


# Events that families share


class Authenticated(TypedDict):
    """Who you are."""

    userId: f.OwnId


class ErrorEvent(TypedDict):
    """A fault, beside the failed acknowledgement."""

    message: f.Fault
    code: f.Code
    event: Annotated[str, Meta(description="What you had emitted.", examples=["join_conversation"])]
    retryAfter: NotRequired[f.RetryAfter]


class UserTyping(TypedDict):
    """Somebody types, or no longer does."""

    conversationId: f.ConversationId
    userId: f.UserId
    isTyping: Annotated[bool, Meta(examples=[True])]


class StateChange(TypedDict):
    """Where a conversation came from and is now."""

    conversation_id: f.ConversationId
    previous_state: f.FlowState | None
    new_state: f.FlowState | None
    reason: f.Reason
    timestamp: f.Time
    flow_state: f.FlowState | None
    awaiting_role: f.Role | None
    chat_status: f.ChatStatus
    seq: f.Seq


class ConversationContext(TypedDict):
    """A conversation's state; `current_action_data` are the reader's own buttons."""

    id: f.ConversationId
    chat_status: f.ChatStatus
    flow_state: f.FlowState | None
    awaiting_role: f.Role | None
    conversation_type: f.ConversationType
    automation_enabled: bool
    current_action_data: Annotated[Card | None, Meta(examples=[None])]


class ConversationUpdated(TypedDict):
    """What a list shows of a conversation, to one reader: in the feed's words, and in the messenger's."""

    conversation_id: f.ConversationId
    flow_state: f.FlowState | None
    awaiting_role: f.Role | None
    chat_status: f.ChatStatus
    conversation_type: f.ConversationType
    conversation_context: ConversationContext
    conversationId: f.ConversationId
    lastMessage: f.Text
    timestamp: f.Time
    unread: Annotated[bool, Meta(examples=[True])]
    unreadCount: f.Count


class Expiring(TypedDict):
    """When the token ends."""

    expiresAt: f.Time


AUTHENTICATED = Hears(
    payload=Authenticated, to=ASKING, summary="Your token is good: you are known, and hear your user-level events."
)
EXPIRING = Hears(
    payload=Expiring,
    to="a socket whose token ends within a minute",
    summary="Emit `authenticate` with a new token, or be disconnected half a minute after the time.",
)
ERROR = Hears(payload=ErrorEvent, to=ASKING, summary="Something you emitted was refused.")
USER_TYPING = Hears(
    payload=UserTyping,
    to="the room, but for who types",
    summary="Somebody began or stopped typing; the server ends it after 6 s of silence. Not part of the log.",
)
STATE_CHANGED = Hears(
    payload=StateChange,
    to="the room",
    is_logged=True,
    summary="The conversation went from one state to another: its flow moved on, or it was closed or reopened.",
)
CONVERSATION_UPDATED = Hears(
    payload=ConversationUpdated,
    to="every participant, each with their own counts and buttons",
    summary="The list changes: a message was sent, or the state has changed.",
)

TYPING = {
    "typing_start": Says(
        summary="Tell the others that you type. Again within 6 s, or it ends by itself.",
        ack=Done,
        leads_to=("user_typing",),
        errors=("not_found",),
    ),
    "typing_stop": Says(
        summary="Tell the others that you no longer type.",
        ack=Done,
        leads_to=("user_typing",),
        errors=("not_found",),
    ),
}
