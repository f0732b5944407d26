"""REST for conversations and their messages: parse, one command or one read, render."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from conversations.commands import CreateConversation
from conversations.selectors import membership, participation
from messaging import conversation_list, inputs, selectors
from messaging.commands import (
    AddReaction,
    DeleteMessage,
    EditMessage,
    MarkRead,
    RemoveReaction,
    SendMessage,
    Sent,
)
from messaging.context import conversation_context
from messaging.serializers import message_body, reaction_body
from stoory.api import ApiView
from stoory.commands import execute
from stoory.errors import InvalidPayload
from stoory.http import bounded_int, idempotency_key, naming

MAX_PAGE = 100


class Messages(ApiView):
    """Send a message.

    `{conversation_id | receiver_id, message?, media_url?, attachments?, metadata?, reply_to_id?, client_nonce?}`; the
    header `Idempotency-Key` is a nonce too. 201 for a stored message, 200 for a repeat of one.
    """

    serializer_class = inputs.MessageForm
    limits = {"POST": "send"}

    @transaction.atomic  # a message that is refused opens no conversation
    def post(self, request: Request) -> Response:
        body = self.body(inputs.NewMessage)
        return _sent(send(self.actor, request, body, body.conversation_id or _direct_conversation(self.actor, body)))


class ConversationMessages(ApiView):
    """Read a conversation's messages, or send one into it. Reading does not mark as read.

    `?page=1&limit=50`: page 1 is the newest. `?before_seq=&limit=`, `?after_seq=&limit=`: by place in the log.
    """

    serializer_class = inputs.MessageForm
    limits = {"GET": "history", "POST": "send"}

    def get(self, request: Request, conversation_id: str) -> Response:
        query = request.query_params
        read = _by_place if "after_seq" in query or "before_seq" in query else _by_number
        found, pagination = read(self.actor, conversation_id, query)
        body = [message_body(message) for message in found.messages]
        return Response({"success": True, "messages": body, "pagination": pagination | {"has_more": found.has_more}})

    def post(self, request: Request, conversation_id: str) -> Response:
        return _sent(send(self.actor, request, self.body(inputs.NewMessage), conversation_id))


class Conversations(ApiView):
    """List your conversations, the most recent first (`?type=&page=&limit=`), or open one.

    `POST {type, participant_ids | receiver_id, source_id?, campaign_id?, title?, is_public?, context?}`: 201, or 200
    for the direct, bid or campaign conversation that the same people and source have already.
    """

    serializer_class = inputs.ConversationForm
    limits = {"POST": "send"}

    def get(self, request: Request) -> Response:
        query = request.query_params
        page = bounded_int(query, "page", default=1, low=1, high=1_000_000)
        limit = bounded_int(query, "limit", default=50, low=1, high=MAX_PAGE)
        items, total = conversation_list.page_of(self.actor, query.get("type") or None, page, limit)
        pagination = {"page": page, "limit": limit, "total": total, "pages": -(-total // limit)}
        return Response({"success": True, "conversations": items, "pagination": pagination | _more(pagination)})

    def post(self, request: Request) -> Response:
        body = self.body(inputs.NewConversation)
        created = execute(
            CreateConversation(
                actor=self.actor,
                type=body.type,
                participant_ids=[*body.participant_ids, *([body.receiver_id] if body.receiver_id else [])],
                source_id=body.source_id,
                campaign_id=body.campaign_id,
                title=body.title,
                is_public=body.is_public,
                context=body.context,
            )
        )
        item = conversation_list.item_of(self.actor, str(created.conversation.pk))
        return Response(
            {"success": True, "conversation": item, "is_existing": created.is_existing},
            status=status.HTTP_200_OK if created.is_existing else status.HTTP_201_CREATED,
        )


class Context(ApiView):
    """Everything that opening a conversation needs, but its messages (seed 000)."""

    def get(self, request: Request, conversation_id: str) -> Response:
        reader = participation(self.actor, conversation_id)
        return Response({"success": True, "context": conversation_context(reader)})


class Seen(ApiView):
    """Mark as read, all or `{up_to_message_id}`."""

    serializer_class = inputs.SeenForm
    limits = {"PUT": "read"}

    def put(self, request: Request, conversation_id: str) -> Response:
        body = self.body(inputs.SeenUpTo)
        read = execute(
            MarkRead(actor=self.actor, conversation_id=conversation_id, up_to_message_id=body.up_to_message_id)
        )
        return Response(
            {
                "success": True,
                "message_ids": read.message_ids,
                "last_read_seq": read.last_read_seq,
                "unread_count": read.unread_count,
            }
        )


class OwnMessage(ApiView):
    """Change the text of your own message, or take it back."""

    serializer_class = inputs.EditForm
    limits = {"PATCH": "send", "DELETE": "send"}

    def patch(self, request: Request, message_id: str) -> Response:
        body = self.body(inputs.Edit)
        with naming(text="message"):
            command = EditMessage(actor=self.actor, message_id=message_id, text=body.message)
        return Response({"success": True, "message": message_body(execute(command))})

    def delete(self, request: Request, message_id: str) -> Response:
        deleted = execute(DeleteMessage(actor=self.actor, message_id=message_id))
        return Response({"success": True, "message": message_body(deleted)})


class Reactions(ApiView):
    """React to a message with one emoji or `:shortcode:`, or take the reaction back: `{type}`."""

    serializer_class = inputs.ReactionForm
    limits = {"POST": "reaction", "DELETE": "reaction"}

    def post(self, request: Request, message_id: str) -> Response:
        body = self.body(inputs.NewReaction)
        reaction = execute(AddReaction(actor=self.actor, message_id=message_id, type=body.type))
        return Response({"success": True, "reaction": reaction_body(reaction)}, status=status.HTTP_201_CREATED)

    def delete(self, request: Request, message_id: str) -> Response:
        body = self.body(inputs.NewReaction)
        removed = execute(RemoveReaction(actor=self.actor, message_id=message_id, type=body.type))
        return Response({"success": True, "removed": removed})


class UnreadCount(ApiView):
    """How many messages you have not read, over all conversations, each counted up to 100."""

    def get(self, request: Request) -> Response:
        return Response({"success": True, "unread_count": selectors.unread_total(self.actor)})


def send(actor: str, request: Request, body: inputs.NewMessage, conversation_id: str) -> Sent:
    """Send what a request holds into a conversation."""
    with naming(text="message"):
        command = SendMessage(
            actor=actor,
            conversation_id=conversation_id,
            text=body.message,
            media_url=body.media_url or None,
            attachments=body.attachments,
            metadata=body.metadata,
            reply_to_id=body.reply_to_id,
            client_nonce=idempotency_key(request) or body.client_nonce or None,
        )
    return execute(command)


def _direct_conversation(actor: str, body: inputs.NewMessage) -> str:
    if not body.receiver_id:
        raise InvalidPayload("Expected conversation_id or receiver_id", path="conversation_id")
    with naming(participant_ids="receiver_id"):
        created = execute(CreateConversation(actor=actor, type="direct", participant_ids=[body.receiver_id]))
    return str(created.conversation.pk)


def _sent(sent: Sent) -> Response:
    body = {
        "success": True,
        "message": message_body(sent.message),
        "conversation_id": sent.message.conversation_id,
    }
    return Response(body, status=status.HTTP_200_OK if sent.duplicate else status.HTTP_201_CREATED)


def _by_place(user_id: str, conversation_id: str, query: Mapping[str, Any]) -> tuple[selectors.Page, dict[str, int]]:
    """Return a part of a conversation, before or after a place in its log."""
    reader = selectors.Visitor(user_id=user_id, conversation_id=conversation_id)
    limit = _limit(query)
    if "after_seq" in query:
        after = bounded_int(query, "after_seq", default=0, low=0, high=2**63 - 1)
        found = selectors.messages_after(reader, after, limit)
    else:
        before = bounded_int(query, "before_seq", default=2**63 - 1, low=0, high=2**63 - 1)
        found = selectors.messages_before(reader, before, limit)
    if not found.messages:  # as an outsider's part is, too
        membership(user_id, conversation_id)
    return found, {"limit": limit}


def _by_number(user_id: str, conversation_id: str, query: Mapping[str, Any]) -> tuple[selectors.Page, dict[str, int]]:
    """Return a page of a conversation, of which the first is the newest."""
    reader = membership(user_id, conversation_id)
    limit = _limit(query)
    page = bounded_int(query, "page", default=1, low=1, high=1_000_000)
    found, total = selectors.messages_at(reader, (page - 1) * limit, limit)
    return found, {"page": page, "limit": limit, "total": total, "pages": -(-total // limit)}


def _limit(query: Mapping[str, Any]) -> int:
    return bounded_int(query, "limit", default=50, low=1, high=MAX_PAGE)


def _more(pagination: dict[str, int]) -> dict[str, bool]:
    return {"has_more": pagination["page"] < pagination["pages"]}
