"""Reading: a cursor per participant, and a receipt per message where there are few of them."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from django.db import transaction
from django.db.models import Max, QuerySet

from conversations import log
from conversations.models import Conversation, Participant
from conversations.selectors import locked_participation
from messaging import selectors
from messaging.commands import MarkRead, Read
from messaging.events import MessagesRead
from messaging.models import Message, ReadReceipt
from stoory.commands import handles
from stoory.ids import parse_uuid
from stoory.times import utc_now

RECEIPTS_UP_TO_PARTICIPANTS = 100
RECEIPTS_PER_READ = 500


class Extent(NamedTuple):
    """Up to where everything is to be read, and if that was said by a message: which, and for whom alone it is."""

    seq: int
    visible_to: str | None = None
    message_id: str | None = None


@handles(MarkRead)
def mark_read(command: MarkRead) -> Read:
    """Move the reader's cursor, keep receipts, and publish what was newly read; raises `ConversationNotFound`."""
    with transaction.atomic():
        reader = _reader(command)
        conversation = reader.conversation
        extent = _extent(command, reader, conversation)
        newly = _newly_read(command, reader, extent)
        now = utc_now()
        if newly and _keeps_receipts(conversation):
            ReadReceipt.objects.bulk_create(
                ReadReceipt(message_id=pk, reader_id=reader.user_id, read_at=now) for pk in newly
            )
        _move_cursor(reader, _cursor(command, reader, conversation, extent), now)
        left = selectors.unread_count(reader) if reader.last_read_seq < conversation.last_seq else 0
        events = _record_read(command, conversation, newly, extent, now) if newly else []
        return Read(events=events, last_read_seq=reader.last_read_seq, unread_count=left)


def _reader(command: MarkRead) -> Participant:
    if command.conversation_id is not None:
        return locked_participation(command.actor, command.conversation_id)
    [message_id, *_] = command.message_ids or [""]
    return selectors.locked_message_for(command.actor, message_id)[1]


def _extent(command: MarkRead, reader: Participant, conversation: Conversation) -> Extent:
    """Return what is asked for; of a message that is not here or not for the reader, nothing at all."""
    if command.message_ids is not None or command.up_to_message_id is None:
        return Extent(conversation.last_seq)
    key = parse_uuid(command.up_to_message_id)
    message = conversation.messages.filter(selectors.visible(reader.role), pk=key).first() if key else None
    return Extent(message.seq, message.visible_to, command.up_to_message_id) if message else Extent(0)


def _newly_read(command: MarkRead, reader: Participant, extent: Extent) -> dict[UUID, str | None]:
    """Return what of the named messages, or of the newest 500 of all, was not read before, and who may see it.

    Oldest first.
    """
    if command.message_ids is not None:
        return dict(_named(command.message_ids, reader).order_by("seq").values_list("pk", "visible_to"))
    unread = selectors.unread_messages(reader).filter(seq__lte=extent.seq)
    return dict(reversed(unread.order_by("-seq").values_list("pk", "visible_to")[:RECEIPTS_PER_READ]))


def _named(message_ids: Iterable[str], reader: Participant) -> QuerySet[Message]:
    keys = [key for text in message_ids if (key := parse_uuid(text))]
    return selectors.unread_messages(reader).filter(pk__in=keys)


def _keeps_receipts(conversation: Conversation) -> bool:
    is_pair = conversation.pair_low is not None
    return is_pair or conversation.participants.count() <= RECEIPTS_UP_TO_PARTICIPANTS


def _move_cursor(reader: Participant, cursor: int, now: datetime) -> None:
    if cursor > reader.last_read_seq:
        reader.last_read_seq, reader.last_read_at = cursor, now
        reader.save(update_fields=["last_read_seq", "last_read_at"])


def _cursor(command: MarkRead, reader: Participant, conversation: Conversation, extent: Extent) -> int:
    """Return how far everything is read now.

    Where messages were named one by one, that is to just before the oldest one without a receipt; in conversations too
    large for receipts, to the newest one named.
    """
    if command.message_ids is None:
        return extent.seq
    if not _keeps_receipts(conversation):
        return _named(command.message_ids, reader).aggregate(newest=Max("seq"))["newest"] or 0
    oldest_unread = selectors.unread_messages(reader).order_by("seq").first()
    return oldest_unread.seq - 1 if oldest_unread else conversation.last_seq


def _record_read(
    command: MarkRead, conversation: Conversation, newly: Mapping[UUID, str | None], extent: Extent, now: datetime
) -> list[MessagesRead]:
    """Tell everybody what was read of what all may see, and one role alone of what only that one may."""
    events: list[MessagesRead] = []
    for visible_to in sorted(set(newly.values()), key=str):
        read = [pk for pk in newly if newly[pk] == visible_to]
        event = MessagesRead(
            conversation_id=str(conversation.pk),
            seq=conversation.last_seq + len(events) + 1,
            at=now,
            visible_to=visible_to,
            reader_id=command.actor,
            message_ids=[str(pk) for pk in read],
            up_to_message_id=extent.message_id if visible_to == extent.visible_to else None,
        )
        events.append(event)
    conversation.last_seq += len(events)
    log.append(conversation, events, [log.entry(event, actor=command.actor) for event in events])
    return events
