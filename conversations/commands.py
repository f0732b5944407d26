"""What someone can want of conversations."""

from typing import Any

import msgspec

from conversations.events import CampaignUpdated
from conversations.models import Conversation
from stoory.commands import Command
from stoory.errors import InvalidPayload
from stoory.payloads import MAX_REASON, check_json, check_reason, check_text

MAX_PARTICIPANTS = 1_000  # that a conversation may be opened with; a public channel grows beyond


class Created(msgspec.Struct, frozen=True, kw_only=True):
    """The conversation, new or found."""

    conversation: Conversation
    is_existing: bool


class JoinChannel(Command[None], frozen=True, kw_only=True):
    """Become a member of a public channel; whoever takes part already stays as they are."""

    conversation_id: str


class AddMember(Command[bool], frozen=True, kw_only=True):
    """Make `user_id` a member of a channel; its owner or staff. Results in whether they were none."""

    conversation_id: str
    user_id: str

    def __post_init__(self) -> None:
        check_text(self.user_id, "user_id", min_length=1, max_length=64)


class RemoveMember(Command[bool], frozen=True, kw_only=True):
    """Take `user_id` out of a channel: oneself, or as its owner or staff anybody. Results in whether they were in.

    `note` is why: the log keeps it, and nobody is told.
    """

    conversation_id: str
    user_id: str
    note: str = ""

    def __post_init__(self) -> None:
        check_text(self.user_id, "user_id", min_length=1, max_length=64)
        check_text(self.note, "note", max_length=MAX_REASON)


class SetChatStatus(Command[None], frozen=True, kw_only=True):
    """Close a conversation or open it again, for a written reason; staff only."""

    conversation_id: str
    chat_status: str
    reason: str

    def __post_init__(self) -> None:
        check_reason(self.reason)


class PublishCampaignUpdate(Command[CampaignUpdated], frozen=True, kw_only=True):
    """Tell everyone who follows a campaign's work that something happened; its owner or staff."""

    campaign_id: str
    kind: str
    data: dict[str, Any] | None = None

    def __post_init__(self) -> None:
        check_text(self.kind, "kind", min_length=1, max_length=64)
        check_json(self.data, "data", max_bytes=16_384)


class CreateConversation(Command[Created], frozen=True, kw_only=True):
    """Open a conversation with `participant_ids`, or find the one that exists.

    `source_id` names the bid or campaign; a campaign conversation's `campaign_id` is its source. `context` is kept for
    the flow. Raises `InvalidPayload` where a field can't be stored.
    """

    type: str
    participant_ids: list[str]
    source_id: str | None = None
    campaign_id: str | None = None
    title: str = ""
    is_public: bool = False
    context: dict[str, Any] = {}

    def __post_init__(self) -> None:
        check_text(self.title, "title", max_length=200)
        for path, value in (("source_id", self.source_id), ("campaign_id", self.campaign_id)):
            if value is not None:
                check_text(value, path, min_length=1, max_length=64)
        if len(self.participant_ids) > MAX_PARTICIPANTS:
            raise InvalidPayload(f"Expected at most {MAX_PARTICIPANTS:,} people", path="participant_ids")
        for user_id in self.participant_ids:
            check_text(user_id, "participant_ids", min_length=1, max_length=64)
        check_json(self.context, "context", max_bytes=16_384)
