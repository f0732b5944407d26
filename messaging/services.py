"""Saying something: each function one transaction, state and event log together."""

from collections.abc import Iterable, Sequence
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.db.models.functions import Now

from conversations import log
from conversations.errors import ConversationNotFound
from conversations.models import Conversation, Participant
from conversations.selectors import chat_refusal, context_of, locked_conversation
from messaging import selectors
from messaging.commands import Automated, PostNotice, SendMessage, Sent
from messaging.events import ActionTaken, Author, MessageData, MessageSent
from messaging.models import Message, MessageType
from messaging.sending import ATTEMPTS, Outcome, accepted, repeated, reply_refusal
from stoory.accounts.models import SYSTEM_USER_ID, User
from stoory.accounts.selectors import check_staff
from stoory.commands import handles
from stoory.errors import DomainError
from stoory.events import publish
from stoory.ids import parse_uuid, uuid7
from stoory.times import iso, utc_now


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
        self.authors = User.objects.only("username", "name", "image_url").in_bulk({c.actor for c in self.commands})
        self.by_nonce = _stored_by_nonce(self.commands)
        self.replied_to = _places_of_messages(c.reply_to_id for c in self.commands)

    def _outcome(self, command: SendMessage) -> Outcome:
        conversation = self.conversations.get(parse_uuid(command.conversation_id) or UUID(int=0))
        if conversation is None or (conversation.pk, command.actor) not in self.participants:
            return ConversationNotFound()
        known = self.by_nonce.get((command.actor, command.client_nonce)) if command.client_nonce else None
        if known is not None:
            return repeated(command, known)
        refusal = chat_refusal(conversation)
        if refusal is not None:
            return refusal
        if command.reply_to_id and not self._sees(command, conversation, command.reply_to_id):
            return reply_refusal()
        return self._accept(command, conversation)

    def _sees(self, command: SendMessage, conversation: Conversation, message_id: str) -> bool:
        where, visible_to = self.replied_to.get(message_id, (None, None))
        role = self.participants[conversation.pk, command.actor]
        return where == conversation.pk and visible_to in (None, role)

    def _accept(self, command: SendMessage, conversation: Conversation) -> Sent:
        conversation.last_seq += 1
        self.moved[conversation.pk] = conversation
        sent = accepted(
            command,
            message_id=command.message_id or str(uuid7()),
            seq=conversation.last_seq,
            at=self.now,
            receiver_id=self._receiver(conversation, command.actor),
            author=Author.of(self.authors[command.actor]),
            conversation=context_of(conversation),
        )
        self.stored.append(_row(sent.message, command.client_nonce))
        if command.client_nonce:
            self.by_nonce[command.actor, command.client_nonce] = sent.message
        return sent

    def _receiver(self, conversation: Conversation, sender: str) -> str | None:
        if conversation.pair_low is None:
            return None
        others = [user for (key, user) in self.participants if key == conversation.pk and user != sender]
        return others[0] if len(others) == 1 else None

    def _save(self, events: Sequence[MessageSent]) -> None:
        # In one order everywhere, so that two groups can't wait for each other's nonces.
        Message.objects.bulk_create(sorted(self.stored, key=lambda m: (m.sender_id, m.client_nonce or "")))
        log.write([log.entry(event, actor=event.message.sender_id, payload={}) for event in events])
        for conversation in self.moved.values():
            conversation.updated_at = Now()  # by the database's clock, as in `conversations.log`
        Conversation.objects.bulk_update(self.moved.values(), ["last_seq", "updated_at"])


def _parties(conversations: set[UUID], senders: set[str]) -> dict[tuple[UUID, str], str]:
    """Return who is what in which conversation: the senders, and in conversations of a pair everyone."""
    rows = Participant.objects.filter(
        Q(user__in=senders) | Q(conversation__pair_low__isnull=False), conversation__in=conversations
    )
    return {(key, user): role for key, user, role in rows.values_list("conversation_id", "user_id", "role")}


def _row(message: MessageData, client_nonce: str | None) -> Message:
    return Message(
        pk=message.id,
        conversation_id=message.conversation_id,
        seq=message.seq,
        sender_id=message.sender_id,
        receiver_id=message.receiver_id,
        text=message.text,
        attachments=message.attachments,
        metadata=message.metadata,
        media_url=message.media_url,
        reply_to_id=message.reply_to_id,
        client_nonce=client_nonce,
        created_at=message.created_at,
    )


def _stored_by_nonce(commands: Sequence[SendMessage]) -> dict[tuple[str, str | None], MessageData]:
    with_nonce = [c for c in commands if c.client_nonce]
    if not with_nonce:
        return {}
    rows = Message.objects.filter(
        sender__in={c.actor for c in with_nonce}, client_nonce__in={c.client_nonce for c in with_nonce}
    )
    return {(row.sender_id, row.client_nonce): MessageData.of(row) for row in rows}


def _places_of_messages(ids: Iterable[str | None]) -> dict[str, tuple[UUID, str | None]]:
    """Return where messages are, and for whom, by their ids."""
    keys = {key: text for text in ids if text and (key := parse_uuid(text))}
    if not keys:
        return {}
    rows = Message.objects.filter(pk__in=keys).values_list("pk", "conversation_id", "visible_to")
    return {keys[pk]: (conversation, visible_to) for pk, conversation, visible_to in rows}


@handles(PostNotice)
def post_notice(command: PostNotice) -> MessageData:
    """Say something as the system; raises `Forbidden` for others than staff, `ConversationNotFound`."""
    check_staff(command.actor)
    with transaction.atomic():
        conversation = locked_conversation(command.conversation_id)
        [event] = say_automatically(conversation, [Automated(text=command.text, reason="staff")])
        why = {"note": command.note} if command.note else {}
        log.append(conversation, [event], [log.entry(event, actor=command.actor, payload=why)])
    return event.message


def say_automatically(conversation: Conversation, sayings: Sequence[Automated]) -> list[MessageSent]:
    """Store what the automation says in a locked conversation; return the next events of its log, yet to be written."""
    now = utc_now()
    messages = [
        Message(
            conversation=conversation,
            seq=conversation.last_seq + place,
            sender_id=SYSTEM_USER_ID,
            receiver_id=saying.receiver_id,
            text=saying.text,
            message_type=MessageType.AUTOMATED,
            metadata=saying.metadata,
            reason=saying.reason,
            action_required=saying.card is not None,
            action_data=saying.card,
            visible_to=saying.visible_to,
            created_at=now,
        )
        for place, saying in enumerate(sayings, start=1)
    ]
    Message.objects.bulk_create(messages)
    conversation.last_seq += len(messages)
    system = Author.of(User.objects.get(pk=SYSTEM_USER_ID)) if messages else None
    return [selectors.sent_event(message, system) for message in messages]


def take_action(conversation: Conversation, *, role: str, action: str, state_seq: int, by: str) -> ActionTaken:
    """Note on the message that carried a party's buttons of a step which one was used; return the log's next event."""
    now = utc_now()
    carriers = conversation.messages.filter(visible_to=role, action_required=True, action_data__state_seq=state_seq)
    carrier = carriers.order_by("-seq").first()
    if carrier is not None:
        carrier.action_taken = {"action": action, "by": by, "at": iso(now)}
        carrier.save(update_fields=["action_taken"])
    return ActionTaken(
        conversation_id=str(conversation.pk),
        seq=conversation.last_seq + 1,
        at=now,
        visible_to=role,
        message_id=str(carrier.pk) if carrier else None,
        action=action,
        role=role,
        state_seq=state_seq,
    )
