"""Reads of messages. What a reader may see is decided in one place: `visible`."""

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

import msgspec
from django.db.models import Exists, IntegerField, OuterRef, Q, QuerySet, Subquery
from django.db.models.lookups import IsNull

from conversations.log import restore
from conversations.models import ConversationEvent, Participant
from conversations.selectors import context_of
from messaging.events import MessageData, MessageSent, MessagesRead
from messaging.models import Message, ReadReceipt
from stoory.events import Event

UNREAD_LIMIT = 100
REPLAY_LIMIT = 1_000

LOGGED_EVENTS: dict[str, type[Event]] = {"read": MessagesRead}
"""Events whose log entry holds all they say; a message's holds nothing, the message does."""


class Page(msgspec.Struct, frozen=True, kw_only=True):
    """Messages from oldest to newest, and whether there are more in the direction of reading."""

    messages: list[MessageData]
    has_more: bool


class Replay(msgspec.Struct, frozen=True, kw_only=True):
    """Events after a place in a log, in order. A `gap` means that they can't all be told: read the messages anew."""

    events: list[Event]
    last_seq: int
    gap: bool = False
    has_more: bool = False


def visible(role: str | OuterRef) -> Q:
    """Return the condition under which a participant of this role may see a message or a log entry."""
    return Q(visible_to__isnull=True) | Q(visible_to=role)


def messages_before(reader: Participant, seq: int | None, limit: int) -> Page:
    """Return the newest `limit` messages below `seq`, or of all."""
    rows = _visible_messages(reader)
    if seq is not None:
        rows = rows.filter(seq__lt=seq)
    newest_first = list(rows.order_by("-seq")[: limit + 1])
    return Page(messages=_as_data(reversed(newest_first[:limit])), has_more=len(newest_first) > limit)


def messages_after(reader: Participant, seq: int, limit: int) -> Page:
    """Return the oldest `limit` messages above `seq`."""
    rows = list(_visible_messages(reader).filter(seq__gt=seq).order_by("seq")[: limit + 1])
    return Page(messages=_as_data(rows[:limit]), has_more=len(rows) > limit)


def messages_page(reader: Participant, page: int, limit: int) -> tuple[Page, int]:
    """Return a numbered page, page 1 the newest, and the total number of messages."""
    rows = _visible_messages(reader)
    total = rows.count()
    newest_first = list(rows.order_by("-seq")[(page - 1) * limit : page * limit])
    return Page(messages=_as_data(reversed(newest_first)), has_more=page * limit < total), total


def last_message(reader: Participant) -> MessageData | None:
    """Return the newest message that the reader may see."""
    page = messages_before(reader, None, 1)
    return page.messages[0] if page.messages else None


def unread_count(reader: Participant) -> int:
    """Return how many messages the reader has not read, counted up to 100."""
    return unread_messages(reader)[:UNREAD_LIMIT].count()


def unread_messages(reader: Participant) -> QuerySet[Message]:
    """Return what others said that the reader may see and has not read."""
    return _unread(reader.conversation_id, reader.user_id, reader.last_read_seq, reader.role)


def unread_total(user_id: str) -> int:
    """Return the sum of the user's unread counts over all conversations, each counted up to 100."""
    counts = Participant.objects.filter(user_id=user_id).annotate(unread=unread_annotation())
    return sum(counts.values_list("unread", flat=True))


class _BoundedCount(Subquery):
    """`SELECT COUNT(*)` over a subquery that has a limit, so that a neglected channel costs no more than 100 rows."""

    template = "(SELECT COUNT(*) FROM (%(subquery)s) bounded)"
    output_field = IntegerField()


def unread_annotation() -> Subquery:
    """Return `unread_count` as an annotation of participants."""
    mine = _unread(OuterRef("conversation_id"), OuterRef("user_id"), OuterRef("last_read_seq"), OuterRef("role"))
    return _BoundedCount(mine.order_by().values("pk")[:UNREAD_LIMIT])


def last_message_annotation() -> Subquery:
    """Return the id of the newest visible message as an annotation of participants."""
    rows = Message.objects.filter(visible(OuterRef("role")), conversation=OuterRef("conversation_id"))
    return Subquery(rows.order_by("-seq").values("pk")[:1])


