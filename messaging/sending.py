"""What a send comes to, whichever way it is stored: by the ORM (`services`) or by one statement (`send_statement`)."""

from datetime import datetime

from conversations.events import ConversationContext
from messaging.commands import SendMessage, Sent
from messaging.errors import NonceReused
from messaging.events import Author, MessageData, MessageSent
from messaging.models import MessageType
from stoory.errors import DomainError, InvalidPayload

Outcome = Sent | DomainError

ATTEMPTS = 3
"""How often a group is tried that somebody else's nonce has broken; at the second look it is known."""


def accepted(
    command: SendMessage,
    *,
    message_id: str,
    seq: int,
    at: datetime,
    receiver_id: str | None,
    author: Author,
    conversation: ConversationContext,
) -> Sent:
    """Return the outcome of a message that was given its place."""
    message = MessageData(
        id=message_id,
        conversation_id=conversation.id,
        seq=seq,
        sender_id=command.actor,
        receiver_id=receiver_id,
        text=command.text,
        message_type=MessageType.USER_INPUT.value,
        attachments=command.attachments,
        metadata=command.metadata,
        media_url=command.media_url,
        reply_to_id=command.reply_to_id or None,
        created_at=at,
    )
    event = MessageSent(
        conversation_id=conversation.id,
        seq=seq,
        at=at,
        message=message,
        author=author,
        conversation=conversation,
        temp_id=command.temp_id,
    )
    return Sent(message=message, event=event)


def repeated(command: SendMessage, known: MessageData) -> Outcome:
    """Return the outcome of a send whose nonce the sender has used for `known`."""
    is_here = known.conversation_id == command.conversation_id
    is_same = is_here and (_was_revised(known) or _says_the_same(command, known))
    return Sent(message=known, event=None) if is_same else NonceReused()


def reply_refusal() -> DomainError:
    """Return the outcome of a reply to what its sender can't see."""
    return InvalidPayload("No such message in this conversation", path="reply_to_id")


def _was_revised(known: MessageData) -> bool:
    """Return whether what was sent can't be known any more, so that a late retry must be taken for one."""
    return known.edited_at is not None or known.deleted_at is not None


def _says_the_same(command: SendMessage, known: MessageData) -> bool:
    return (
        known.text == command.text
        and known.attachments == command.attachments
        and known.metadata == command.metadata
        and known.media_url == command.media_url
        and known.reply_to_id == (command.reply_to_id or None)
    )
