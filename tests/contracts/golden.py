"""The golden files: what each family's clients hear, written from the documents that those clients were built from.

One file an event and family; a list where the event has several faces. `to` is a room, a user or participants, or the
socket that asked; the acknowledgements of a family are in its `acks.json`.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from stoory.events import Event
from stoory.realtime import packets
from stoory.realtime.contracts import CONTRACTS
from stoory.realtime.contracts.base import Audience, Emit, PersonalEmit, ToParticipants, ToPeers, ToRoom, ToUser
from tests.contracts.samples import READERS

FOLDER = Path(__file__).parent / "golden"
FAMILIES = {contract.name: contract for contract in CONTRACTS}
ASKING = "the asking socket"
CALLBACK = "the callback of "
ACK = "ack"


Occasion = tuple[str, str, str, str, str | None]
"""Family, event, what is given, who hears it, who reads it."""


class Golden(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One thing that is said: given what, to whom, and where it is told to each reader, read by whom."""

    given: str
    to: str
    event: str
    payload: dict[str, Any]
    reader: str | None = None
    file: str = ""

    @property
    def family(self) -> str:
        return self.file.partition("/")[0]

    @property
    def occasion(self) -> Occasion:
        return self.family, self.event, self.given, self.to, self.reader

    @property
    def is_answer(self) -> bool:
        return self.to == ASKING or self.to.startswith(CALLBACK)


def _read() -> Iterator[Golden]:
    for path in sorted(FOLDER.glob("*/*.json")):
        entries = msgspec.json.decode(path.read_bytes(), type=Golden | list[Golden])
        for entry in [entries] if isinstance(entries, Golden) else entries:
            yield msgspec.structs.replace(entry, file=str(path.relative_to(FOLDER)))


GOLDEN = list(_read())


def occasions(*, answers: bool) -> list[Occasion]:
    """Return the occasions of the golden files, as parameters of a test."""
    return list(dict.fromkeys(golden.occasion for golden in GOLDEN if golden.is_answer == answers))


def payloads(occasion: Occasion) -> list[dict[str, Any]]:
    """Return what the golden files expect on an occasion, in order."""
    return [golden.payload for golden in GOLDEN if golden.occasion == occasion]


class Said(msgspec.Struct, frozen=True, kw_only=True):
    """What a family's clients hear, as it travels."""

    family: str
    to: str
    event: str
    payload: dict[str, Any]


def said(event: Event, reader: str | None = None) -> list[Said]:
    """Return what every family says of an event, in the order of delivery."""
    return [
        Said(family=family, to=audience(emit.to), event=emit.name, payload=as_json(payload))
        for contract in CONTRACTS
        for emit in contract.outbound(event)
        for family, payload in _faces(contract.name, emit, reader or "Bob")
    ]


def _faces(family: str, emit: Emit | PersonalEmit, reader: str) -> Iterator[tuple[str, Any]]:
    if isinstance(emit, Emit):
        yield family, emit.payload
    else:
        for each in emit.contracts:
            yield each, emit.payload(READERS[reader])


def as_json(value: Any) -> Any:
    """Return `value` as a client reads it."""
    return packets.decode_json(packets.encode_json(value))


def audience(to: Audience) -> str:
    """Return in words who hears an emit."""
    match to:
        case ToRoom():
            return to.room + _but(to.but_user)
        case ToUser():
            return f"user_{to.user_id}"
        case ToParticipants():
            role = f" who are {to.role}" if to.role else ""
            return f"participants of {to.conversation_id}{role}{_but(to.but_user)}"
        case ToPeers():
            return f"peers of user_{to.user_id} in {', '.join(to.conversation_ids)}"


def _but(user_id: str | None) -> str:
    return f" except user_{user_id}" if user_id else ""
