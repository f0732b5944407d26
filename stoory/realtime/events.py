"""Events that no log numbers: best effort, never stored."""

from datetime import datetime

from conversations.events import ConversationContext
from messaging.events import MessageData
from stoory.events import Event


class Typing(Event, frozen=True, kw_only=True, tag="typing"):
    """A participant began or stopped typing."""

    user_id: str
    is_typing: bool


class TestMessageSent(Event, frozen=True, kw_only=True, tag="test"):
    """Somebody tries whether clients have joined a room (seed 000's `/test-message`); the message is not stored."""

    __test__ = False  # pytest takes the name for a test

    message: MessageData
    conversation: ConversationContext


class PresenceChanged(Event, frozen=True, kw_only=True, tag="presence"):
    """A user came online, or went offline: has a socket on some server, or none on any.

    `conversation_ids` are the user's most recent ones, by which every server finds the peers among its users.
    """

    conversation_id: str = ""
    user_id: str
    online: bool
    last_seen: datetime | None
    conversation_ids: list[str]


class UserJoined(Event, frozen=True, kw_only=True, tag="joined"):
    """A socket of a user entered a channel's room (seed 004)."""

    user_id: str
