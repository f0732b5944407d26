"""The words of the workspace family (seed 004)."""

from typing import Annotated, NotRequired, TypedDict

from msgspec import Meta

from stoory.documents import fields as f
from stoory.realtime.vocabulary.base import ASKING, ERROR, EXPIRING, Done, Hears, Joined, Says, Vocabulary

Processed = Annotated[bool, Meta(description="Always true: the server has done it.", examples=[True])]

# Acknowledgements


class MessageSendAck(Done):
    """It is stored, once."""

    messageId: f.MessageId
    seq: f.MessageSeq
    duplicate: NotRequired[Annotated[bool, Meta(description="It had been stored before.")]]


class WorkspaceReaction(TypedDict):
    """A reaction."""

    id: Annotated[str, Meta(examples=["0197f000-0000-7000-8000-0000000f0001"])]
    type: f.Emoji
    userId: f.UserId
    messageId: f.MessageId
    createdAt: f.Time


class ReactionAck(Done):
    """The reaction, stored now or before."""

    reaction: WorkspaceReaction


# Events


class ConnectionSuccess(TypedDict):
    """Who you are, and your channels."""

    userId: f.OwnId
    channels: Annotated[list[str], Meta(description="The most recent first, 1,000 at most; the first 200 are joined.")]


class ConnectionRefused(TypedDict):
    """Why you may not stay."""

    error: Annotated[str, Meta(examples=["User not authenticated"])]
    reason: Annotated[str, Meta(examples=["auth_error"])]
    reconnectAttempt: Annotated[int, Meta(description="Failures in a row, from your address.", examples=[1])]
    retryAfter: NotRequired[f.RetryAfter]


class MessageAuthor(TypedDict):
    """Who wrote a message."""

    id: f.SenderId
    name: Annotated[str, Meta(examples=["Alice"])]
    imageUrl: Annotated[str | None, Meta(examples=[None])]


class WorkspaceMessage(TypedDict):
    """A message, as a workspace shows it."""

    id: f.MessageId
    content: f.Text
    channelId: f.ConversationId
    userId: f.SenderId
    replyToId: Annotated[f.MessageId | None, Meta(description="The message that it answers.", examples=[None])]
    deliveryStatus: Annotated[str, Meta(extra_json_schema={"enum": ["DELIVERED"]})]
    createdAt: f.Time
    updatedAt: f.Time
    user: MessageAuthor
    seq: f.MessageSeq


class MessageCreated(TypedDict):
    """A message, with the sender's own name for it."""

    message: WorkspaceMessage
    tempId: f.TempId | None
    processed: Processed


class MessageDelivered(TypedDict):
    """How far your message is: `SENT` when it is checked, with a time; `DELIVERED` when it is stored."""

    messageId: f.MessageId
    tempId: f.TempId | None
    status: Annotated[str, Meta(extra_json_schema={"enum": ["SENT", "DELIVERED"]})]
    timestamp: NotRequired[f.Time]
    processed: NotRequired[Annotated[bool, Meta(description="With `DELIVERED`.")]]


class MessageFailed(TypedDict):
    """Your message is not stored."""

    error: Annotated[str, Meta(examples=["Conversation not found"])]
    tempId: f.TempId | None
    status: Annotated[str, Meta(extra_json_schema={"enum": ["FAILED"]})]
    processed: Processed
    timestamp: f.Time
    code: f.Code
    retryAfter: NotRequired[f.RetryAfter]


class MessageRead(TypedDict):
    """Who has read a message."""

    messageId: f.MessageId
    userId: f.UserId
    status: Annotated[str, Meta(extra_json_schema={"enum": ["READ"]})]
    timestamp: f.Time


class ReactionAdded(TypedDict):
    """A new reaction."""

    messageId: f.MessageId
    reaction: WorkspaceReaction
    processed: Processed
    seq: f.Seq


class ReactionRemoved(TypedDict):
    """A reaction that is gone."""

    messageId: f.MessageId
    userId: f.UserId
    type: f.Emoji
    processed: Processed
    seq: f.Seq


class UserJoined(TypedDict):
    """Who is there."""

    userId: f.UserId
    channelId: f.ConversationId
    timestamp: f.Time


CHANNEL = "channel:<channelId>"
PARTY = "channel:<channelId>, or channel:<channelId>:<role> where it is for one party"

WORKSPACE_WORDS = Vocabulary(
    title="Workspace",
    about=(
        "Channels, reactions, an identity provider's tokens. Its clients connect to the path or namespace "
        "`/api/socket.io`, or bring `auth.userId`, and hear no other family's user-level events."
    ),
    says={
        "message:send": Says(
            summary="Send a message. It is stored once for its `clientNonce`, however often it is sent.",
            ack=MessageSendAck,
            answers=("message:delivered", "message:delivered"),
            leads_to=("message:created",),
            errors=("not_found", "automated_mode", "conversation_closed", "nonce_reused"),
        ),
        "message:read": Says(
            summary="Mark a message as read.", ack=Done, leads_to=("message:read",), errors=("not_found",)
        ),
        "reaction:add": Says(
            summary="React to a message. Twice is once.",
            ack=ReactionAck,
            leads_to=("reaction:added",),
            errors=("not_found",),
        ),
        "reaction:remove": Says(
            summary="Take a reaction back.", ack=Done, leads_to=("reaction:removed",), errors=("not_found",)
        ),
        "channel:join": Says(
            summary="Hear a channel; a public one makes you a member.",
            ack=Joined,
            leads_to=("channel:user_joined",),
            errors=("not_found",),
        ),
        "channel:leave": Says(summary="Stop hearing a channel. You stay a member.", ack=Done),
    },
    hears={
        "connection:success": Hears(payload=ConnectionSuccess, to=ASKING, summary="Your token is good."),
        "connection:error": Hears(
            payload=ConnectionRefused, to=ASKING, summary="You may not stay. The server disconnects."
        ),
        "auth:expiring": EXPIRING,
        "error": ERROR,
        "message:delivered": Hears(payload=MessageDelivered, to=ASKING, summary="How far your message is: twice."),
        "message:failed": Hears(payload=MessageFailed, to=ASKING, summary="Your message was refused."),
        "message:created": Hears(payload=MessageCreated, to=PARTY, summary="A message was sent."),
        "message:read": Hears(payload=MessageRead, to=PARTY, summary="Somebody has read a message."),
        "reaction:added": Hears(payload=ReactionAdded, to=PARTY, summary="Somebody reacted to a message."),
        "reaction:removed": Hears(payload=ReactionRemoved, to=PARTY, summary="Somebody took a reaction back."),
        "channel:user_joined": Hears(payload=UserJoined, to=CHANNEL, summary="Somebody came into the channel."),
    },
)
