"""What REST for conversations and messages takes and answers, for people who call it."""

from typing import Annotated, TypedDict

from msgspec import Meta

from messaging import inputs, v1
from messaging.shapes import (
    ConversationContext,
    ConversationItem,
    Message,
    MessengerConversation,
    MessengerMessage,
    Reaction,
)
from stoory.documents import fields as f
from stoory.documents.operations import Operation, Operations, Page, Pagination, Success

Limit = Annotated[int, Meta(description="From 1 to 100.", ge=1, le=100, examples=[50])]

# What is asked


class ListQuery(Page):
    """Which conversations, and which page of them."""

    type: f.ConversationType


class HistoryQuery(Page):
    """A page (`page`), or a part of the log: the newest before a place, or the oldest after one."""

    before_seq: Annotated[int, Meta(description="Instead of `page`: the newest before this place.", ge=0)]
    after_seq: Annotated[int, Meta(description="Instead of `page`: the oldest after this place.", ge=0)]


class MessengerPage(TypedDict, total=False):
    """How many, and from where on, the newest first."""

    limit: Limit
    offset: Annotated[int, Meta(description="How many of the newest to pass over.", ge=0, examples=[0])]
    before: Annotated[str, Meta(description="Instead of `offset`: a message's id, or a place in the log.")]


# What is answered


class StoredMessage(Success):
    """The message, as it is stored."""

    message: Message


class SentMessage(StoredMessage):
    """The message, as it is stored, and where."""

    conversation_id: f.ConversationId


class MessagesPagination(TypedDict, total=False):
    """Where this page is; a part of the log has `limit` and `has_more` alone."""

    page: Annotated[int, Meta(examples=[1])]
    limit: Annotated[int, Meta(examples=[50])]
    total: Annotated[int, Meta(examples=[1])]
    pages: Annotated[int, Meta(examples=[1])]
    has_more: Annotated[bool, Meta(examples=[False])]


class Messages(Success):
    """Messages from oldest to newest."""

    messages: list[Message]
    pagination: MessagesPagination


class Conversations(Success):
    """A page of your conversations."""

    conversations: list[ConversationItem]
    pagination: Pagination


class OpenedConversation(Success):
    """The conversation, opened now or before."""

    conversation: ConversationItem
    is_existing: bool


class Context(Success):
    """Everything that opening it needs."""

    context: ConversationContext


class Seen(Success):
    """What has become read by it."""

    message_ids: Annotated[list[f.MessageId], Meta(description="The newest 500 of them.")]
    last_read_seq: f.Seq
    unread_count: Annotated[int, Meta(examples=[0])]


class UnreadCount(Success):
    """How many messages you have not read."""

    unread_count: f.Count


class StoredReaction(Success):
    """The reaction, stored now or before."""

    reaction: Reaction


class RemovedReaction(Success):
    """Whether there was one."""

    removed: Annotated[bool, Meta(examples=[True])]


class MessengerPagination(TypedDict, total=False):
    """Where this page is."""

    limit: Annotated[int, Meta(examples=[50])]
    offset: Annotated[int, Meta(examples=[0])]
    page: int
    total: Annotated[int, Meta(examples=[1])]
    hasMore: Annotated[bool, Meta(examples=[False])]


class MessengerConversations(Success):
    """A page of your conversations."""

    data: list[MessengerConversation]
    pagination: MessengerPagination


class MessengerMessages(Success):
    """Messages from oldest to newest."""

    data: list[MessengerMessage]
    pagination: MessengerPagination


class MessengerSent(Success):
    """The message, as it is stored."""

    data: MessengerMessage


class MessengerReadData(TypedDict):
    """What has become read by it."""

    messageIds: list[f.MessageId]
    unreadCount: Annotated[int, Meta(examples=[0])]


class MessengerRead(Success):
    """It is read."""

    data: MessengerReadData


# The routes

CONVERSATION = "/api/messages/conversations/{conversation_id}"
MESSAGE = "/api/messages/messages/{message_id}"
MESSENGER = "/api/v1/conversations"
SENDING = ("not_found", "automated_mode", "conversation_closed", "nonce_reused")

