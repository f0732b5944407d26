"""Events that no log numbers: best effort, never stored."""

from stoory.events import Event


class Typing(Event, frozen=True, kw_only=True, tag="typing"):
    """A participant began or stopped typing."""

    user_id: str
    is_typing: bool
