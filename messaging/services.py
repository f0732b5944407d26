"""What can be done with messages; each function one transaction, state and event log together."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Max, Q, QuerySet

from conversations import log
from conversations.errors import ConversationNotFound
from conversations.models import Conversation, Participant
from conversations.selectors import chat_refusal, context_of, participation
from messaging import selectors
from messaging.commands import MarkRead, Read, SendMessage, Sent
from messaging.errors import NonceReused
from messaging.events import MessageData, MessageSent, MessagesRead
from messaging.models import Message, ReadReceipt
from stoory.commands import handles
from stoory.errors import DomainError, InvalidPayload
from stoory.events import publish
from stoory.ids import parse_uuid
from stoory.times import utc_now

Outcome = Sent | DomainError

RECEIPTS_UP_TO_PARTICIPANTS = 100
RECEIPTS_PER_READ = 500
ATTEMPTS = 3


@handles(SendMessage)
def send_message(command: SendMessage) -> Sent:
    """Store one message and publish it.

    Raises `ConversationNotFound`, `AutomatedMode`, `ConversationClosed`, `NonceReused`, or `InvalidPayload` for a reply
    to a message that is not in the conversation.
    """
    with transaction.atomic():
        [outcome] = send_messages([command])
        if isinstance(outcome, DomainError):
            raise outcome
        if outcome.event is not None:
            publish(outcome.event)
    return outcome


def send_messages(commands: Sequence[SendMessage]) -> list[Outcome]:
    """Store a group of messages in one transaction and return an outcome a command, in their order.

    A command that is refused fails alone. Publishing is the caller's: the lane acknowledges first.
    """
    for attempt in range(1, ATTEMPTS + 1):
        try:
            with transaction.atomic():
                return _SendBatch(commands).run()
        except IntegrityError:
            # Another server stored the same nonce between our look and our insert: look again.
            if attempt == ATTEMPTS:
                raise
    raise AssertionError("unreachable")


class _SendBatch:
    """One group of sends: a handful of set-based statements, however many there are."""

    def __init__(self, commands: Sequence[SendMessage]) -> None:
        self.commands = commands
        self.now = utc_now()
        self.stored: list[Message] = []
        self.moved: dict[UUID, Conversation] = {}

    def run(self) -> list[Outcome]:
        self._load()
        outcomes = [self._outcome(command) for command in self.commands]
        self._save([o.event for o in outcomes if isinstance(o, Sent) and o.event is not None])
        return outcomes

    def _load(self) -> None:
        keys = {key for c in self.commands if (key := parse_uuid(c.conversation_id))}
        self.conversations = {c.pk: c for c in Conversation.objects.locked().filter(pk__in=keys)}
        self.participants = _parties(keys, {c.actor for c in self.commands})
        self.by_nonce = _stored_by_nonce(self.commands)
        self.replied_to = _conversations_of_messages(c.reply_to_id for c in self.commands)

    def _outcome(self, command: SendMessage) -> Outcome:
        conversation = self.conversations.get(parse_uuid(command.conversation_id) or UUID(int=0))
        if conversation is None or (conversation.pk, command.actor) not in self.participants:
            return ConversationNotFound()
        known = self.by_nonce.get((command.actor, command.client_nonce)) if command.client_nonce else None
        if known is not None:
            return _repeat(command, known)
        refusal = chat_refusal(conversation)
        if refusal is not None:
            return refusal
        if command.reply_to_id and self.replied_to.get(command.reply_to_id) != conversation.pk:
            return InvalidPayload("No such message in this conversation", path="reply_to_id")
        return self._accept(command, conversation)

    def _accept(self, command: SendMessage, conversation: Conversation) -> Sent:
        conversation.last_seq += 1
        conversation.updated_at = self.now
        self.moved[conversation.pk] = conversation
        message = Message(
            conversation=conversation,
            seq=conversation.last_seq,
            sender_id=command.actor,
            receiver_id=self._receiver(conversation, command.actor),
            text=command.text,
            attachments=command.attachments,
            metadata=command.metadata,
            media_url=command.media_url,
            reply_to_id=parse_uuid(command.reply_to_id) if command.reply_to_id else None,
            client_nonce=command.client_nonce,
            created_at=self.now,
        )
        self.stored.append(message)
        if command.client_nonce:
            self.by_nonce[command.actor, command.client_nonce] = message
        data = MessageData.of(message)
        event = MessageSent(
            conversation_id=data.conversation_id,
            seq=data.seq,
            at=self.now,
            message=data,
            conversation=context_of(conversation),
            temp_id=command.temp_id,
        )
        return Sent(message=data, event=event)

    def _receiver(self, conversation: Conversation, sender: str) -> str | None:
        if conversation.pair_low is None:
            return None
        others = [user for (key, user) in self.participants if key == conversation.pk and user != sender]
        return others[0] if len(others) == 1 else None

    def _save(self, events: Sequence[MessageSent]) -> None:
        Message.objects.bulk_create(self.stored)
        log.write([log.entry(event, actor=event.message.sender_id, payload={}) for event in events])
        Conversation.objects.bulk_update(self.moved.values(), ["last_seq", "updated_at"])


def _parties(conversations: set[UUID], senders: set[str]) -> set[tuple[UUID, str]]:
    """Return who is in which conversation: the senders, and in conversations of a pair everyone."""
    rows = Participant.objects.filter(
        Q(user__in=senders) | Q(conversation__pair_low__isnull=False), conversation__in=conversations
    )
    return set(rows.values_list("conversation_id", "user_id"))


def _stored_by_nonce(commands: Sequence[SendMessage]) -> dict[tuple[str, str | None], Message]:
    with_nonce = [c for c in commands if c.client_nonce]
    if not with_nonce:
        return {}
    rows = Message.objects.filter(
        sender__in={c.actor for c in with_nonce}, client_nonce__in={c.client_nonce for c in with_nonce}
    )
    return {(row.sender_id, row.client_nonce): row for row in rows}


def _conversations_of_messages(ids: Iterable[str | None]) -> dict[str, UUID]:
    keys = {key: text for text in ids if text and (key := parse_uuid(text))}
    if not keys:
        return {}
    rows = Message.objects.filter(pk__in=keys).values_list("pk", "conversation_id")
    return {keys[pk]: conversation for pk, conversation in rows}


def _repeat(command: SendMessage, known: Message) -> Outcome:
    same = (
        str(known.conversation_id) == str(parse_uuid(command.conversation_id))
        and known.text == command.text
        and known.attachments == command.attachments
        and known.metadata == command.metadata
        and known.media_url == command.media_url
        and (str(known.reply_to_id) if known.reply_to_id else None) == (command.reply_to_id or None)
    )
    return Sent(message=MessageData.of(known), event=None) if same else NonceReused()


@handles(MarkRead)
def mark_read(command: MarkRead) -> Read:
    """Move the reader's cursor, keep receipts, and publish what was newly read; raises `ConversationNotFound`."""
    with transaction.atomic():
        reader = participation(command.actor, command.conversation_id)
        conversation = Conversation.objects.locked().get(pk=reader.conversation_id)
        reader.refresh_from_db(fields=["last_read_seq"])
        newly = _newly_read(command, reader, conversation)
        now = utc_now()
        if newly and _keeps_receipts(conversation):
            ReadReceipt.objects.bulk_create(ReadReceipt(message_id=pk, reader=reader.user, read_at=now) for pk in newly)
        _move_cursor(command, reader, conversation, now)
        event = _record_read(command, conversation, newly, now) if newly else None
        return Read(event=event, last_read_seq=reader.last_read_seq, unread_count=selectors.unread_count(reader))


