"""The words of the chat family (seeds 000 and 001)."""

from typing import Annotated, Any, NotRequired, TypedDict

from msgspec import Meta

from messaging.shapes import Card, Message
from stoory.documents import fields as f
from stoory.realtime.vocabulary.base import (
    ASKING,
    AUTHENTICATED,
    EXPIRING,
    STATE_CHANGED,
    TYPING,
    USER_TYPING,
    Done,
    Hears,
    Joined,
    Says,
    StateChange,
    Vocabulary,
)

# Acknowledgements


class AuthenticateAck(Done):
    """You are known."""

    userId: f.OwnId


class JoinAck(Joined):
    """You hear the conversation; what you missed has been emitted before this."""

    gap: NotRequired[f.Gap]


class SendAck(Done):
    """It is stored, once."""

    message: Message
    duplicate: NotRequired[Annotated[bool, Meta(description="It had been stored before.")]]


class ReadAck(Done):
    """What has become read by it."""

    messageIds: list[f.MessageId]
    unreadCount: Annotated[int, Meta(description="Unread messages that are left, counted up to 100.", examples=[0])]


class Step(TypedDict):
    """Where the flow is now."""

    replayed: Annotated[bool, Meta(description="It had been done before; this is how it was answered then.")]
    flow_state: Annotated[str, Meta(examples=["brand_owner_details"])]
    awaiting_role: Annotated[str | None, Meta(description="Whose turn it is.", examples=["brand_owner"])]
    chat_status: f.ChatStatus
    state_seq: Annotated[int, Meta(description="The step that its buttons belong to.", examples=[2])]


class ActionAck(Done, Step):
    """It is done, or was."""


LoggedPayload = Annotated[
    dict[str, Any],
    Meta(
        examples=[
            {
                "conversationId": f.DIRECT,
                "messageId": f.MESSAGE,
                "deletedAt": "2026-01-02T03:04:05.678Z",
                "seq": 9,
            }
        ],
    ),
]


class LogEntry(TypedDict):
    """An event of the log, as it was emitted live."""

    seq: f.Seq
    event: Annotated[str, Meta(examples=["chat:deleted"])]
    payload: LoggedPayload


class SyncAck(Done):
    """A part of the log."""

    events: list[LogEntry]
    lastSeq: f.LastSeq
    gap: f.Gap
    hasMore: Annotated[bool, Meta(description="Ask again after the last event's `seq`.")]


# Events


class AuthError(TypedDict):
    """Why you may not stay."""

    message: Annotated[str, Meta(examples=["Invalid token"])]
    code: Annotated[str, Meta(examples=["invalid_token"])]
    retryAfter: NotRequired[f.RetryAfter]


class ChatJoined(TypedDict):
    """You hear the conversation from here on."""

    conversationId: f.ConversationId
    lastSeq: f.LastSeq
    gap: NotRequired[f.Gap]


class ChatAck(TypedDict):
    """Your message, stored."""

    tempId: f.TempId | None
    message: Message


class ChatActionAck(Step):
    """Your action, done."""

    conversationId: f.ConversationId
    action: Annotated[str, Meta(examples=["accept_connection"])]
    clientNonce: f.Nonce | None


class ChatError(TypedDict):
    """A fault, with what you had called your request by."""

    message: f.Fault
    code: f.Code
    event: Annotated[str, Meta(description="What you had emitted.", examples=["chat:send"])]
    tempId: NotRequired[f.TempId]
    clientNonce: NotRequired[f.Nonce]
    retryAfter: NotRequired[f.RetryAfter]
    fields: NotRequired[Annotated[dict[str, str], Meta(description="Faults by input (`invalid_input`).")]]
    current: NotRequired[Annotated[dict[str, Any], Meta(description="Where the conversation is now (actions).")]]


class ChatNew(TypedDict):
    """A person's message."""

    message: Message


class ChatAutomated(TypedDict):
    """The automation's message."""

    message: Message
    reason: f.Reason


class ReadReceipt(TypedDict):
    """What somebody has read."""

    conversationId: f.ConversationId
    messageIds: list[f.MessageId]
    readerId: f.UserId
    readAt: f.Time
    seq: f.Seq
    upToMessageId: NotRequired[f.MessageId]


class ChatEdited(TypedDict):
    """A message with its new text."""

    message: Message
    seq: f.Seq


class ChatDeleted(TypedDict):
    """A message that has lost its content."""

    conversationId: f.ConversationId
    messageId: f.MessageId
    deletedAt: f.Time
    seq: f.Seq


class ChatReaction(TypedDict):
    """A reaction, added or taken back."""

    conversationId: f.ConversationId
    messageId: f.MessageId
    userId: f.UserId
    type: f.Emoji
    seq: f.Seq


class ChatMember(TypedDict):
    """Who takes part."""

    conversationId: f.ConversationId
    userId: f.UserId
    role: Annotated[str, Meta(examples=["member"])]
    seq: f.Seq


class ChatMemberRemoved(TypedDict):
    """Who takes part no more."""

    conversationId: f.ConversationId
    userId: f.UserId
    seq: f.Seq


class ChatActionDone(TypedDict):
    """A button that was used: lock it wherever it is shown."""

    conversation_id: f.ConversationId
    message_id: f.MessageId | None
    state_seq: f.StateSeq
    action: Annotated[str, Meta(examples=["accept_price"])]
    actor_role: f.Role
    seq: f.Seq


class ChatActionsRenewed(StateChange):
    """The state is the same, but older buttons are stale."""

    state_seq: f.StateSeq


