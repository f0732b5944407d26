"""The words of the feed family (seed 002)."""

from typing import Annotated, TypedDict

from msgspec import Meta

from messaging.shapes import ActionData
from stoory.documents import fields as f
from stoory.realtime.vocabulary.base import (
    AUTHENTICATED,
    CONVERSATION_UPDATED,
    ERROR,
    EXPIRING,
    STATE_CHANGED,
    TYPING,
    USER_TYPING,
    ConversationContext,
    Done,
    Hears,
    Joined,
    Says,
    Vocabulary,
)


class FeedMessage(TypedDict):
    """A message, as the feed shows it."""

    id: f.MessageId
    conversation_id: f.ConversationId
    sender_id: f.SenderId
    receiver_id: f.ReceiverId | None
    message: f.Text
    media_url: Annotated[f.Url | None, Meta(examples=[None])]
    message_type: Annotated[
        str,
        Meta(
            description="Written by a person, or by the automation.",
            extra_json_schema={"enum": ["user_input", "system"]},
        ),
    ]
    is_automated: bool
    action_required: Annotated[bool, Meta(description="Its buttons can be used now.")]
    action_data: ActionData
    created_at: f.Time
    seq: f.MessageSeq


class FeedNewMessage(TypedDict):
    """A message and where its conversation is."""

    conversation_id: f.ConversationId
    message: FeedMessage
    conversation_context: ConversationContext


class NotificationPayload(TypedDict):
    """Where the notification leads."""

    conversation_id: f.ConversationId
    message_id: f.MessageId
    sender_id: f.SenderId


class NotificationData(TypedDict):
    """What the notification shows."""

    id: f.MessageId
    title: Annotated[str, Meta(examples=["New message"])]
    body: f.Text
    created_at: f.Time
    conversation_context: ConversationContext
    payload: NotificationPayload
    conversation_id: f.ConversationId
    message: FeedMessage
    sender_id: f.SenderId
    receiver_id: f.ReceiverId | None


class Notification(TypedDict):
    """Something to show wherever the user is."""

    type: Annotated[str, Meta(extra_json_schema={"enum": ["message"]})]
    data: NotificationData


FEED_WORDS = Vocabulary(
    title="Feed",
    about="A listening client, which sends by REST: `POST /api/messages`. Its token comes with the handshake.",
    says={
        "join_conversation": Says(summary="Hear a conversation.", ack=Joined, errors=("not_found",)),
        "leave_conversation": Says(summary="Stop hearing a conversation.", ack=Done),
        "join_user_room": Says(summary="Hear your user-level events, as every socket does at first.", ack=Done),
        "leave_user_room": Says(summary="Hear no user-level events on this socket.", ack=Done),
        **TYPING,
    },
    hears={
        "authenticated": AUTHENTICATED,
        "auth:expiring": EXPIRING,
        "error": ERROR,
        "new_message": Hears(
            payload=FeedNewMessage,
            to="conversation_<conversationId>, or its sub-room of one party",
            summary="A message was sent, by a person or by the automation.",
        ),
        "notification": Hears(
            payload=Notification,
            to="every socket of who receives the message, joined or not",
            summary="A message has come.",
        ),
        "conversation_state_changed": STATE_CHANGED,
        "conversation_updated": CONVERSATION_UPDATED,
        "user_typing": USER_TYPING,
    },
)