def _newly_read(command: MarkRead, reader: Participant, conversation: Conversation) -> list[UUID]:
    """Return what of the named messages, or of the newest 500 of all, was not read before; oldest first."""
    if command.message_ids is not None:
        return list(_named(command.message_ids, reader).order_by("seq").values_list("pk", flat=True))
    unread = selectors.unread_messages(reader).filter(seq__lte=_target(command, reader, conversation))
    return list(unread.order_by("-seq").values_list("pk", flat=True)[:RECEIPTS_PER_READ])[::-1]


def _named(message_ids: Iterable[str], reader: Participant) -> QuerySet[Message]:
    keys = [key for text in message_ids if (key := parse_uuid(text))]
    return selectors.unread_messages(reader).filter(pk__in=keys)


def _target(command: MarkRead, reader: Participant, conversation: Conversation) -> int:
    """Return the seq up to which everything is to be read; 0 for a message that is not here or not for the reader."""
    if command.up_to_message_id is None:
        return conversation.last_seq
    key = parse_uuid(command.up_to_message_id)
    message = conversation.messages.filter(selectors.visible(reader.role), pk=key).first() if key else None
    return message.seq if message else 0


def _keeps_receipts(conversation: Conversation) -> bool:
    return conversation.participants.count() <= RECEIPTS_UP_TO_PARTICIPANTS


def _move_cursor(command: MarkRead, reader: Participant, conversation: Conversation, now: datetime) -> None:
    cursor = _cursor(command, reader, conversation)
    if cursor > reader.last_read_seq:
        reader.last_read_seq, reader.last_read_at = cursor, now
        reader.save(update_fields=["last_read_seq", "last_read_at"])


def _cursor(command: MarkRead, reader: Participant, conversation: Conversation) -> int:
    """Return how far everything is read now.

    Where messages were named one by one, that is to just before the oldest one without a receipt; in conversations too
    large for receipts, to the newest one named.
    """
    if command.message_ids is None:
        return _target(command, reader, conversation)
    if not _keeps_receipts(conversation):
        return _named(command.message_ids, reader).aggregate(newest=Max("seq"))["newest"] or 0
    oldest_unread = selectors.unread_messages(reader).order_by("seq").first()
    return oldest_unread.seq - 1 if oldest_unread else conversation.last_seq


def _record_read(command: MarkRead, conversation: Conversation, newly: list[UUID], now: datetime) -> MessagesRead:
    event = MessagesRead(
        conversation_id=str(conversation.pk),
        seq=conversation.last_seq + 1,
        at=now,
        reader_id=command.actor,
        message_ids=[str(pk) for pk in newly],
        up_to_message_id=command.up_to_message_id if command.message_ids is None else None,
    )
    log.append(conversation, event, actor=command.actor)
    publish(event)
    return event