class ConversationListUpdated(TypedDict):
    """What a list shows; `message` comes with messages, the rest with changes of state."""

    conversation_id: f.ConversationId
    action: Annotated[str, Meta(extra_json_schema={"enum": ["message_sent", "message_received", "state_changed"]})]
    message: NotRequired[Message]
    flow_state: NotRequired[f.FlowState | None]
    awaiting_role: NotRequired[f.Role | None]
    chat_status: NotRequired[f.ChatStatus]
    current_action_data: NotRequired[Annotated[Card | None, Meta(description="The reader's own buttons.")]]


ROOM = "room:<conversationId>"
PARTY = "room:<conversationId>, or room:<conversationId>:<role> where it is for one party"

CHAT_WORDS = Vocabulary(
    title="Chat",
    about="The family that says the most: new clients should speak it. Optimistic sends, the log, buttons of flows.",
    says={
        "authenticate": Says(
            summary="Say who you are, on a connection that brought no token; on a live one, renew the token.",
            ack=AuthenticateAck,
            answers=("authenticated",),
            errors=("invalid_token", "token_expired"),
        ),
        "chat:join": Says(
            summary="Hear a conversation. With `afterSeq`, everything after that place is emitted first, in order.",
            ack=JoinAck,
            answers=("chat:joined",),
            errors=("not_found",),
        ),
        "chat:leave": Says(summary="Stop hearing a conversation.", ack=Done),
        "chat:send": Says(
            summary="Send a message. It is stored once for its `clientNonce`, however often it is sent.",
            ack=SendAck,
            answers=("chat:ack",),
            leads_to=("chat:new", "conversation_list_updated"),
            errors=("not_found", "automated_mode", "conversation_closed", "nonce_reused"),
        ),
        "chat:read": Says(
            summary="Mark messages as read: `messageIds`, or all up to `upToMessageId`, or all.",
            ack=ReadAck,
            leads_to=("chat:read",),
            errors=("not_found",),
        ),
        "chat:action": Says(
            summary="Press a button of a guided conversation; `stateSeq` is that of the card that shows it.",
            ack=ActionAck,
            answers=("chat:action_ack",),
            leads_to=("chat:action_done", "conversation_state_changed", "chat:automated", "conversation_list_updated"),
            errors=(
                "not_found",
                "wrong_role",
                "stale_action",
                "unknown_action",
                "not_available",
                "invalid_input",
                "expired",
                "flow_ended",
                "flow_paused",
                "nonce_reused",
                "busy",
            ),
        ),
        "chat:sync": Says(
            summary="Read the log after a place, without joining.",
            ack=SyncAck,
            errors=("not_found",),
        ),
        **TYPING,
    },
    hears={
        "authenticated": AUTHENTICATED,
        "auth_error": Hears(
            payload=AuthError,
            to=ASKING,
            summary="You may not stay: a bad or ended token, or none within 10 s. The server disconnects.",
        ),
        "auth:expiring": EXPIRING,
        "chat:joined": Hears(payload=ChatJoined, to=ASKING, summary="Answers `chat:join`, after what was missed."),
        "chat:ack": Hears(payload=ChatAck, to=ASKING, summary="Answers `chat:send`: stored. Comes before `chat:new`."),
        "chat:action_ack": Hears(payload=ChatActionAck, to=ASKING, summary="Answers `chat:action`."),
        "chat:error": Hears(
            payload=ChatError, to=ASKING, summary="Something you emitted was refused: nothing is stored."
        ),
        "chat:new": Hears(
            payload=ChatNew, to=PARTY, is_logged=True, summary="A person has written. The sender hears it too."
        ),
        "chat:automated": Hears(payload=ChatAutomated, to=PARTY, is_logged=True, summary="The automation has written."),
        "chat:read": Hears(payload=ReadReceipt, to=PARTY, is_logged=True, summary="Somebody has read messages."),
        "chat:edited": Hears(
            payload=ChatEdited, to=PARTY, is_logged=True, summary="A message's text was changed by its sender."
        ),
        "chat:deleted": Hears(
            payload=ChatDeleted, to=PARTY, is_logged=True, summary="A message was taken back by its sender."
        ),
        "chat:reaction_added": Hears(
            payload=ChatReaction, to=PARTY, is_logged=True, summary="Somebody reacted to a message."
        ),
        "chat:reaction_removed": Hears(
            payload=ChatReaction, to=PARTY, is_logged=True, summary="Somebody took a reaction back."
        ),
        "chat:member_added": Hears(
            payload=ChatMember, to=ROOM, is_logged=True, summary="Somebody became a participant."
        ),
        "chat:member_removed": Hears(
            payload=ChatMemberRemoved,
            to=ROOM,
            is_logged=True,
            summary="Somebody left or was removed; they hear nothing behind it.",
        ),
        "chat:action_done": Hears(
            payload=ChatActionDone,
            to="room:<conversationId>:<role>",
            is_logged=True,
            summary="Your party used one of its buttons.",
        ),
        "chat:actions_renewed": Hears(
            payload=ChatActionsRenewed,
            to=ROOM,
            is_logged=True,
            summary="The flow stays where it is, with new buttons: those of before are stale.",
        ),
        "conversation_state_changed": STATE_CHANGED,
        "conversation_list_updated": Hears(
            payload=ConversationListUpdated,
            to="every socket of each participant, joined or not",
            summary="The list changes: a message was sent or received, or the state has changed.",
        ),
        "user_typing": USER_TYPING,
    },
)
