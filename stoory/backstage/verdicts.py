"""Why a message did or did not reach somebody, in a sentence: from what the database and the servers know."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

FOR_LISTS = {"conversation_list_updated", "conversation_updated", "notification"}
"""Events that say that there is a message, and don't show it: the list of conversations hears them without joining."""

ENDINGS = {
    "slow_consumer": "it did not read what it was sent",
    "ping timeout": "its device did not answer any more",
    "transport close": "its connection was lost",
    "transport error": "its connection was lost",
    "client disconnect": "it left",
    "server disconnect": "we closed it: by staff, for its token, or because the server stopped",
}
"""Why a socket has gone, in words."""


class Told(NamedTuple):
    """The message as it matters here."""

    seq: int
    sender_id: str
    visible_to: str | None
    sent_at: datetime


class Reader(NamedTuple):
    """One participant, as the database has them; `read_at` is the moment of a receipt."""

    user_id: str
    name: str
    role: str
    joined_seq: int
    last_read_seq: int
    read_at: datetime | None
    last_seen: datetime | None


class Known(NamedTuple):
    """What the servers remember: who was written to, who is connected, whose sockets have gone."""

    records: Sequence[dict[str, Any]]
    sockets: Sequence[dict[str, Any]]
    ends: Sequence[dict[str, Any]]
    since: float | None = None
    """Since when all of them remember every message that passed by."""

    @classmethod
    def of(cls, answers: Iterable[dict[str, Any]]) -> "Known":
        """Return what all servers that answered know together."""
        found = list(answers)
        moments = [answer["reaches_back_to"] for answer in found]
        remembers = bool(moments) and None not in moments
        return cls(
            [answer["record"] for answer in found if answer["record"] is not None],
            [socket for answer in found for socket in answer["sockets"]],
            [end for answer in found for end in answer["ends"]],
            max(moments) if remembers else None,
        )

    def reach(self, told: Told) -> bool:
        """Return whether the servers would remember the message, had it passed by."""
        return bool(self.records) or (self.since is not None and self.since <= told.sent_at.timestamp())


def verdict(reader: Reader, told: Told, known: Known) -> str:
    """Return what became of the message for one participant."""
    if told.visible_to not in (None, reader.role):
        return f"is not told: the message is for the {told.visible_to} only."
    if reader.joined_seq >= told.seq:
        return f"joined after it, at #{reader.joined_seq}, and finds it in the history alone."
    if reader.user_id == told.sender_id and not _written(reader, known):
        return "wrote it."
    said = [_read(reader, told), _delivered(reader, told, known)]
    return " ".join(part for part in said if part)


def _read(reader: Reader, told: Told) -> str:
    if reader.user_id == told.sender_id:
        return "wrote it."
    if reader.read_at is not None:
        return f"read it at {moment(reader.read_at)}."
    if reader.last_read_seq >= told.seq:
        return f"has read up to #{reader.last_read_seq}, this one included."
    return ""


def _delivered(reader: Reader, told: Told, known: Known) -> str:
    written = sorted(_written(reader, known))
    if not written:
        return _why_not(reader, told, known)
    at = min(record["delivered_at"] for record in known.records if record["delivered_at"] is not None)
    sockets = len({socket for socket, _ in written})
    names = ", ".join(dict.fromkeys(name for _, name in written))
    slow = [end for end in _ends(reader, known) if end["at"] >= at and end["reason"] == "slow_consumer"]
    lost = f" One of them did not read and was closed at {moment(slow[0]['at'])}." if slow else ""
    unseen = "" if {name for _, name in written} - FOR_LISTS else f" {_unjoined(reader, known)}"
    return f"Delivered to {_count(sockets)} at {moment(at)} as {names}.{unseen}{lost}"


def _unjoined(reader: Reader, known: Known) -> str:
    said = (
        "That is for the list of conversations: no socket of theirs had joined this one, so none was shown the message."
    )
    joined = any(socket["joined"] for socket in known.sockets if socket["user_id"] == reader.user_id)
    return f"{said} One has joined since, and finds it in the history." if joined else said


def _written(reader: Reader, known: Known) -> set[tuple[str, str]]:
    """Return the sockets of a reader that the message was written to, each with the event that it was told as."""
    emits = [emit for record in known.records for emit in record["emits"]]
    return {(socket, emit["event"]) for emit in emits for user, socket in emit["sockets"] if user == reader.user_id}


def _why_not(reader: Reader, told: Told, known: Known) -> str:
    sent_at = told.sent_at.timestamp()
    mine = [socket for socket in known.sockets if socket["user_id"] == reader.user_id]
    before = [socket for socket in mine if socket["since"] <= sent_at]
    over = [end for end in _ends(reader, known) if end["since"] <= sent_at <= end["at"]]
    if before:
        return f"Connected with {_count(len(before))} at the time, and told nothing there: {_deaf(before)}."
    if over:
        last = over[-1]
        return f"Connected until {moment(last['at'])}, when {_ending(last)}; the servers remember no delivery."
    if mine:
        since = min(socket["since"] for socket in mine)
        return f"No socket was connected; one is since {moment(since)}, and it is in the history that it reads."
    absent = _absent(reader, [end for end in _ends(reader, known) if end["at"] <= sent_at])
    return absent if known.reach(told) else f"{absent} The servers do not remember the message any more."


def _absent(reader: Reader, ends: Sequence[dict[str, Any]]) -> str:
    """Return since when nobody is there; servers know the last socket's end sooner than the database."""
    if ends:
        last = max(ends, key=lambda end: end["at"])
        return f"No socket connected since {moment(last['at'])}, when {_ending(last)}."
    if reader.last_seen is None:
        return "No socket has ever been connected."
    return f"No socket connected since {moment(reader.last_seen)}."


def _deaf(sockets: Sequence[dict[str, Any]]) -> str:
    if any(socket["muted"] for socket in sockets):
        return "muted, it has left the room of its user (leave_user_room)"
    if not any(socket["joined"] for socket in sockets):
        return "it has not joined the conversation, or listens to other families' events only"
    return "the servers do not remember the delivery"


def _ends(reader: Reader, known: Known) -> list[dict[str, Any]]:
    return [end for end in known.ends if end["user_id"] == reader.user_id]


def _ending(end: dict[str, Any]) -> str:
    return ENDINGS.get(end["reason"], str(end["reason"]))


def _count(sockets: int) -> str:
    return f"{sockets} socket{'' if sockets == 1 else 's'}"


def moment(at: datetime | float) -> str:
    """Return a moment as precisely as staff compares them."""
    when = at if isinstance(at, datetime) else datetime.fromtimestamp(at, UTC)
    return f"{when.astimezone(UTC):%Y-%m-%d %H:%M:%S}.{when.microsecond // 1000:03} UTC"
