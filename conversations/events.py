"""What happens to conversations themselves."""

from typing import Any

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


class MemberAdded(Event, frozen=True, kw_only=True, tag="member_added"):
    """Somebody became a participant."""

    user_id: str
    role: str
    acl_version: int = 0


class MemberRemoved(Event, frozen=True, kw_only=True, tag="member_removed"):
    """Somebody takes part no longer: nothing behind this place of the log is for them.

    `acl_version` is the conversation's from here on; whoever was found to take part under an older one does not.
    """

    user_id: str
    acl_version: int


class StateChanged(Event, frozen=True, kw_only=True, tag="state"):
    """The conversation went from one state to another; `conversation` is what it is in now.

    `cards` are the parties' own buttons, by role: no room that they share may carry them. A `renewal` keeps the state,
    and makes older buttons stale all the same.
    """

    conversation: ConversationContext
    state_seq: int = 0
    cards: dict[str, Any] = {}
    is_renewal: bool = False
    campaign_id: str | None
    previous_state: str | None
    new_state: str | None
    reason: str


class CampaignUpdated(Event, frozen=True, kw_only=True, tag="campaign"):
    """A campaign's owner published an update of `update_kind`. Not part of a log; `conversation_id` is empty."""

    campaign_id: str
    update_kind: str
    data: dict[str, object] | None = None
