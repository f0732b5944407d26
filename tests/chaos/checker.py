"""The judge of a history: pure functions from what clients saw and what is stored to what is wrong with it.

Each of them is told on bad histories of its own in `test_checker.py`.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator

import msgspec

from tests.chaos.history import Heard, History, Operation, Stored


class Violation(msgspec.Struct, frozen=True):
    """A promise that was broken, and by what."""

    promise: str
    detail: str

    def __str__(self) -> str:
        return f"{self.promise}: {self.detail}"


Judge = Callable[[History, Stored], Iterator[Violation]]


def check(history: History, stored: Stored) -> list[Violation]:
    """Return every broken promise."""
    return [violation for judge in JUDGES for violation in judge(history, stored)]


def lost(history: History, stored: Stored) -> Iterator[Violation]:
    """What was acknowledged is stored, as the acknowledgement said."""
    rows = {(row.sender, row.nonce): row for row in stored.messages}
    for operation in _with("ok", history):
        row = rows.get((operation.user, operation.nonce))
        if row is None:
            yield Violation("lost", f"{operation.nonce} was acknowledged and is not stored")
        elif (row.id, row.seq, row.conversation) != (operation.message_id, operation.seq, operation.conversation):
            yield Violation("lost", f"{operation.nonce} is stored as another message than was acknowledged")


def doubled(history: History, stored: Stored) -> Iterator[Violation]:
    """A nonce is one message, and a number is one message."""
    for key, count in Counter((row.sender, row.nonce) for row in stored.messages if row.nonce).items():
        if count > 1:
            yield Violation("doubled", f"{key[1]} is stored {count} times")
    for place, count in Counter((row.conversation, row.seq) for row in stored.messages).items():
        if count > 1:
            yield Violation("doubled", f"{count} messages are number {place[1]} of {place[0]}")


def phantom(history: History, stored: Stored) -> Iterator[Violation]:
    """What is stored was sent."""
    sent = {(operation.user, operation.nonce) for operation in history.operations}
    for row in stored.messages:
        if (row.sender, row.nonce) not in sent:
            yield Violation("phantom", f"{row.nonce} is stored and nobody sent it")


def failed_but_stored(history: History, stored: Stored) -> Iterator[Violation]:
    """What was refused is not stored."""
    rows = {(row.sender, row.nonce) for row in stored.messages}
    for operation in _with("fail", history):
        if (operation.user, operation.nonce) in rows:
            yield Violation("failed but stored", f"{operation.nonce} ({operation.code})")


def gaps(history: History, stored: Stored) -> Iterator[Violation]:
    """A log is numbered 1, 2, 3 …, and each message has its number there."""
    for conversation, seqs in stored.logs.items():
        if seqs != list(range(1, len(seqs) + 1)):
            yield Violation("gap", f"the log of {conversation} is not numbered from 1 without a hole")
    for row in stored.messages:
        if row.seq not in stored.logs.get(row.conversation, ()):
            yield Violation("gap", f"message {row.id} is not in the log")


def order(history: History, stored: Stored) -> Iterator[Violation]:
    """What a connection is told of a conversation rises by its number: replayed, then live; and what it asks for."""
    last: dict[tuple[str, int, str, bool], int] = {}
    for heard in history.heard:
        place = heard.user, heard.connection, heard.conversation, heard.way == "sync"
        before = last.get(place, 0)
        if heard.seq <= before:
            yield Violation("order", f"{_who(heard)} heard {heard.seq} after {before} of {heard.conversation}")
        last[place] = heard.seq


def convergence(history: History, stored: Stored) -> Iterator[Violation]:
    """Whoever takes part has heard the whole log in the end, and of each message the one that is stored."""
    ids = {(row.conversation, row.seq): row.id for row in stored.messages}
    heard_by = defaultdict(set)
    for heard in history.heard:
        heard_by[heard.user, heard.conversation].add(heard.seq)
        if heard.message_id is not None and ids.get((heard.conversation, heard.seq)) != heard.message_id:
            yield Violation("convergence", f"{_who(heard)} heard another message as {heard.seq} than is stored")
    for stay in history.stays:
        due = {seq for seq in stored.logs.get(stay.conversation, ()) if stay.covers(seq)}
        if missing := sorted(due - heard_by[stay.user, stay.conversation]):
            yield Violation("convergence", f"{stay.user} never heard {missing} of {stay.conversation}")


def leaks(history: History, stored: Stored) -> Iterator[Violation]:
    """Nobody hears what was not theirs to hear."""
    stays = defaultdict(list)
    for stay in history.stays:
        stays[stay.user, stay.conversation].append(stay)
    for heard in history.heard:
        if not any(stay.covers(heard.seq) for stay in stays[heard.user, heard.conversation]):
            yield Violation("leak", f"{_who(heard)} heard {heard.name} {heard.seq} of {heard.conversation}")


def unresolved(history: History, stored: Stored) -> Iterator[Violation]:
    """Who goes on asking gets an answer."""
    for operation in _with("indeterminate", history):
        yield Violation("unresolved", f"{operation.nonce} had no answer in {operation.attempts} attempts")


JUDGES: tuple[Judge, ...] = (
    lost,
    doubled,
    phantom,
    failed_but_stored,
    gaps,
    order,
    convergence,
    leaks,
    unresolved,
)


def delays(history: History, stored: Stored, *, since: float = 0, until: float = float("inf")) -> list[float]:
    """Return how long after its commit each live event reached each client, sorted, of what was stored in a time."""
    stored_at = {(row.conversation, row.seq): row.at for row in stored.messages if since <= row.at < until}
    heard = ((one, stored_at.get((one.conversation, one.seq))) for one in history.heard if one.way == "live")
    return sorted(one.at - at for one, at in heard if at is not None)


def answers(history: History, *, since: float = 0, until: float = float("inf")) -> list[float]:
    """Return how long each send that was stored waited for its answer, sorted, of what was begun in a time."""
    return sorted(
        operation.ended - operation.started
        for operation in _with("ok", history)
        if operation.ended is not None and since <= operation.started < until
    )


def percentile(values: list[float], share: float) -> float:
    """Return the value of sorted `values` that `share` of them do not exceed."""
    return values[min(len(values) - 1, int(len(values) * share))] if values else 0.0


def _with(outcome: str, history: History) -> Iterator[Operation]:
    return (operation for operation in history.operations if operation.outcome == outcome)


def _who(heard: Heard) -> str:
    return f"{heard.user} (connection {heard.connection})"
