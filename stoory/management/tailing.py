"""The log as it grows: rows of all conversations, or of some, in the order in which they were committed."""

import itertools
from collections.abc import Iterable, Iterator
from operator import attrgetter
from typing import Any

import msgspec
from django.db.models import QuerySet

from conversations.models import ConversationEvent, Participant
from messaging.selectors import restored
from stoory.events import Event
from stoory.logs import escaped
from stoory.realtime.contracts import CONTRACTS
from stoory.realtime.contracts.base import Contract, Emit

PORTION = 500
WINDOW = 1_000
"""Rows below the last one that are looked at again: whoever took a lower number may commit later."""

SURROUNDINGS = ("conversation", "author", "cards", "conversation_id", "timestamp")
WIDTH = 160

FAMILIES = {contract.name: contract for contract in CONTRACTS}


class Tail:
    """What of the log concerns a user, a conversation, or anybody; each row is told once."""

    def __init__(self, *, user_id: str | None = None, conversation_id: str | None = None) -> None:
        self._user_id = user_id
        self._conversation_id = conversation_id
        self._last = 0
        self._told: set[int] = set()

    def begin(self, back: int) -> list[Event]:
        """Return the last `back` events; what comes later is told by `more`."""
        newest = list(self._rows().order_by("-pk")[: max(back, WINDOW)])
        self._told = {row.pk for row in newest}
        self._last = newest[0].pk if newest else 0
        return _events(reversed(newest[:back]))

    def more(self) -> list[Event]:
        """Return what has been committed since."""
        rows = self._rows().filter(pk__gt=self._last - WINDOW).exclude(pk__in=self._told).order_by("pk")
        new = list(rows[:PORTION])
        self._told.update(row.pk for row in new)
        self._last = max([self._last, *self._told])
        self._told = {key for key in self._told if key > self._last - WINDOW}
        return _events(new)

    def concerns(self, event: Event) -> bool:
        """Return whether an event that is not in the log belongs here."""
        if self._conversation_id is not None:
            return event.conversation_id == self._conversation_id
        if self._user_id is None or getattr(event, "user_id", None) == self._user_id:
            return True
        if not event.conversation_id:
            return False
        mine = Participant.objects.filter(user_id=self._user_id, conversation_id=event.conversation_id)
        return mine.exists()

    def _rows(self) -> QuerySet[ConversationEvent]:
        rows = ConversationEvent.objects.all()
        if self._conversation_id is not None:
            rows = rows.filter(conversation_id=self._conversation_id)
        if self._user_id is not None:
            rows = rows.filter(conversation__participants__user_id=self._user_id)
        return rows


def _events(rows: Iterable[ConversationEvent]) -> list[Event]:
    """Return the events of rows; those of one conversation that stand together are read together."""
    runs = itertools.groupby(rows, key=attrgetter("conversation_id"))
    return [event for _, run in runs for event in restored(list(run))]


def lines(event: Event, family: str | None, *, as_json: bool) -> Iterator[str]:
    """Return an event as it happened, or in the words in which a family's sockets hear it."""
    told = [_told(event)] if family is None else list(_heard(FAMILIES[family], event))
    for found in told:
        yield msgspec.json.encode(found, enc_hook=str).decode() if as_json else _written(found)


def _told(event: Event) -> dict[str, Any]:
    data: dict[str, Any] = msgspec.to_builtins(event)
    usual = ("at", "conversation_id", "seq", "kind")
    return {name: data.pop(name) for name in usual} | {"data": {k: v for k, v in data.items() if v is not None}}


def _heard(contract: Contract, event: Event) -> Iterator[dict[str, Any]]:
    for emit in contract.outbound(event):
        if isinstance(emit, Emit):
            usual = {"at": event.at, "conversation_id": event.conversation_id, "seq": event.seq}
            yield usual | {"kind": f"{emit.name} → {emit.to}", "data": emit.payload}


def _written(found: dict[str, Any]) -> str:
    at = str(msgspec.to_builtins(found["at"]))[:23]
    place = found["conversation_id"] + (f" #{found['seq']}" if found["seq"] else "")
    words = escaped(msgspec.json.encode(_brief(found["data"]), enc_hook=str).decode())
    return f"{at} {place or '-'} {found['kind']} {words if len(words) <= WIDTH else words[:WIDTH] + '…'}"


def _brief(data: dict[str, Any]) -> dict[str, Any]:
    """Return what a line has room for: of a message who said what, and nothing of what surrounds it."""
    message = data.get("message")
    if isinstance(message, dict):
        return {name: message[name] for name in ("sender_id", "text", "message") if name in message}
    return {name: value for name, value in data.items() if name not in SURROUNDINGS}
