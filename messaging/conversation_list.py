"""The list of a user's conversations: a page costs five queries, however many people and messages there are."""

from collections.abc import Collection
from typing import Any

from django.db.models import QuerySet

from conversations.errors import ConversationNotFound
from conversations.models import Conversation, ConversationType, Participant
from conversations.selectors import others_of_small
from messaging import selectors
from messaging.people import person_body
from messaging.serializers import message_body
from stoory.accounts.presence import online_among
from stoory.errors import InvalidPayload
from stoory.times import iso


def page_of(user_id: str, kind: str | None, page: int, limit: int) -> tuple[list[dict[str, Any]], int]:
    """Return one page of the user's conversations, the most recent first, and how many there are."""
    if kind is not None and kind not in ConversationType.values:
        raise InvalidPayload(f"Expected one of {', '.join(ConversationType.values)}", path="type")
    rows = Participant.objects.filter(user_id=user_id)
    if kind is not None:
        rows = rows.filter(conversation__type=kind)
    newest = rows.order_by("-conversation__updated_at", "-conversation_id")
    return _items(newest[(page - 1) * limit : page * limit]), rows.count()


def item_of(user_id: str, conversation_id: str) -> dict[str, Any]:
    """Return one conversation as the list shows it."""
    items = _items(Participant.objects.filter(user_id=user_id, conversation_id=conversation_id))
    if not items:
        raise ConversationNotFound
    return items[0]


def _items(mine: QuerySet[Participant]) -> list[dict[str, Any]]:
    rows = list(
        mine.select_related("conversation").annotate(
            unread=selectors.unread_annotation(), last_message_id=selectors.last_message_annotation()
        )
    )
    messages = selectors.messages_by_id([row.last_message_id for row in rows if row.last_message_id])
    people = others_of_small([row.conversation_id for row in rows])
    online = online_among(person.user_id for group in people.values() for person in group)
    return [_item(row, people.get(row.conversation_id, []), messages, online) for row in rows]


def _item(mine: Any, people: list[Participant], messages: dict[Any, Any], online: Collection[str]) -> dict[str, Any]:
    conversation: Conversation = mine.conversation
    others = [person_body(person, online) for person in people if person.user_id != mine.user_id]
    last = messages.get(mine.last_message_id)
    return {
        "id": str(conversation.pk),
        "conversation_type": conversation.type,
        "title": conversation.title or (others[0]["name"] if others else ""),
        "is_public": conversation.is_public,
        "source_id": conversation.source_id,
        "campaign_id": conversation.campaign_id,
        "role": mine.role,
        "other_user": others[0] if others else None,
        "last_message": message_body(last) if last else None,
        "unread_count": mine.unread,
        "chat_status": conversation.chat_status,
        "flow_state": conversation.flow_state,
        "awaiting_role": conversation.awaiting_role,
        "last_seq": conversation.last_seq,
        "created_at": iso(conversation.created_at),
        "updated_at": iso(conversation.updated_at),
    }
