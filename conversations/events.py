"""What happens to conversations themselves."""

import msgspec

from stoory.events import Event


class ConversationContext(msgspec.Struct, frozen=True, kw_only=True):
    """A conversation's state as every participant may see it."""

    id: str
    conversation_type: str
    chat_status: str
    flow_state: str | None
    awaiting_role: str | None
    automation_enabled: bool


class ConversationCreated(Event, frozen=True, kw_only=True, tag="created"):
    """A conversation was created; `participants` maps user ids to roles. Not part of the log (seq 0)."""

    participants: dict[str, str]
