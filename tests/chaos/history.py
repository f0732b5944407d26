"""What happened: what the clients tried and heard, and what the database holds. Plain data, judged by the checker."""

from typing import Literal

import msgspec

Outcome = Literal["ok", "fail", "indeterminate"]
Way = Literal["live", "join", "sync"]


class Operation(msgspec.Struct, kw_only=True):
    """A send with all its repeats. `fail`: each attempt was refused. `indeterminate`: nobody knows."""

    user: str
    conversation: str
    nonce: str
    started: float
    ended: float | None = None
    outcome: Outcome = "indeterminate"
    attempts: int = 0
    message_id: str | None = None
    seq: int | None = None
    code: str | None = None


class Heard(msgspec.Struct, frozen=True, kw_only=True):
    """A numbered event at one client: live, replayed when it joined, or read when it asked."""

    user: str
    connection: int
    conversation: str
    seq: int
    name: str
    at: float
    message_id: str | None = None
    way: Way = "live"


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """A stored message."""

    id: str
    conversation: str
    seq: int
    sender: str
    nonce: str | None
    at: float


class Stay(msgspec.Struct, frozen=True, kw_only=True):
    """That a user took part in a conversation: from behind `after` up to `until`, or to this day."""

    user: str
    conversation: str
    after: int = 0
    until: int | None = None

    def covers(self, seq: int) -> bool:
        """Return whether the user is to hear the event."""
        return self.after < seq and (self.until is None or seq <= self.until)


class Stored(msgspec.Struct, frozen=True, kw_only=True):
    """What the database holds of a scenario's conversations: its messages, and the numbers in each log in order."""

    messages: list[Row]
    logs: dict[str, list[int]]


class History(msgspec.Struct, kw_only=True):
    """What the clients of a scenario did and heard."""

    stays: list[Stay]
    operations: list[Operation] = []
    heard: list[Heard] = []
