"""The list of a user's conversations: a page costs four queries at most, however long they are."""

from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from itertools import starmap
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import CharField, Count, QuerySet, UUIDField

from conversations.errors import ConversationNotFound
from conversations.models import ConversationType, Participant
from conversations.selectors import Other, others_in_pairs
from messaging import selectors
from messaging.events import MessageData
from messaging.people import person_body
from messaging.serializers import message_body
from messaging.shapes import ConversationItem
from stoory.errors import InvalidPayload
from stoory.ids import parse_uuid
from stoory.queries import Parameter, PreparedQuery, Row
from stoory.times import iso


class Place(NamedTuple):
    """One's place in one conversation."""

    role: str
    unread: int
    last_message_id: UUID | None
    id: UUID
    type: str
    title: str
    is_public: bool
    source_id: str | None
    campaign_id: str | None
    chat_status: str
    flow_state: str | None
    awaiting_role: str | None
    last_seq: int
    created_at: datetime
    updated_at: datetime


def page_of(user_id: str, kind: str | None, page: int, limit: int) -> tuple[list[ConversationItem], int]:
    """Return one page of the user's conversations, the most recent first, and how many there are."""
    if kind is not None and kind not in ConversationType.values:
        raise InvalidPayload(f"Expected one of {', '.join(ConversationType.values)}", path="type")
    of_kind = {} if kind is None else {"kind": kind}
    places = _page(kind is not None, (page - 1) * limit, limit).rows(user=user_id, **of_kind)
    if page == 1 and len(places) < limit:  # all there are
        return _items(user_id, places), len(places)
    counted = _count(kind is not None).rows(user=user_id, **of_kind)
    return _items(user_id, places), counted[0][0] if counted else 0


def item_of(user_id: str, conversation_id: str) -> ConversationItem:
    """Return one conversation as the list shows it."""
    key = parse_uuid(conversation_id)
    items = _items(user_id, _ONE.rows(user=user_id, conversation=key)) if key else []
    if not items:
        raise ConversationNotFound
    return items[0]


def _items(user_id: str, rows: Sequence[Row]) -> list[ConversationItem]:
    places = list(starmap(Place, rows))
    messages = selectors.messages_by_id([place.last_message_id for place in places if place.last_message_id])
    pairs = [place.id for place in places if place.type != ConversationType.CHANNEL]
    others = others_in_pairs(user_id, pairs)
    return [_item(place, others.get(place.id), messages.get(str(place.last_message_id))) for place in places]


def _item(place: Place, other: Other | None, last: MessageData | None) -> ConversationItem:
    other_user = person_body(other.person, online=other.online) if other else None
    return {
        "id": str(place.id),
        "conversation_type": place.type,
        "title": place.title or (other_user["name"] if other_user else ""),
        "is_public": place.is_public,
        "source_id": place.source_id,
        "campaign_id": place.campaign_id,
        "role": place.role,
        "other_user": other_user,
        "last_message": message_body(last) if last else None,
        "unread_count": place.unread,
        "chat_status": place.chat_status,
        "flow_state": place.flow_state,
        "awaiting_role": place.awaiting_role,
        "last_seq": place.last_seq,
        "created_at": iso(place.created_at),
        "updated_at": iso(place.updated_at),
    }


_MINE = Participant.objects.filter(user__id=Parameter("user", CharField()))
_KIND = Parameter("kind", CharField())
_ONE = PreparedQuery(lambda: _places(_MINE.filter(conversation__id=Parameter("conversation", UUIDField()))))


@lru_cache(maxsize=256)  # of the pages that people turn to, these are the usual ones
def _page(is_of_kind: bool, offset: int, limit: int) -> PreparedQuery:
    newest = _of_kind(is_of_kind).order_by("-conversation__updated_at", "-conversation_id")
    return PreparedQuery(lambda: _places(newest)[offset : offset + limit])


@lru_cache
def _count(is_of_kind: bool) -> PreparedQuery:
    return PreparedQuery(
        lambda: _of_kind(is_of_kind).order_by().values("user_id").annotate(count=Count("pk")).values_list("count")
    )


def _of_kind(is_of_kind: bool) -> QuerySet[Participant]:
    return _MINE.filter(conversation__type=_KIND) if is_of_kind else _MINE


def _places(mine: QuerySet[Participant]) -> QuerySet[Participant, Any]:
    return mine.annotate(
        unread=selectors.unread_annotation(), last_message_id=selectors.last_message_annotation()
    ).values_list(*Place._fields[:3], *(f"conversation__{name}" for name in Place._fields[3:]))
