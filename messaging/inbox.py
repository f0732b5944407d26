"""What participants' lists show of conversations, for many readers in one query."""

from collections.abc import Iterable
from datetime import datetime
from typing import TypedDict

from django.db.models import OuterRef, Subquery

from conversations.models import Participant
from messaging.models import Message
from messaging.selectors import unread_annotation, visible


class Line(TypedDict):
    """One reader's line of one conversation."""

    unread_count: int
    last_message: str
    last_message_at: datetime | None


def readers(conversation_ids: Iterable[str], user_ids: Iterable[str]) -> dict[tuple[str, str], Line]:
    """Return the lines of those users who take part in those conversations, by conversation and user."""
    newest = Message.objects.filter(visible(OuterRef("role")), conversation=OuterRef("conversation_id")).order_by(
        "-seq"
    )
    rows = (
        Participant.objects.filter(conversation__in=list(conversation_ids), user__in=list(user_ids))
        .annotate(
            unread=unread_annotation(),
            last_text=Subquery(newest.values("text")[:1]),
            last_at=Subquery(newest.values("created_at")[:1]),
        )
        .values_list("conversation_id", "user_id", "unread", "last_text", "last_at")
    )
    return {
        (str(conversation), user): Line(unread_count=unread, last_message=text or "", last_message_at=at)
        for conversation, user, unread, text, at in rows
    }
