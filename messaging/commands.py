"""What someone can want of messages. Building a command checks its values; `InvalidPayload` names the field."""

from typing import Any

import msgspec

from messaging.events import MessageData, MessageSent, MessagesRead, ReactionData
from stoory.commands import Command
from stoory.errors import InvalidPayload
from stoory.payloads import check_json, check_text, is_emoji

MAX_TEXT = 10_000
MAX_KEY = 128
MAX_NOTE = 500
MAX_READ_IDS = 1_000


class Sent(msgspec.Struct, frozen=True, kw_only=True):
    """The stored message. A `duplicate` was stored before, and has no event to publish."""

    message: MessageData
    event: MessageSent | None

    @property
    def duplicate(self) -> bool:
        return self.event is None


class SendMessage(Command[Sent], frozen=True, kw_only=True):
    """Say something. With a `client_nonce`, unique per sender for ever, a repeat is recognised."""

    conversation_id: str
    text: str = ""
    attachments: Any = None
    metadata: dict[str, Any] | None = None
    media_url: str | None = None
    reply_to_id: str | None = None
    client_nonce: str | None = None
    temp_id: str | None = None
    message_id: str | None = None
    """The id to store it under, where one was promised before (seed 004); ours, never the client's."""

    def __post_init__(self) -> None:
        check_text(self.text, "text", max_length=MAX_TEXT)
        if not self.text.strip() and not self.attachments and not self.media_url:
            raise InvalidPayload("A message needs text or attachments", path="text")
        if not isinstance(self.attachments, dict | list | None):
            raise InvalidPayload("Expected an object or a list", path="attachments")
        check_json(self.attachments, "attachments", max_bytes=16_384)
        check_json(self.metadata, "metadata", max_bytes=8_192)
        for path, value in (("client_nonce", self.client_nonce), ("temp_id", self.temp_id)):
            if value is not None:
                check_text(value, path, min_length=1, max_length=MAX_KEY)
        if self.media_url is not None:
            check_text(self.media_url, "media_url", max_length=2_000)
            if not self.media_url.startswith(("https://", "http://")):
                raise InvalidPayload("Expected an http(s) URL", path="media_url")


class Read(msgspec.Struct, frozen=True, kw_only=True):
    """What marking changed: an event for what all may see, one for what only the reader's role may, or none."""

    events: list[MessagesRead]
    last_read_seq: int
    unread_count: int

    @property
    def message_ids(self) -> list[str]:
        """What was newly read."""
        return [message_id for event in self.events for message_id in event.message_ids]


class MarkRead(Command[Read], frozen=True, kw_only=True):
    """Mark messages as read: the named ones, all up to one, or (neither given) all there are.

    Ids that are unknown, the actor's own or of another conversation are ignored (seed 000). Without a conversation, it
    is that of the first named message (seed 004).
    """

    conversation_id: str | None = None
    message_ids: list[str] | None = None
    up_to_message_id: str | None = None

    def __post_init__(self) -> None:
        if self.message_ids is not None and len(self.message_ids) > MAX_READ_IDS:
            raise InvalidPayload(f"Expected at most {MAX_READ_IDS:,} ids", path="message_ids")


class AddReaction(Command[ReactionData], frozen=True, kw_only=True):
    """React to a message with one emoji or `:shortcode:`; doing it twice is once."""

    message_id: str
    type: str

    def __post_init__(self) -> None:
        check_reaction(self.type)


class RemoveReaction(Command[bool], frozen=True, kw_only=True):
    """Take a reaction back; the result tells whether there was one."""

    message_id: str
    type: str

    def __post_init__(self) -> None:
        check_reaction(self.type)


class EditMessage(Command[MessageData], frozen=True, kw_only=True):
    """Change the text of one's own message."""

    message_id: str
    text: str

    def __post_init__(self) -> None:
        check_text(self.text, "text", max_length=MAX_TEXT)
        if not self.text.strip():
            raise InvalidPayload("A message needs text", path="text")


class DeleteMessage(Command[MessageData], frozen=True, kw_only=True):
    """Take one's own message back: its place in the log stays, its content goes."""

    message_id: str


class Automated(msgspec.Struct, frozen=True, kw_only=True):
    """What the automation says: to one role or to everybody, with the buttons of that role or without."""

    text: str
    reason: str
    visible_to: str | None = None
    receiver_id: str | None = None
    card: dict[str, Any] | None = None
    metadata: dict[str, Any] | None = None


class PostNotice(Command[MessageData], frozen=True, kw_only=True):
    """Say something as the system, to both parties; staff only. `note` is why: the log keeps it, and nobody is told."""

    conversation_id: str
    text: str
    note: str = ""

    def __post_init__(self) -> None:
        check_text(self.text, "text", min_length=1, max_length=MAX_TEXT)
        check_text(self.note, "note", max_length=MAX_NOTE)


def check_reaction(value: str) -> None:
    """Raise `InvalidPayload` unless `value` is one emoji or a `:shortcode:` (seed 004)."""
    if not is_emoji(value):
        raise InvalidPayload("Expected one emoji or :shortcode:", path="type")