def messages_by_id(ids: Iterable[UUID]) -> dict[UUID, MessageData]:
    """Return messages as data, by their ids."""
    rows = list(_with_seen(Message.objects.filter(pk__in=list(ids))))
    return {row.pk: data for row, data in zip(rows, _as_data(rows), strict=True)}


def replay(reader: Participant, after_seq: int, *, up_to: int | None = None, limit: int = REPLAY_LIMIT) -> Replay:
    """Return the events after `after_seq` that the reader may see, as they were published.

    A `gap` is told, and nothing else, where the log no longer reaches back so far or has not come so far.
    """
    conversation = reader.conversation
    last_seq = conversation.last_seq if up_to is None else min(up_to, conversation.last_seq)
    if not conversation.pruned_seq <= after_seq <= conversation.last_seq:
        return Replay(events=[], last_seq=last_seq, gap=True)
    rows = list(
        ConversationEvent.objects.filter(
            visible(reader.role), conversation=conversation, seq__gt=after_seq, seq__lte=last_seq
        ).order_by("seq")[: limit + 1]
    )
    return Replay(events=restored(rows[:limit]), last_seq=last_seq, has_more=len(rows) > limit)


def events_between(conversation_id: str, after_seq: int, up_to: int) -> list[Event]:
    """Return the log's events from `after_seq` (exclusive) to `up_to` (inclusive), for a server, not for a reader."""
    rows = ConversationEvent.objects.filter(conversation_id=conversation_id, seq__gt=after_seq, seq__lte=up_to)
    return restored(list(rows.order_by("seq")))


def restored(rows: Sequence[ConversationEvent]) -> list[Event]:
    """Return the events that log rows of one conversation were written from."""
    messages = _messages_of([row for row in rows if row.kind not in LOGGED_EVENTS])
    events: list[Event] = []
    for row in rows:
        if row.kind in LOGGED_EVENTS:
            events.append(restore(row, LOGGED_EVENTS[row.kind]))
        elif row.seq in messages:
            events.append(messages[row.seq])
    return events


def _messages_of(rows: Sequence[ConversationEvent]) -> dict[int, MessageSent]:
    if not rows:
        return {}
    found = Message.objects.filter(
        conversation_id=rows[0].conversation_id, seq__in=[row.seq for row in rows]
    ).select_related("conversation")
    return {
        message.seq: MessageSent(
            conversation_id=str(message.conversation_id),
            seq=message.seq,
            at=message.created_at,
            visible_to=message.visible_to,
            message=MessageData.of(message),
            conversation=context_of(message.conversation),
        )
        for message in found
    }


def _visible_messages(reader: Participant) -> QuerySet[Message]:
    return _with_seen(Message.objects.filter(visible(reader.role), conversation=reader.conversation_id))


def _with_seen(rows: QuerySet[Message]) -> QuerySet[Message]:
    others = Participant.objects.filter(conversation=OuterRef("conversation")).exclude(user=OuterRef("sender"))
    who_may_see_it = others.filter(Q(IsNull(OuterRef("visible_to"), True)) | Q(role=OuterRef("visible_to")))
    read_up_to = who_may_see_it.filter(last_read_seq__gte=OuterRef("seq"))
    return rows.annotate(seen=Exists(read_up_to) | Exists(ReadReceipt.objects.filter(message=OuterRef("pk"))))


def _as_data(rows: Iterable[Any]) -> list[MessageData]:
    return [MessageData.of(row, seen=row.seen) for row in rows]


def _unread(conversation: Any, user: Any, last_read_seq: Any, role: Any) -> QuerySet[Message]:
    receipt = ReadReceipt.objects.filter(
        message=OuterRef("pk"), reader=user if isinstance(user, str) else OuterRef(user)
    )
    return (
        Message.objects.filter(visible(role), conversation=conversation, seq__gt=last_read_seq, deleted_at__isnull=True)
        .exclude(sender=user)
        .exclude(Exists(receipt))
    )
