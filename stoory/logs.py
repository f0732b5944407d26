"""One record, one line, of the product and of its libraries alike: to be read in a terminal, or as JSON.

What a client sends can't forge a line or move the cursor of a terminal. Beside its words a line has fields: those of
`extra` of the call, and those that the work around it was given by `bound`.
"""

import json
import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from functools import lru_cache
from hashlib import blake2b
from types import MappingProxyType
from typing import Any, Literal

import structlog
from structlog.stdlib import ExtraAdder, ProcessorFormatter
from structlog.typing import EventDict

FIRST = ("time", "level", "logger", "event")

_fields: ContextVar[Mapping[str, Any]] = ContextVar("fields", default=MappingProxyType({}))


def formatter(form: Literal["text", "json"]) -> logging.Formatter:
    """Return what writes records: as text, `time level logger message field=value…`, or as a JSON object each."""
    write = _as_json if form == "json" else _as_text
    return ProcessorFormatter(
        foreign_pre_chain=[_with_fields, ExtraAdder()],
        processors=[_with_origin, structlog.processors.format_exc_info, _stripped, write],
    )


@contextmanager
def bound(**fields: Any) -> Iterator[None]:
    """Give `fields` to every line that this thread, or task, writes within."""
    before = _fields.set({**_fields.get(), **fields})
    try:
        yield
    finally:
        _fields.reset(before)


def add(**fields: Any) -> None:
    """Give `fields` to the lines that follow, until the end of what `bound` has begun around them."""
    _fields.set({**_fields.get(), **fields})


@lru_cache(maxsize=1_000)
def alias(sid: str) -> str:
    """Return by what name a connection is written down: whoever knows its id could poll in its place."""
    return blake2b(sid.encode(), digest_size=6).hexdigest()


def escaped(text: str) -> str:
    """Return `text` with all that is not printable written as its code."""
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else char.encode("unicode_escape", "replace").decode() for char in text)


def _with_fields(logger: Any, method: str, event: EventDict) -> EventDict:
    event.update(_fields.get())
    return event


def _with_origin(logger: Any, method: str, event: EventDict) -> EventDict:
    record: logging.LogRecord = event["_record"]
    event["time"] = (
        datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    )
    event["level"] = record.levelname.lower()
    event["logger"] = record.name
    return event


def _stripped(logger: Any, method: str, event: EventDict) -> EventDict:
    """Leave out what is no field but the machinery's: of structlog, and objects that Django and asyncio pass along."""
    return {name: value for name, value in event.items() if name[0] != "_" and isinstance(value, str | int | float)}


def _as_json(logger: Any, method: str, event: EventDict) -> str:
    """Write the usual fields first; in pure ASCII, which no terminal takes for anything but text."""
    return json.dumps({name: event.pop(name) for name in FIRST} | dict(event))


def _as_text(logger: Any, method: str, event: EventDict) -> str:
    time, level, name, message = (str(event.pop(first)) for first in FIRST)
    trace = str(event.pop("exception", ""))
    fields = "".join(f" {key}={_shown(value)}" for key, value in event.items())
    return f"{time} {level.upper():7} {name} {escaped(message)}{fields}{_indented(trace)}"


def _shown(value: Any) -> str:
    text = escaped(str(value))
    return json.dumps(text, ensure_ascii=False) if " " in text or '"' in text or "=" in text or not text else text


def _indented(trace: str) -> str:
    """Return lines that can't be taken for records: further in, and without anything that moves a cursor."""
    return "".join(f"\n    {escaped(line)}" for line in trace.splitlines())
