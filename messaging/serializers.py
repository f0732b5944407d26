"""Messages as JSON: the shape of seed 000, which the chat wire and REST share."""

from typing import Any

from messaging.events import MessageData
from messaging.models import MessageType
from stoory.times import iso, iso_or_none


def message_body(message: MessageData) -> dict[str, Any]:
    """Return the `Message` of seed 000, with `seq`, its place in the log."""
    return {
        "id": message.id,
        "conversation_id": message.conversation_id,
        "sender_id": message.sender_id,
        "receiver_id": message.receiver_id,
        "message": message.text,
        "created_at": iso(message.created_at),
        "seen": message.seen,
        "message_type": message.message_type,
        "attachment_metadata": message.attachments,
        "metadata": message.metadata,
        "media_url": message.media_url,
        "reply_to_id": message.reply_to_id,
        "edited_at": iso_or_none(message.edited_at),
        "deleted_at": iso_or_none(message.deleted_at),
        "is_automated": message.message_type == MessageType.AUTOMATED,
        "action_required": message.action_required,
        "action_data": message.action_data,
        "seq": message.seq,
    }
