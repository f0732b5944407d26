"""What someone can want of a flow."""

from typing import Any

import msgspec

from flows.models import FlowVersion
from stoory.commands import Command
from stoory.errors import InvalidPayload
from stoory.payloads import check_json, check_reason, check_text

MAX_KEY = 128
MAX_EVENT_ID = 120
MAX_DATA_BYTES = 16_384
MAX_REASON = 1_000
MAX_VERSION_NOTES = 5_000


class Stepped(msgspec.Struct, frozen=True, kw_only=True):
    """Where a step led. One that was `replayed` had been taken before, and is answered as it was then."""

    conversation_id: str
    reason: str
    replayed: bool = False
    flow_state: str
    awaiting_role: str | None
    chat_status: str
    state_seq: int


class PerformAction(Command[Stepped], frozen=True, kw_only=True):
    """Press a button; without `state_seq` it is taken for a current one.

    With a `client_nonce`, unique per actor and conversation for ever, a repeat is recognised.
    """

    conversation_id: str
    action: str
    data: Any = None
    state_seq: int | None = None
    client_nonce: str | None = None

    def __post_init__(self) -> None:
        check_text(self.action, "action", min_length=1, max_length=64)
        check_json(self.data, "data", max_bytes=MAX_DATA_BYTES)
        if self.client_nonce is not None:
            check_text(self.client_nonce, "client_nonce", min_length=1, max_length=MAX_KEY)


class ActForHouse(PerformAction, frozen=True, kw_only=True):
    """Press a button that the flow gives to staff, for a written reason."""

    reason: str

    def __post_init__(self) -> None:
        super().__post_init__()
        check_reason(self.reason, max_length=MAX_REASON)


class ForceState(Command[Stepped], frozen=True, kw_only=True):
    """Move a conversation to any state of its flow, for a written reason; staff only."""

    conversation_id: str
    state: str
    reason: str

    def __post_init__(self) -> None:
        check_text(self.state, "state", min_length=1, max_length=64)
        check_reason(self.reason, max_length=MAX_REASON)


class PauseFlow(Command[Stepped], frozen=True, kw_only=True):
    """Hold the buttons and timers of a conversation, for a written reason; staff only."""

    conversation_id: str
    reason: str

    def __post_init__(self) -> None:
        check_reason(self.reason, max_length=MAX_REASON)


class ResumeFlow(Command[Stepped], frozen=True, kw_only=True):
    """Let a paused conversation go on; its deadlines move by as long as it was paused. Staff only."""

    conversation_id: str
    reason: str

    def __post_init__(self) -> None:
        check_reason(self.reason, max_length=MAX_REASON)


class Delivery(msgspec.Struct, frozen=True, kw_only=True):
    """What a provider's event led to in one conversation: no step where it was not expected, which stays `where` it is.

    One that was `replayed` had been delivered before.
    """

    conversation_id: str
    step: Stepped | None
    where: Stepped
    replayed: bool = False


class ReceiveProviderEvent(Command[list[Delivery]], frozen=True, kw_only=True):
    """The world reports an event, of one conversation or of all in a campaign; `event_id` is the provider's own."""

    event_id: str
    event: str
    conversation_id: str | None = None
    campaign_id: str | None = None
    data: Any = None

    def __post_init__(self) -> None:
        check_text(self.event_id, "id", min_length=1, max_length=MAX_EVENT_ID)
        check_text(self.event, "event", min_length=1, max_length=64)
        check_text(self.campaign_id or "", "campaign_id", max_length=64)
        check_json(self.data, "data", max_bytes=MAX_DATA_BYTES)
        if (self.conversation_id is None) == (self.campaign_id is None):
            raise InvalidPayload("Expected a conversation or a campaign", path="conversation_id")


# Effects


class RetryEffect(Command[None], frozen=True, kw_only=True):
    """Have an effect that failed for good tried again, with the same key, for a written reason; staff only."""

    effect_id: int
    reason: str

    def __post_init__(self) -> None:
        check_reason(self.reason, max_length=MAX_REASON)


class DismissEffect(Command[None], frozen=True, kw_only=True):
    """Let an effect go that failed for good and was seen to by hand, for a written reason; staff only."""

    effect_id: int
    reason: str

    def __post_init__(self) -> None:
        check_reason(self.reason, max_length=MAX_REASON)


# Versions


class CreateDraft(Command[FlowVersion], frozen=True, kw_only=True):
    """Write a new version: `document` is a definition as JSON text, which has only to name its key and type yet.

    With a `key` it must be a version of that flow.
    """

    document: str
    notes: str = ""
    key: str | None = None

    def __post_init__(self) -> None:
        check_text(self.notes, "notes", max_length=MAX_VERSION_NOTES)


class CloneVersion(Command[FlowVersion], frozen=True, kw_only=True):
    """Make a draft of what a version says."""

    version_id: int


class SaveDraft(Command[FlowVersion], frozen=True, kw_only=True):
    """Rewrite a draft; refused as `stale_action` where `checksum` is given and somebody else has rewritten it since."""

    version_id: int
    document: str
    notes: str | None = None
    checksum: str | None = None

    def __post_init__(self) -> None:
        check_text(self.notes or "", "notes", max_length=MAX_VERSION_NOTES)


class PublishVersion(Command[FlowVersion], frozen=True, kw_only=True):
    """Let a draft that passes every check drive new conversations; the version that did so is retired."""

    version_id: int


class RetireVersion(Command[FlowVersion], frozen=True, kw_only=True):
    """Let a version drive no new conversations; those that it has keep it."""

    version_id: int


class Migration(msgspec.Struct, frozen=True, kw_only=True):
    """What a migration has done, or would do: how many conversations go from each state, where to, what forbids it.

    The time of `overdue` of them is up in the new version at once. `remaining` are still to be moved: they were beyond
    the limit, or somebody acted on them at that moment. The same migration again takes them.
    """

    moved: dict[str, int]
    mapping: dict[str, str]
    problems: list[str] = []
    overdue: int = 0
    remaining: int = 0
    is_dry_run: bool


class MigrateRuns(Command[Migration], frozen=True, kw_only=True):
    """Move the running conversations of a version to another one, state by state; states of one name need no mapping.

    A dry run changes nothing and tells what would happen. Refused while an occupied state is unmapped, would await
    another party or be an end. A real run has a written reason, and moves `limit` conversations at most.
    """

    version_id: int
    to_version_id: int
    mapping: dict[str, str] = {}
    dry_run: bool = True
    reason: str = ""
    limit: int | None = None

    def __post_init__(self) -> None:
        if not self.dry_run:
            check_reason(self.reason, max_length=MAX_REASON)
        if self.limit is not None and self.limit < 1:
            raise InvalidPayload("Expected at least 1", path="limit")
