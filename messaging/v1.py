"""`/api/v1/conversations…`: the REST of seed 003, in its words, over the same commands and reads."""

from typing import Any

import msgspec
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from conversations.models import Participant
from conversations.selectors import participation
from messaging import conversation_list, selectors
from messaging.commands import MarkRead, SendMessage
from messaging.serializers import messenger_body
from messaging.shapes import ConversationItem, MessengerConversation
from stoory.api import ApiView
from stoory.commands import execute
from stoory.documents import fields as f
from stoory.http import bounded_int, idempotency_key, naming

MAX_PAGE = 100


class NewMessage(msgspec.Struct, rename="camel"):
    """The body of a send."""

    content: f.Text
    client_nonce: f.Nonce | None = None


class MessageForm(serializers.Serializer[Any]):
    content = serializers.CharField()


class Conversations(ApiView):
    """List your conversations, the most recent first: `?page=1&limit=50`."""

    def get(self, request: Request) -> Response:
        page = bounded_int(request.query_params, "page", default=1, low=1, high=1_000_000)
        limit = bounded_int(request.query_params, "limit", default=50, low=1, high=MAX_PAGE)
        items, total = conversation_list.page_of(self.actor, None, page, limit)
        pagination = {"page": page, "limit": limit, "total": total}
        return Response(
            {"success": True, "data": [conversation_body(item) for item in items], "pagination": pagination}
        )


class Messages(ApiView):
    """Read messages from oldest to newest, or send `{content}`.

    `?limit=50&offset=0`, or `?before=<message id or seq>`.
    """

    serializer_class = MessageForm
    limits = {"GET": "history", "POST": "send"}

    def get(self, request: Request, conversation_id: str) -> Response:
        reader = participation(self.actor, conversation_id)
        limit = bounded_int(request.query_params, "limit", default=50, low=1, high=MAX_PAGE)
        if "before" in request.query_params:
            page = selectors.messages_before(reader, _seq_of(reader, request.query_params["before"]), limit)
            return _page(page, {"limit": limit})
        offset = bounded_int(request.query_params, "offset", default=0, low=0, high=2**31)
        page, total = selectors.messages_at(reader, offset, limit)
        return _page(page, {"limit": limit, "offset": offset, "total": total})

    def post(self, request: Request, conversation_id: str) -> Response:
        body = self.body(NewMessage)
        with naming(text="content"):
            command = SendMessage(
                actor=self.actor,
                conversation_id=conversation_id,
                text=body.content,
                client_nonce=idempotency_key(request) or body.client_nonce or None,
            )
        sent = execute(command)
        return Response(
            {"success": True, "data": messenger_body(sent.message)},
            status=status.HTTP_200_OK if sent.duplicate else status.HTTP_201_CREATED,
        )


class Read(ApiView):
    """Mark everything in a conversation as read."""

    limits = {"PUT": "read"}

    def put(self, request: Request, conversation_id: str) -> Response:
        read = execute(MarkRead(actor=self.actor, conversation_id=conversation_id))
        ids = read.message_ids
        return Response({"success": True, "data": {"messageIds": ids, "unreadCount": read.unread_count}})


def conversation_body(item: ConversationItem) -> MessengerConversation:
    """Return a conversation of the list as seed 003's clients show it."""
    other, last = item["other_user"], item["last_message"]
    return {
        "id": item["id"],
        "type": item["conversation_type"],
        "title": item["title"],
        "otherUser": other
        and {
            "id": other["id"],
            "name": other["name"],
            "imageUrl": other["image_url"],
            "online": other["online"],
            "lastSeen": other["last_seen"],
        },
        "lastMessage": last["message"] if last else "",
        "timestamp": last["created_at"] if last else item["updated_at"],
        "unread": item["unread_count"] > 0,
        "unreadCount": item["unread_count"],
    }


def _seq_of(reader: Participant, place: str) -> int:
    """Return the seq that `?before=` means: one, or the one of a message."""
    if place.isdecimal() and len(place) < 19:
        return int(place)
    message, _ = selectors.message_for(reader.user_id, place)
    return message.seq if message.conversation_id == reader.conversation_id else 0


def _page(page: selectors.Page, pagination: dict[str, Any]) -> Response:
    data = [messenger_body(message) for message in page.messages]
    return Response({"success": True, "data": data, "pagination": pagination | {"hasMore": page.has_more}})
