"""REST that shows what the sockets say: the log in the chat family's words, the test message."""

import time

import msgspec
from django.conf import settings
from django.http import Http404
from rest_framework import status
from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response

from conversations.selectors import context_of, existing_conversation, participation
from messaging.commands import MAX_TEXT
from messaging.events import MessageData
from messaging.models import MessageType
from messaging.selectors import REPLAY_LIMIT, replay
from messaging.serializers import message_body
from stoory.api import ApiView
from stoory.events import publish
from stoory.http import bounded_int, parse
from stoory.payloads import check_text
from stoory.realtime.contracts.base import as_log_entries
from stoory.realtime.contracts.chat import CHAT
from stoory.realtime.events import TestMessageSent
from stoory.times import utc_now


class Events(ApiView):
    """The conversation's log after a place: `?after_seq=0&limit=100`, in the chat family's shapes.

    `gap` means that the log can't tell all from there on: read the messages anew.
    """

    limits = {"GET": "history"}

    def get(self, request: Request, conversation_id: str) -> Response:
        reader = participation(self.actor, conversation_id)
        after = bounded_int(request.query_params, "after_seq", default=0, low=0, high=2**63 - 1)
        limit = bounded_int(request.query_params, "limit", default=100, low=1, high=REPLAY_LIMIT)
        part = replay(reader, after, limit=limit)
        rooms = CHAT.rooms(conversation_id, reader.role)
        return Response(
            {
                "success": True,
                "events": as_log_entries(CHAT, part.events, rooms),
                "last_seq": part.last_seq,
                "gap": part.gap,
                "has_more": part.has_more,
            }
        )


class TestMessageInput(msgspec.Struct, rename="camel"):
    """The body of `/test-message` (seed 000)."""

    conversation_id: str = ""
    sender_id: str = ""
    receiver_id: str = ""
    message: str = ""


class TestMessage(ApiView):
    """Emit a message that is not stored to a conversation's rooms, to see whether a client has joined. Staff only."""

    limits = {"POST": "send"}

    def post(self, request: Request) -> Response:
        if not settings.ENABLE_TEST_MESSAGE:
            raise Http404
        if not request.user.is_staff:
            raise PermissionDenied
        body = parse(TestMessageInput, request.data)
        missing = [name for name, value in msgspec.to_builtins(body).items() if not value]
        if missing:
            error = f"Missing required fields: {', '.join(missing)}"
            return Response({"success": False, "error": error}, status=status.HTTP_400_BAD_REQUEST)
        check_text(body.message, "message", max_length=MAX_TEXT)
        event = _test_message(body)
        publish(event)
        return Response(
            {
                "success": True,
                "message": "Test message sent",
                "testMessage": message_body(event.message),
                "events": ["chat:new", "new_message"],
            }
        )


def _test_message(body: TestMessageInput) -> TestMessageSent:
    conversation = existing_conversation(body.conversation_id)
    now = utc_now()
    message = MessageData(
        id=f"test_{time.time_ns() // 1_000_000}",
        conversation_id=body.conversation_id,
        seq=0,
        sender_id=body.sender_id,
        receiver_id=body.receiver_id,
        text=body.message,
        message_type=MessageType.USER_INPUT,
        created_at=now,
    )
    return TestMessageSent(
        conversation_id=body.conversation_id, at=now, message=message, conversation=context_of(conversation)
    )
