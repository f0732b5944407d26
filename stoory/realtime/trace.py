"""What became of the newest messages on this server: when each came, was stored, published, and delivered to whom.

A ring in memory, for staff who ask why a message did not arrive. What it costs a message is one record; of a delivery
it keeps the first sockets and counts the others.
"""

import time
from collections import OrderedDict, deque
from collections.abc import Iterable, Sequence
from typing import Any

from messaging.commands import SendMessage
from messaging.events import MessageSent
from stoory.realtime.sessions import Session

NAMED_SOCKETS = 50  # of one emit
KEPT_ENDS = 1_000  # sockets that have gone, and sends that were refused


class Record:
    """One message's way through this server; moments are seconds since the epoch, None where it did not pass."""

    __slots__ = (
        "conversation_id",
        "delivered_at",
        "emits",
        "message_id",
        "nonce",
        "published_at",
        "received_at",
        "sender_id",
        "seq",
        "stored_at",
        "temp_id",
    )

    def __init__(self, message_id: str, conversation_id: str, seq: int, sender_id: str) -> None:
        self.message_id = message_id
        self.conversation_id = conversation_id
        self.seq = seq
        self.sender_id = sender_id
        self.temp_id: str | None = None
        self.nonce: str | None = None
        self.received_at: float | None = None
        self.stored_at: float | None = None
        self.published_at: float | None = None
        self.delivered_at: float | None = None
        self.emits: list[tuple[str, int, list[tuple[str, str]]]] = []

    def emitted(self, name: str, sessions: Sequence[Session]) -> None:
        """Note to which sockets an event was written."""
        named = [(session.user_id, session.sid) for session in sessions[:NAMED_SOCKETS]]
        self.emits.append((name, len(sessions), named))

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain data."""
        return {name: getattr(self, name) for name in self.__slots__}


class Trace:
    """The records of the newest `size` messages, the newest refusals, and the sockets that have gone."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._began_at = time.time()
        self._records: OrderedDict[str, Record] = OrderedDict()  # the oldest of a dict is not found at once
        self._refusals: deque[dict[str, Any]] = deque(maxlen=KEPT_ENDS)
        self._ends: deque[dict[str, Any]] = deque(maxlen=KEPT_ENDS)

    def stored(self, command: SendMessage, event: MessageSent, received_at: float) -> None:
        """Note a message that a socket of this server has sent."""
        record = self._record(event)
        if record is not None:
            record.received_at, record.stored_at = received_at, time.time()
            record.temp_id, record.nonce = command.temp_id, command.client_nonce

    def delivering(self, event: MessageSent) -> Record | None:
        """Return the record of a message that is delivered now, for what it is told as; None where none is kept."""
        record = self._record(event)
        if record is not None:
            record.delivered_at = time.time()
        return record

    def published(self, message_ids: Iterable[str]) -> None:
        """Note that messages were handed to the bus."""
        now = time.time()
        for message_id in message_ids:
            record = self._records.get(message_id)
            if record is not None:
                record.published_at = now

    def refused(self, user_id: str, keys: Iterable[str], name: str, code: str) -> None:
        """Note that what a client sent under these keys was refused."""
        known = [key for key in keys if key]
        if known and self._size:
            self._refusals.append({"at": time.time(), "user_id": user_id, "keys": known, "event": name, "code": code})

    def ended(self, session: Session, reason: str) -> None:
        """Note a socket that has gone."""
        if session.user_id and self._size:
            self._ends.append({"at": time.time(), "user_id": session.user_id, "since": session.since, "reason": reason})

    def found(self, key: str) -> Record | None:
        """Return the record of a message by its id, or by what its sender calls it."""
        record = self._records.get(key)
        if record is not None:
            return record
        return next((each for each in reversed(self._records.values()) if key in (each.temp_id, each.nonce)), None)

    def refusals(self, key: str) -> list[dict[str, Any]]:
        """Return the refusals of what was sent under a key."""
        return [refusal for refusal in self._refusals if key in refusal["keys"]]

    def ends(self, user_ids: Iterable[str]) -> list[dict[str, Any]]:
        """Return the sockets of users that have gone."""
        wanted = set(user_ids)
        return [end for end in self._ends if end["user_id"] in wanted]

    def reaches_back_to(self) -> float | None:
        """Return since when every message that passed here is remembered; None where none is."""
        if len(self._records) < self._size:
            return self._began_at
        oldest = next(iter(self._records.values()), None)
        return oldest.delivered_at or oldest.stored_at if oldest is not None else None

    def _record(self, event: MessageSent) -> Record | None:
        if not self._size:
            return None
        message = event.message
        record = self._records.get(message.id)
        if record is None:
            record = Record(message.id, event.conversation_id, event.seq, message.sender_id)
            self._records[message.id] = record
            if len(self._records) > self._size:
                self._records.popitem(last=False)
        return record
