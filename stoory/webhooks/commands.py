"""What someone can want of webhooks."""

from stoory.commands import Command
from stoory.errors import InvalidPayload
from stoory.payloads import check_reason
from stoory.webhooks.destinations import destination
from stoory.webhooks.hooks import KINDS
from stoory.webhooks.models import WebhookEndpoint


def check_kinds(kinds: list[str]) -> None:
    """Raise `InvalidPayload` unless all of them are names of the log's events, each once."""
    unknown = [kind for kind in kinds if kind not in KINDS]
    if unknown or len(set(kinds)) < len(kinds):
        raise InvalidPayload(f"Expected any of {', '.join(sorted(KINDS))}, each once", path="kinds")


class CreateWebhook(Command[WebhookEndpoint], frozen=True, kw_only=True):
    """Have `url` told what the actor may see from now on: `kinds` of events, or all."""

    url: str
    kinds: list[str] = []

    def __post_init__(self) -> None:
        destination(self.url)
        check_kinds(self.kinds)


class ChangeWebhook(Command[WebhookEndpoint], frozen=True, kw_only=True):
    """Change what is given. One that is switched on, or was failing, is told at once what it missed."""

    webhook_id: str
    url: str | None = None
    kinds: list[str] | None = None
    is_active: bool | None = None

    def __post_init__(self) -> None:
        if self.url is not None:
            destination(self.url)
        if self.kinds is not None:
            check_kinds(self.kinds)


class DeleteWebhook(Command[None], frozen=True, kw_only=True):
    """Tell it nothing more, and forget it."""

    webhook_id: str


class PingWebhook(Command[None], frozen=True, kw_only=True):
    """Have a worker send it a `ping`, once, whether it is switched on or not."""

    webhook_id: str


class RotateSecret(Command[WebhookEndpoint], frozen=True, kw_only=True):
    """Give it a new secret; for a day the old one signs as well."""

    webhook_id: str


class ReplayWebhook(Command[None], frozen=True, kw_only=True):
    """Tell it once more what a conversation's log has after a place; not of before the actor joined."""

    webhook_id: str
    conversation_id: str
    after_seq: int

    def __post_init__(self) -> None:
        if self.after_seq < 0:
            raise InvalidPayload("Expected 0 or a place in the log", path="after_seq")


class HoldWebhook(Command[None], frozen=True, kw_only=True):
    """Switch somebody's webhook off or on, for a written reason; staff only."""

    webhook_id: str
    is_active: bool
    reason: str

    def __post_init__(self) -> None:
        check_reason(self.reason)
