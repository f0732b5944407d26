"""Reads of messages. What a reader may see is decided in one place: `visible`."""

from collections.abc import Iterable, Sequence
from functools import cache, lru_cache
from itertools import starmap
from typing import Any, Protocol
from uuid import UUID

import msgspec
from django.db.models import (
    BigIntegerField,
    CharField,
    Count,
    Exists,
    F,
    IntegerField,
    Max,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    UUIDField,
)
from django.db.models.lookups import IsNull

from conversations.errors import ConversationNotFound
from conversations.events import MemberAdded, MemberRemoved, StateChanged
from conversations.log import restore
from conversations.models import Conversation, ConversationEvent, Participant
from conversations.selectors import context_of, locked_participation
from messaging.errors import MessageNotFound
from messaging.events import (
    ActionTaken,
    Author,
    MessageData,
    MessageDeleted,
    MessageEdited,
    MessageRow,
    MessageSent,
    MessagesRead,
    ReactionAdded,
    ReactionRemoved,
)
from messaging.models import Message, ReadReceipt
from messaging.totals import Counted, totals
from stoory.events import Event
from stoory.ids import parse_uuid
from stoory.queries import IdText, Parameter, PreparedQuery, Row

UNREAD_LIMIT = 100
REPLAY_LIMIT = 1_000
MAX_SEQ = 2**63 - 1

LOGGED_EVENTS: dict[str, type[Event]] = {
    "read": MessagesRead,
    "delete": MessageDeleted,
    "reaction_add": ReactionAdded,
    "reaction_remove": ReactionRemoved,
    "state": StateChanged,
    "member_added": MemberAdded,
    "member_removed": MemberRemoved,
    "action": ActionTaken,
}
"""Events whose log entry holds all they say. Those of a message's text hold none of it, the message does."""


class Page(msgspec.Struct, frozen=True, kw_only=True):
    """Messages from oldest to newest, and whether there are more in the direction of reading."""

    messages: list[MessageData]
    has_more: bool


class Reader(Protocol):
    """Who reads in which conversation; an outsider finds nothing."""

    @property
    def conversation_id(self) -> Any: ...

    @property
    def user_id(self) -> str: ...


class Member(Reader, Protocol):
    """A reader of whom it is known what they are: a `Participant`, or a `Membership`."""

    @property
    def role(self) -> str: ...


class Visitor(msgspec.Struct, frozen=True, kw_only=True):
    """A reader who may turn out to be an outsider."""

    conversation_id: str
    user_id: str


class Replay(msgspec.Struct, frozen=True, kw_only=True):
    """Events after a place in a log, in order. A `gap` means that they can't all be told: read the messages anew."""

    events: list[Event]
    last_seq: int
    gap: bool = False
    has_more: bool = False


def visible(role: str | F | Parameter) -> Q:
    """Return the condition under which a participant of this role may see a message or a log entry."""
    return Q(visible_to__isnull=True) | Q(visible_to=role)


def messages_before(reader: Reader, seq: int | None, limit: int) -> Page:
    """Return the newest `limit` messages below `seq`, or of all."""
    rows = _asked(_before(limit + 1), reader, seq=MAX_SEQ if seq is None else seq)
    return Page(messages=_as_data(reversed(rows[:limit])), has_more=len(rows) > limit)


def messages_after(reader: Reader, seq: int, limit: int) -> Page:
    """Return the oldest `limit` messages above `seq`."""
    rows = _asked(_after(limit + 1), reader, seq=seq)
    return Page(messages=_as_data(rows[:limit]), has_more=len(rows) > limit)


def messages_at(reader: Member, offset: int, limit: int) -> tuple[Page, int]:
    """Return `limit` messages after the `offset` newest ones, and the total number of messages."""
    total = _total(str(reader.conversation_id), reader.role)
    newest_first = _at(offset, limit).rows(conversation=reader.conversation_id, role=reader.role)
    return Page(messages=_as_data(reversed(newest_first)), has_more=offset + limit < total), total


def _asked(query: PreparedQuery, reader: Reader, **told: int) -> list[Row]:
    """Return what a query finds of the reader's conversation, which need not be one."""
    key = parse_uuid(str(reader.conversation_id))
    return query.rows(conversation=key, user=reader.user_id, **told) if key else []


@cache
def _before(count: int) -> PreparedQuery:
    return PreparedQuery(
        lambda: _readable(_FOR_READER).filter(seq__lt=_SEQ).order_by("-seq")[:count], planned_once=True
    )


@cache
def _after(count: int) -> PreparedQuery:
    return PreparedQuery(lambda: _readable(_FOR_READER).filter(seq__gt=_SEQ).order_by("seq")[:count], planned_once=True)


