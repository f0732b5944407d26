"""The words of the messenger family (seed 003)."""

from typing import Annotated, TypedDict

from msgspec import Meta

from messaging.shapes import MessengerMessage
from stoory.documents import fields as f
from stoory.realtime.vocabulary.base import (
    AUTHENTICATED,
    CONVERSATION_UPDATED,
    ERROR,
    EXPIRING,
    Done,
    Hears,
    Joined,
    Says,
    Vocabulary,
)


class PresenceChange(TypedDict):
    """Whether somebody is there."""

    userId: f.UserId
    online: Annotated[bool, Meta(examples=[True])]
    lastSeen: Annotated[f.Time | None, Meta(description="When they were last there; null if never before.")]


MESSENGER_WORDS = Vocabulary(
    title="Messenger",
    about="Bare ids in, bare camelCase messages out. It sends by REST: `POST /api/v1/conversations/<id>/messages`.",
    says={
        "join_conversation": Says(
            summary="Hear a conversation: the payload is its id, a bare text.",
            ack=Joined,
            errors=("not_found",),
            example=f.DIRECT,
        ),
        "leave_conversation": Says(
            summary="Stop hearing a conversation: the payload is its id, a bare text.", ack=Done, example=f.DIRECT
        ),
    },
    hears={
        "authenticated": AUTHENTICATED,
        "auth:expiring": EXPIRING,
        "error": ERROR,
        "new_message": Hears(
            payload=MessengerMessage,
            to="conversation:<conversationId>, or its sub-room of one party",
            summary="A message was sent, by a person or by the automation.",
        ),
        "conversation_updated": CONVERSATION_UPDATED,
        "presence:changed": Hears(
            payload=PresenceChange,
            to="who shares a conversation with the user",
            summary="Somebody came online, or went offline: has a connection on some server, or none on any.",
        ),
    },
)
