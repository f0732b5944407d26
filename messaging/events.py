"""What happens to messages."""

from datetime import datetime
from typing import Any, NamedTuple

import msgspec

from conversations.events import ConversationContext
from messaging.models import Message, Reaction
from stoory.accounts.models import User
from stoory.events import Event


class MessageRow(NamedTuple):
    """What is read of a stored message, by the names of its model, without the cost of one."""

    pk: str
    conversation_id: str
    seq: int
    sender_id: str
    receiver_id: str | None
    text: str
    message_type: str
    attachments: Any
    metadata: Any
    media_url: str | None
    reply_to_id: str | None
    action_required: bool
    action_data: Any
    action_taken: Any
    reason: str
    created_at: datetime
    edited_at: datetime | None
    deleted_at: datetime | None
    seen: bool
    state_seq: int


class MessageData(msgspec.Struct, frozen=True, kw_only=True):
    """A stored message as data, the same for every wire. `seen`: somebody else has read it."""

    id: str
    conversation_id: str
    seq: int
    sender_id: str
    receiver_id: str | None
    text: str
    message_type: str
    attachments: Any = None
    metadata: Any = None
    media_url: str | None = None
    reply_to_id: str | None = None
    action_required: bool = False
    action_data: Any = None
    reason: str = ""
    created_at: datetime
    edited_at: datetime | None = None
    deleted_at: datetime | None = None
    seen: bool = False

    @classmethod
    def of(cls, message: Message | MessageRow, *, seen: bool = False, state_seq: int | None = None) -> "MessageData":
        """Return `message` as data; a deleted one has lost its content.

        Without the conversation's `state_seq` its buttons are as they were when it was sent. With it, they are as they
        are now: required no longer once the conversation has moved on, and telling which one was used.
        """
        gone = message.deleted_at is not None
        return cls(
            id=str(message.pk),
            conversation_id=str(message.conversation_id),
            seq=message.seq,
            sender_id=message.sender_id,
            receiver_id=message.receiver_id,
            text="" if gone else message.text,
            message_type=message.message_type,
            attachments=None if gone else message.attachments,
            metadata=None if gone else message.metadata,
            media_url=None if gone else message.media_url,
            reply_to_id=str(message.reply_to_id) if message.reply_to_id else None,
            action_required=message.action_required and state_seq in (None, _step_of(message)),
            action_data=message.action_data if state_seq is None else _as_used(message),
            reason=message.reason,
            created_at=message.created_at,
            edited_at=message.edited_at,
            deleted_at=message.deleted_at,
            seen=seen,
        )


def _step_of(message: Message | MessageRow) -> int | None:
    """Return the step of the flow that the message's buttons belong to."""
    step: int | None = (message.action_data or {}).get("state_seq")
    return step


def _as_used(message: Message | MessageRow) -> Any:
    if message.action_data is None or message.action_taken is None:
        return message.action_data
    return message.action_data | {"submitted": message.action_taken}


class Author(msgspec.Struct, frozen=True, kw_only=True):
    """Who wrote a message, as others see them."""

    id: str
    name: str
    image_url: str | None

    @classmethod
    def of(cls, user: User) -> "Author":
        """Return `user` as an author."""
        return cls(id=user.pk, name=user.display_name, image_url=user.image_url or None)


class MessageSent(Event, frozen=True, kw_only=True, tag="message"):
    """A message was stored. `temp_id` is the sender's own name for it, known while it is live only."""

    message: MessageData
    author: Author
    conversation: ConversationContext
    temp_id: str | None = None

    @property
    def card(self) -> Any:
        """The buttons that came with it, for the one party that sees it."""
        return self.message.action_data if self.message.action_required else None


class MessageEdited(Event, frozen=True, kw_only=True, tag="edit"):
    """A message's text was changed by its sender."""

    message: MessageData


class MessageDeleted(Event, frozen=True, kw_only=True, tag="delete"):
    """A message lost its content, by its sender's wish."""

    message_id: str
    deleted_by: str


class ReactionData(msgspec.Struct, frozen=True, kw_only=True):
    """A stored reaction."""

    id: str
    type: str
    user_id: str
    message_id: str
    created_at: datetime

    @classmethod
    def of(cls, reaction: Reaction) -> "ReactionData":
        """Return `reaction` as data."""
        return cls(
            id=str(reaction.pk),
            type=reaction.type,
            user_id=reaction.user_id,
            message_id=str(reaction.message_id),
            created_at=reaction.created_at,
        )


class ReactionAdded(Event, frozen=True, kw_only=True, tag="reaction_add"):
    """A participant reacted to a message."""

    reaction: ReactionData


class ReactionRemoved(Event, frozen=True, kw_only=True, tag="reaction_remove"):
    """A participant took a reaction back."""

    message_id: str
    user_id: str
    type: str


class ActionTaken(Event, frozen=True, kw_only=True, tag="action"):
    """A party used one of its buttons; `message_id` names the message that carried them, where one did."""

    message_id: str | None
    action: str
    role: str
    state_seq: int


class MessagesRead(Event, frozen=True, kw_only=True, tag="read"):
    """A participant has read messages: the named ones; of all, or of all up to one, the newest 500 are named."""

    reader_id: str
    message_ids: list[str]
    up_to_message_id: str | None = None
