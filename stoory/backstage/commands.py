"""What staff can want of the running servers."""

from stoory.commands import Command
from stoory.errors import InvalidPayload
from stoory.payloads import check_text

MAX_REASON = 500


class LogOutUser(Command[None], frozen=True, kw_only=True):
    """Void all tokens of a user and close their sockets, for a written reason: they have to log in again."""

    user_id: str
    reason: str

    def __post_init__(self) -> None:
        check_reason(self.reason)


class DisconnectUser(Command[int], frozen=True, kw_only=True):
    """Close a user's sockets on every server, or the one with a handle; for a written reason. Results in how many.

    They may come again: who must not is deactivated, or has their tokens revoked.
    """

    user_id: str
    handle: str | None = None
    reason: str

    def __post_init__(self) -> None:
        check_reason(self.reason)


def check_reason(text: str) -> None:
    """Raise `InvalidPayload` unless staff wrote why."""
    check_text(text, "reason", max_length=MAX_REASON)
    if not text.strip():
        raise InvalidPayload("Say why", path="reason")