@lru_cache(maxsize=256)  # of the pages that people turn to, these are the usual ones
def _at(offset: int, limit: int) -> PreparedQuery:
    rows = _readable(_FOR_ROLE).order_by("-seq")
    if not offset:
        return PreparedQuery(lambda: rows[:limit], planned_once=True)
    # The page's first message is found before anything is worked out of those that are passed by on the way to it.
    first = _FOR_ROLE.order_by("-seq").values("seq")[offset : offset + 1]
    return PreparedQuery(lambda: rows.filter(seq__lte=Subquery(first))[:limit])


def _total(conversation_id: str, role: str) -> int:
    """Return how many messages there are, of which only those are counted that have come since the last count."""
    known = totals.known(conversation_id, role)
    counted = _COUNT.rows(conversation=conversation_id, role=role, seq=known.up_to)
    if not counted:
        return known.total
    [(newer, up_to)] = counted
    totals.remember(conversation_id, role, Counted(known.total + newer, up_to))
    return known.total + int(newer)


def last_message(reader: Reader) -> MessageData | None:
    """Return the newest message that the reader may see."""
    page = messages_before(reader, None, 1)
    return page.messages[0] if page.messages else None


def message_for(user_id: str, message_id: str) -> tuple[Message, Participant]:
    """Return a message that the user may see, with their participation; raises `MessageNotFound` for any other."""
    key = parse_uuid(message_id)
    message = Message.objects.filter(pk=key).first() if key else None
    reader = (
        Participant.objects.select_related("conversation")
        .filter(user_id=user_id, conversation_id=message.conversation_id)
        .first()
        if message
        else None
    )
    if message is None or reader is None or message.visible_to not in (None, reader.role):
        raise MessageNotFound
    return message, reader


def locked_message_for(user_id: str, message_id: str) -> tuple[Message, Participant]:
    """Return what `message_for` does, as it is now that the conversation is locked for this transaction."""
    key = parse_uuid(message_id)
    where = Message.objects.filter(pk=key).values_list("conversation_id", flat=True).first() if key else None
    try:
        reader = locked_participation(user_id, str(where or ""))
    except ConversationNotFound:
        raise MessageNotFound from None
    message = reader.conversation.messages.get(pk=message_id)
    if message.visible_to not in (None, reader.role):
        raise MessageNotFound
    return message, reader


def unread_count(reader: Participant) -> int:
    """Return how many messages the reader has not read, counted up to 100."""
    return unread_messages(reader).order_by("seq")[:UNREAD_LIMIT].count()  # the model's own order would sort them all


def unread_messages(reader: Participant) -> QuerySet[Message]:
    """Return what others said that the reader may see and has not read."""
    return _unread(reader.conversation_id, reader.user_id, reader.last_read_seq, reader.role)


def unread_total(user_id: str) -> int:
    """Return the sum of the user's unread counts over all conversations, each counted up to 100."""
    counts = Participant.objects.filter(user_id=user_id).annotate(unread=unread_annotation())
    return sum(counts.order_by().values_list("unread", flat=True))


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


def messages_by_id(ids: Sequence[UUID]) -> dict[str, MessageData]:
    """Return messages as data, by their ids as text."""
    return {data.id: data for data in _as_data(_NAMED.rows(ids=ids) if ids else [])}


def stored_messages(ids: Iterable[UUID]) -> dict[UUID, MessageData]:
    """Return messages as they are told of when they are sent, by their ids."""
    return {row.pk: MessageData.of(row) for row in Message.objects.filter(pk__in=list(ids))}


def replay(reader: Participant, after_seq: int, *, up_to: int | None = None, limit: int = REPLAY_LIMIT) -> Replay:
    """Return the events after `after_seq` that the reader may see, as they were published.

    A `gap` is told, and nothing else, where the log no longer reaches back so far or has not come so far.
    """
    conversation = reader.conversation
    last_seq = conversation.last_seq if up_to is None else min(up_to, conversation.last_seq)
    if not conversation.pruned_seq <= after_seq <= conversation.last_seq:
        return Replay(events=[], last_seq=last_seq, gap=True)
    # No bound above: it would let PostgreSQL think of few rows, and sort them all.
    later = ConversationEvent.objects.filter(visible(reader.role), conversation=conversation, seq__gt=after_seq)
    rows = [row for row in later.order_by("seq")[: limit + 1] if row.seq <= last_seq]
    if _has_been_pruned(conversation, after_seq, rows):
        return Replay(events=[], last_seq=last_seq, gap=True)
    return Replay(events=restored(rows[:limit]), last_seq=last_seq, has_more=len(rows) > limit)


def _has_been_pruned(conversation: Conversation, after_seq: int, rows: Sequence[ConversationEvent]) -> bool:
    """Return whether a part may have gone since the conversation was read: where the next entry is not there."""
    if after_seq == conversation.last_seq or (rows and rows[0].seq == after_seq + 1):
        return False
    return Conversation.objects.filter(pk=conversation.pk, pruned_seq__gt=after_seq).exists()


def events_between(conversation_id: str, after_seq: int, up_to: int) -> list[Event]:
    """Return the log's events from `after_seq` (exclusive) to `up_to` (inclusive), for a server, not for a reader."""
    rows = ConversationEvent.objects.filter(conversation_id=conversation_id, seq__gt=after_seq, seq__lte=up_to)
    return restored(list(rows.order_by("seq")))


