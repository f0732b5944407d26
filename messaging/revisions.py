"""Editing and taking back one's own messages; the log tells it, and never the old text."""

from django.db import transaction

from conversations import log
from conversations.models import Conversation
from conversations.selectors import chat_refusal
from messaging.commands import DeleteMessage, EditMessage
from messaging.errors import MessageNotFound
from messaging.events import MessageData, MessageDeleted, MessageEdited
from messaging.models import Message
from messaging.selectors import locked_message_for, messages_by_id
from stoory.commands import handles
from stoory.errors import Forbidden
from stoory.times import utc_now


@handles(EditMessage)
def edit_message(command: EditMessage) -> MessageData:
    """Return the message with its new text.

    Raises `MessageNotFound`, `Forbidden` for somebody else's, and what refuses writing in the conversation.
    """
    with transaction.atomic():
        message, conversation = _own(command.actor, command.message_id)
        refusal = chat_refusal(conversation)
        if refusal is not None:
            raise refusal
        if message.text == command.text:
            return _as_read(message)
        message.text, message.edited_at = command.text, utc_now()
        message.save(update_fields=["text", "edited_at"])
        data = _as_read(message)
        event = MessageEdited(
            conversation_id=str(conversation.pk),
            seq=conversation.last_seq + 1,
            at=message.edited_at,
            visible_to=message.visible_to,
            message=data,
        )
        log.record(conversation, event, actor=command.actor, payload={"message_id": str(message.pk)})
    return data


@handles(DeleteMessage)
def delete_message(command: DeleteMessage) -> MessageData:
    """Return the message without its content; doing it twice is once. Raises `MessageNotFound`, `Forbidden`."""
    with transaction.atomic():
        message, conversation = _own(command.actor, command.message_id, deleted=True)
        if message.deleted_at is None:
            message.deleted_at = utc_now()
            message.text, message.attachments, message.metadata, message.media_url = "", None, None, None
            message.save(update_fields=["deleted_at", "text", "attachments", "metadata", "media_url"])
            event = MessageDeleted(
                conversation_id=str(conversation.pk),
                seq=conversation.last_seq + 1,
                at=message.deleted_at,
                visible_to=message.visible_to,
                message_id=str(message.pk),
                deleted_by=command.actor,
            )
            log.record(conversation, event, actor=command.actor)
        return _as_read(message)


def _own(actor: str, message_id: str, *, deleted: bool = False) -> tuple[Message, Conversation]:
    message, author = locked_message_for(actor, message_id)
    if message.sender_id != actor:
        raise Forbidden
    if message.deleted_at is not None and not deleted:
        raise MessageNotFound
    return message, author.conversation


def _as_read(message: Message) -> MessageData:
    """Return a stored message as data that knows whether somebody has read it."""
    return messages_by_id([message.pk])[str(message.pk)]
