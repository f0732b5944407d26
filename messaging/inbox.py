"""What participants' lists show of conversations, for many readers in one query."""

from collections.abc import Iterable
from datetime import datetime
from typing import TypedDict

from django.db.models import OuterRef, Subquery

from conversations.guides import Card, guide
from conversations.models import Participant
from messaging.models import Message
from messaging.selectors import unread_annotation, visible


class Line(TypedDict):
    """One reader's line of one conversation; `card` holds their buttons, where a flow guides it."""

    role: str
    unread_count: int
    last_message: str
    last_message_at: datetime | None
    card: Card | None


def readers(conversation_ids: Iterable[str], user_ids: Iterable[str]) -> dict[tuple[str, str], Line]:
    """Return the lines of those users who take part in those conversations, by conversation and user."""
    newest = Message.objects.filter(visible(OuterRef("role")), conversation=OuterRef("conversation_id")).order_by(
        "-seq"
    )
    people = list(
        Participant.objects.filter(conversation__in=list(conversation_ids), user__in=list(user_ids))
        .select_related("conversation", "user")
        .annotate(
            unread=unread_annotation(),
            last_text=Subquery(newest.values("text")[:1]),
            last_at=Subquery(newest.values("created_at")[:1]),
        )
    )
    guided = [person for person in people if person.conversation.automation_enabled]
    said = guide().guidance(guided) if guided else {}
    return {
        (str(person.conversation_id), person.user_id): Line(
            role=person.role,
            unread_count=person.unread,
            last_message=person.last_text or "",
            last_message_at=person.last_at,
            card=guidance.card if (guidance := said.get((person.conversation_id, person.user_id))) else None,
        )
        for person in people
    }
