"""What REST that shows what the sockets say takes and answers, for people who call it."""

from typing import Annotated, Any, Literal, NotRequired, TypedDict

from msgspec import Meta

from messaging.shapes import Message
from stoory.documents import fields as f
from stoory.documents.operations import Operation, Operations, Success
from stoory.realtime.views import TestMessageInput
from stoory.realtime.vocabulary.chat import LogEntry


class LogQuery(TypedDict, total=False):
    """Which part of the log."""

    after_seq: Annotated[int, Meta(description="The last place that you have.", ge=0, examples=[0])]
    limit: Annotated[int, Meta(description="From 1 to 1,000.", ge=1, le=1_000, examples=[100])]


class Log(Success):
    """A part of the log."""

    events: list[LogEntry]
    last_seq: f.LastSeq
    gap: f.Gap
    has_more: bool


class TestMessageSent(Success):
    """It was told to the rooms."""

    message: Annotated[str, Meta(examples=["Test message sent"])]
    testMessage: Message
    events: Annotated[list[str], Meta(examples=[["chat:new", "new_message"]])]


class TestMessageRefused(TypedDict):
    """What is missing, in the words of this route; what is wrong, as everywhere."""

    success: Literal[False]
    error: NotRequired[Annotated[str, Meta(examples=["Missing required fields: message"])]]
    message: NotRequired[str]
    code: NotRequired[str]
    errors: NotRequired[dict[str, Any]]


OPERATIONS: Operations = {
    "GET /api/messages/conversations/{conversation_id}/events": Operation(
        tag="Conversations",
        summary="Read the log after a place",
        about=(
            "Everything that happened in the conversation, in order, as chat's sockets heard it: see "
            "[the events](/api/events/). While `has_more`, ask again after the last event's `seq`."
        ),
        query=LogQuery,
        answers={200: Log},
        errors=("not_found",),
    ),
    "POST /test-message": Operation(
        tag="Staff",
        summary="Emit a message that is not stored, to see whether a client has joined",
        about="For staff, where the server allows it.",
        body=TestMessageInput,
        example={"conversationId": f.DIRECT, "senderId": f.ALICE, "receiverId": f.BOB, "message": "Can you hear me?"},
        answers={200: TestMessageSent, 400: TestMessageRefused},
        errors=("forbidden", "not_found"),
    ),
    "GET /api/events.json": Operation(
        tag="Documents",
        summary="Read the AsyncAPI 3 document of the sockets",
        answers={200: dict[str, Any]},
        public=True,
    ),
    "GET /api/events/asyncapi.json": Operation(
        tag="Documents",
        summary="Read the AsyncAPI 3 document of the sockets, by its other address",
        answers={200: dict[str, Any]},
        public=True,
    ),
}
