"""What someone can want of accounts."""

from stoory.commands import Command
from stoory.payloads import check_reason, check_text


class RevokeTokens(Command[None], frozen=True, kw_only=True):
    """Log `user_id` out everywhere: no token that they have counts any more. Oneself, or as staff anybody."""

    user_id: str

    def __post_init__(self) -> None:
        check_text(self.user_id, "user_id", min_length=1, max_length=64)


class LogOutUser(Command[None], frozen=True, kw_only=True):
    """Void all tokens of a user and close their sockets, for a written reason: they have to log in again."""

    user_id: str
    reason: str

    def __post_init__(self) -> None:
        check_text(self.user_id, "user_id", min_length=1, max_length=64)
        check_reason(self.reason)
