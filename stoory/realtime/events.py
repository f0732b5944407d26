"""Events that no log numbers: best effort, never stored."""

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