OPERATIONS: Operations = {
    "GET /api/messages/conversations": Operation(
        tag="Conversations",
        summary="List your conversations, the most recent first",
        query=ListQuery,
        answers={200: Conversations},
    ),
    "POST /api/messages/conversations": Operation(
        tag="Conversations",
        summary="Open a conversation, or find the one there is",
        about=(
            "A direct, bid or campaign conversation of the same people and source is opened once. A bid or campaign "
            "conversation is one of a brand owner and an influencer, either of whom opens it, and starts the flow that "
            "leads it; `source_id` is your own name for the bid or the campaign. Of `context` its flow takes what it "
            "declares: the money proposed by whoever applies, for one."
        ),
        body=inputs.NewConversation,
        examples={
            "direct": {"type": "direct", "receiver_id": f.BOB},
            "bid": {
                "type": "bid",
                "receiver_id": f.BOB,
                "source_id": "bid-17",
                "title": "Cold brew reels",
                "context": {"proposed_amount": "9000.00"},
            },
        },
        answers={201: OpenedConversation, 200: OpenedConversation},
        errors=("forbidden", "not_found", "not_available", "invalid_input"),
    ),
    f"GET {CONVERSATION}/context": Operation(
        tag="Conversations",
        summary="Read everything that opening a conversation needs, but its messages",
        about="`prompts.actions` are your buttons: press one with `POST …/actions`.",
        answers={200: Context},
        errors=("not_found",),
    ),
    f"PUT {CONVERSATION}/seen": Operation(
        tag="Conversations",
        summary="Mark messages as read: all, or all up to one",
        body=inputs.SeenUpTo,
        example={},
        is_body_optional=True,
        answers={200: Seen},
        errors=("not_found",),
    ),
    "GET /api/messages/unread-count": Operation(
        tag="Conversations",
        summary="Count your unread messages, up to 100 in each conversation",
        answers={200: UnreadCount},
    ),
    "POST /api/messages": Operation(
        tag="Messages",
        summary="Send a message",
        about=(
            "Into the conversation `conversation_id`, or into the direct conversation with `receiver_id`, which is "
            "opened if there is none. Sent again with the same nonce it is stored once, and answered with 200."
        ),
        body=inputs.NewMessage,
        example={"conversation_id": f.DIRECT, "message": "Hello Bob"},
        takes_idempotency_key=True,
        answers={201: SentMessage, 200: SentMessage},
        errors=("forbidden", *SENDING),
    ),
    f"GET {CONVERSATION}/messages": Operation(
        tag="Messages",
        summary="Read messages, from oldest to newest",
        about="Page 1 is the newest page. Reading does not mark as read.",
        query=HistoryQuery,
        answers={200: Messages},
        errors=("not_found",),
    ),
    f"POST {CONVERSATION}/messages": Operation(
        tag="Messages",
        summary="Send a message into a conversation",
        about="Sent again with the same nonce it is stored once, and answered with 200.",
        body=inputs.NewMessage,
        example={"message": "Hello Bob"},
        takes_idempotency_key=True,
        answers={201: SentMessage, 200: SentMessage},
        errors=("forbidden", *SENDING),
    ),
    f"PATCH {MESSAGE}": Operation(
        tag="Messages",
        summary="Change the text of your own message",
        body=inputs.Edit,
        answers={200: StoredMessage},
        errors=("forbidden", "not_found", "conversation_closed"),
    ),
    f"DELETE {MESSAGE}": Operation(
        tag="Messages",
        summary="Take your own message back",
        about="It stays where it is, without its content.",
        answers={200: StoredMessage},
        errors=("forbidden", "not_found", "conversation_closed"),
    ),
    f"POST {MESSAGE}/reactions": Operation(
        tag="Messages",
        summary="React to a message",
        about="Twice is once.",
        body=inputs.NewReaction,
        answers={201: StoredReaction},
        errors=("not_found", "conversation_closed"),
    ),
    f"DELETE {MESSAGE}/reactions": Operation(
        tag="Messages",
        summary="Take a reaction back",
        body=inputs.NewReaction,
        answers={200: RemovedReaction},
        errors=("not_found", "conversation_closed"),
    ),
    f"GET {MESSENGER}": Operation(
        tag="Messenger",
        summary="List your conversations, in the messenger family's words",
        query=Page,
        answers={200: MessengerConversations},
    ),
    f"GET {MESSENGER}/{{conversation_id}}/messages": Operation(
        tag="Messenger",
        summary="Read messages, from oldest to newest, in the messenger family's words",
        query=MessengerPage,
        answers={200: MessengerMessages},
        errors=("not_found",),
    ),
    f"POST {MESSENGER}/{{conversation_id}}/messages": Operation(
        tag="Messenger",
        summary="Send a message, in the messenger family's words",
        body=v1.NewMessage,
        example={"content": "Hello Bob"},
        takes_idempotency_key=True,
        answers={201: MessengerSent, 200: MessengerSent},
        errors=SENDING,
    ),
    f"PUT {MESSENGER}/{{conversation_id}}/read": Operation(
        tag="Messenger",
        summary="Mark everything in a conversation as read",
        answers={200: MessengerRead},
        errors=("not_found",),
    ),
}
