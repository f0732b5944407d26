"""A conversation's log as staff read it: a portion at a time, found by its place, never by counting.

What an entry says is known to the application that wrote it: each puts into `describers` how its kinds are told.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from conversations.models import Conversation, ConversationEvent, Participant
from stoory.accounts.models import User

PORTION = 50
PEOPLE_SHOWN = 50


class Line(NamedTuple):
    """What an entry says. `quote` is what somebody wrote, `links` are pages by what they are called."""

    text: str
    quote: str = ""
    note: str = ""
    links: tuple[tuple[str, str], ...] = ()


class Entry(NamedTuple):
    """An entry of the log with who did it and what it says."""

    seq: int
    kind: str
    at: datetime
    who: str
    visible_to: str | None
    line: Line


class Portion(NamedTuple):
    """Entries, newest first, and the number before which older ones are found."""

    entries: list[Entry]
    older: int | None


Describe = Callable[[Sequence[ConversationEvent]], dict[int, Line]]

describers: dict[str, Describe] = {}
"""How entries of a kind are told: from rows of one conversation to lines, by number."""


def newest(conversation_id: UUID, before: int | None = None) -> Portion:
    """Return the newest entries, or the newest below a number."""
    rows = _log(conversation_id)
    if before is not None:
        rows = rows.filter(seq__lt=before)
    found = list(rows.order_by("-seq")[: PORTION + 1])
    shown = found[:PORTION]
    return Portion(_entries(shown), shown[-1].seq if len(found) > PORTION else None)


def after(conversation_id: UUID, seq: int) -> list[Entry]:
    """Return the oldest entries above a number, newest first."""
    rows = _log(conversation_id).filter(seq__gt=seq).order_by("seq")[:PORTION]
    return _entries(list(rows)[::-1])


def people(conversation: Conversation) -> tuple[list[Participant], bool]:
    """Return the first participants, and whether there are more."""
    found = list(conversation.participants.select_related("user").order_by("pk")[: PEOPLE_SHOWN + 1])
    return found[:PEOPLE_SHOWN], len(found) > PEOPLE_SHOWN


def _log(conversation_id: UUID) -> Any:
    return ConversationEvent.objects.filter(conversation_id=conversation_id).select_related("actor")


def _entries(rows: Sequence[ConversationEvent]) -> list[Entry]:
    lines: dict[int, Line] = {}
    for kind in {row.kind for row in rows}:
        describe = describers.get(kind)
        lines |= describe([row for row in rows if row.kind == kind]) if describe else {}
    return [
        Entry(
            seq=row.seq,
            kind=row.kind,
            at=row.created_at,
            who=str(row.actor) if row.actor else "",
            visible_to=row.visible_to,
            line=lines.get(row.seq, Line(row.kind)),
        )
        for row in rows
    ]


def _members(rows: Sequence[ConversationEvent]) -> dict[int, Line]:
    names = _names(rows)
    return {row.seq: Line(f"{names[row.seq]} joined as {row.payload['role']}") for row in rows}


def _removals(rows: Sequence[ConversationEvent]) -> dict[int, Line]:
    names = _names(rows)
    return {row.seq: Line(f"{names[row.seq]} left", note=row.payload.get("note", "")) for row in rows}


def _names(rows: Sequence[ConversationEvent]) -> dict[int, str]:
    """Return whom entries about members name, by number."""
    users = User.objects.in_bulk({row.payload["user_id"] for row in rows})
    return {row.seq: str(users.get(row.payload["user_id"], row.payload["user_id"])) for row in rows}


def _states(rows: Sequence[ConversationEvent]) -> dict[int, Line]:
    return {row.seq: state_line(row.payload) for row in rows}


def state_line(payload: dict[str, Any], note: str = "") -> Line:
    """Return what a change of state says: where the flow went if it moved, and who drives the conversation now."""
    before, now = payload.get("previous_state"), payload.get("new_state")
    status = payload["conversation"]["chat_status"].replace("_", " ")
    moved = f"{before or 'the start'} → {now}; chat is {status}" if before != now else f"Chat is {status}"
    return Line(moved, note=" · ".join(part for part in (payload.get("reason", ""), note) if part))


describers |= {"member_added": _members, "member_removed": _removals, "state": _states}
