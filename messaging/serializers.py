"""Messages as JSON: the shape of seed 000, which the chat wire and REST share."""

from messaging.events import MessageData, ReactionData
from messaging.models import MessageType
from messaging.shapes import Message, MessengerMessage, Reaction
from stoory.times import iso, iso_or_none


def message_body(message: MessageData) -> Message:
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


def messenger_body(message: MessageData) -> MessengerMessage:
    """Return the bare message of seed 003, which its wire and its REST share."""
    return {
        "id": message.id,
        "conversationId": message.conversation_id,
        "senderId": message.sender_id,
        "receiverId": message.receiver_id,
        "content": message.text,
        "messageType": message.message_type,
        "isRead": message.seen,
        "isEdited": message.edited_at is not None,
        "createdAt": iso(message.created_at),
        "updatedAt": iso(message.edited_at or message.created_at),
        "seq": message.seq,
    }


def reaction_body(reaction: ReactionData) -> Reaction:
    """Return a reaction as REST shows it."""
    return {
        "id": reaction.id,
        "type": reaction.type,
        "user_id": reaction.user_id,
        "message_id": reaction.message_id,
        "created_at": iso(reaction.created_at),
    }