def restored(rows: Sequence[ConversationEvent]) -> list[Event]:
    """Return the events that log rows of one conversation were written from."""
    sent = {message.seq: message for message in _messages_of(rows, "message", "seq")}
    edited = {str(message.pk): message for message in _messages_of(rows, "edit", "pk")}
    events: list[Event] = []
    for row in rows:
        if row.kind in LOGGED_EVENTS:
            events.append(restore(row, LOGGED_EVENTS[row.kind]))
        elif row.kind == "message" and row.seq in sent:
            events.append(sent_event(sent[row.seq]))
        elif row.kind == "edit" and row.payload["message_id"] in edited:
            events.append(_edited(row, edited[row.payload["message_id"]]))
    return events


def _messages_of(rows: Sequence[ConversationEvent], kind: str, key: str) -> list[Message]:
    keys = [row.seq if key == "seq" else row.payload["message_id"] for row in rows if row.kind == kind]
    if not keys:
        return []
    found = Message.objects.filter(conversation_id=rows[0].conversation_id, **{f"{key}__in": keys})
    found = _with_seen(found) if kind == "edit" else found  # one that was sent is told as it was then: unread
    return list(found.select_related("conversation", "sender"))


def sent_event(message: Message, author: Author | None = None) -> MessageSent:
    """Return the event that told of `message`."""
    return MessageSent(
        conversation_id=str(message.conversation_id),
        seq=message.seq,
        at=message.created_at,
        visible_to=message.visible_to,
        message=MessageData.of(message),
        author=author or Author.of(message.sender),
        conversation=context_of(message.conversation),
    )


def _edited(row: ConversationEvent, message: Any) -> MessageEdited:
    data = MessageData.of(message, seen=message.seen)
    return MessageEdited(
        conversation_id=str(row.conversation_id),
        seq=row.seq,
        at=row.created_at,
        visible_to=row.visible_to,
        message=data,
    )


def _with_seen(rows: QuerySet[Message]) -> QuerySet[Message]:
    others = Participant.objects.filter(conversation=OuterRef("conversation")).exclude(user=OuterRef("sender"))
    who_may_see_it = others.filter(Q(IsNull(OuterRef("visible_to"), True)) | Q(role=OuterRef("visible_to")))
    read_up_to = who_may_see_it.filter(last_read_seq__gte=OuterRef("seq"))
    # Not `Exists`: PostgreSQL may take that for a reason to read all receipts there are, once, for one page.
    receipt = Subquery(ReadReceipt.objects.filter(message=OuterRef("pk")).values("pk")[:1])
    return rows.annotate(
        seen=Exists(read_up_to) | Q(IsNull(receipt, False)),
        state_seq=F("conversation__state_seq"),
    )


def _readable(rows: QuerySet[Message]) -> QuerySet[Message, Any]:
    """Return messages as `MessageRow` has them."""
    return _with_seen(rows).order_by().values_list(*_COLUMNS)


def _as_data(rows: Iterable[Sequence[Any]]) -> list[MessageData]:
    return [MessageData.of(row, seen=row.seen, state_seq=row.state_seq) for row in starmap(MessageRow, rows)]


def _unread(conversation: Any, user: Any, last_read_seq: Any, role: Any) -> QuerySet[Message]:
    receipt = ReadReceipt.objects.filter(
        message=OuterRef("pk"), reader=user if isinstance(user, str) else OuterRef(user)
    )
    # A value, which PostgreSQL looks up for each message; of what `Exists` asks it may make a join, and read all
    # receipts of the reader for each of their conversations.
    is_not_read = IsNull(Subquery(receipt.values("pk")[:1]), True)
    return Message.objects.filter(
        visible(role), is_not_read, conversation=conversation, seq__gt=last_read_seq, deleted_at__isnull=True
    ).exclude(sender=user)


_IDS = ("pk", "conversation_id", "reply_to_id")
_COLUMNS = [IdText(name) if name in _IDS else name for name in MessageRow._fields]
_SEQ = Parameter("seq", BigIntegerField())
_OF_ONE = Message.objects.filter(conversation__id=Parameter("conversation", UUIDField()))
_FOR_READER = _OF_ONE.filter(
    visible(F("conversation__participants__role")),
    conversation__participants__user__id=Parameter("user", CharField()),
)
_FOR_ROLE = _OF_ONE.filter(visible(Parameter("role", CharField())))
_COUNT = PreparedQuery(
    lambda: (
        _FOR_ROLE.filter(seq__gt=_SEQ)
        .order_by()
        .values("conversation_id")
        .annotate(count=Count("pk"), newest=Max("seq"))
        .values_list("count", "newest")
    )
)
_NAMED = PreparedQuery(lambda: _readable(Message.objects.filter(pk__in=[Parameter("ids", UUIDField(), many=True)])))
