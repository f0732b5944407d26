"""What staff can want of the running servers."""

from stoory.commands import Command
from stoory.payloads import check_reason, check_text


class DisconnectUser(Command[int], frozen=True, kw_only=True):
    """Close a user's sockets on every server, or the one with a handle; for a written reason. Results in how many.

    They may come again: who must not is deactivated, or has their tokens revoked.
    """

    user_id: str
    handle: str | None = None
    reason: str

    def __post_init__(self) -> None:
        check_text(self.user_id, "user_id", min_length=1, max_length=64)
        check_reason(self.reason)
