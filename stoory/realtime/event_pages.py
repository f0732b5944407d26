"""What the page of events shows: every event of every family, by the registry, its schemas as rows of a table."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec

from stoory.documents.error_codes import MEANINGS
from stoory.documents.schemas import Components, Schema, name_of, resolved
from stoory.realtime.registry import FAMILIES, Emitted, Heard, registry

SEEDS = {"chat": "000, 001", "work": "001", "feed": "002", "messenger": "003", "workspace": "004"}
DEEPEST = 4
SNIPPETS = Path(__file__).parent / "snippets"
SNIPPETS_URL = "http://127.0.0.1:8000"


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """A key of a payload."""

    name: str
    depth: int
    type: str
    is_required: bool
    about: str


def families(url: str) -> list[dict[str, Any]]:
    """Return the families with their events, for the template; their programs call the server at `url`."""
    known = registry()
    return [
        {
            "name": family.name,
            "title": family.words.title,
            "about": family.words.about,
            "seeds": SEEDS[family.name],
            "emitted": [_emitted(each, known.components) for each in known.emitted if each.family == family.name],
            "heard": [_heard(each, known.components) for each in known.heard if each.family == family.name],
            "snippet": snippet(family.name, url),
        }
        for family in FAMILIES
    ]


def snippet(family: str, url: str) -> str:
    """Return a program of a family, whole, which calls the server at `url`."""
    return (SNIPPETS / f"{family}.mjs").read_text().replace(SNIPPETS_URL, url)


def codes() -> Mapping[str, str]:
    """Return what each error code means."""
    return MEANINGS


def anchor(family: str, event: str, direction: str) -> str:
    """Return the fragment by which an event is linked: `chat-send`, `hear-workspace-message-read`."""
    name = event.replace(":", "-").replace("_", "-")
    own = name if name.startswith(f"{family}-") else f"{family}-{name}"
    return own if direction == "emit" else f"hear-{own}"


def _emitted(event: Emitted, components: Components) -> dict[str, Any]:
    return {
        "name": event.name,
        "anchor": anchor(event.family, event.name, "emit"),
        "summary": event.says.summary,
        "rows": list(rows(event.payload, components)),
        "is_bare": "properties" not in event.payload,
        "example": shown(event.example),
        "call": f'const answer = await socket.emitWithAck("{event.name}", {shown(event.example)});',
        "ack": shown(event.ack_example),
        "ack_rows": list(rows(event.ack, components)),
        "answers": [(name, anchor(event.family, name, "hear")) for name in dict.fromkeys(event.says.answers)],
        "leads_to": [(name, anchor(event.family, name, "hear")) for name in event.says.leads_to],
        "own_errors": event.says.errors,
        "limit": event.limit,
    }


def _heard(event: Heard, components: Components) -> dict[str, Any]:
    return {
        "name": event.name,
        "anchor": anchor(event.family, event.name, "hear"),
        "summary": event.hears.summary,
        "to": event.hears.to,
        "is_logged": event.hears.is_logged and event.family == "chat",
        "rows": list(rows(event.payload, components)),
        "example": shown(event.example),
    }


def shown(value: Any) -> str:
    """Return a value as JSON to read."""
    return msgspec.json.format(msgspec.json.encode(value), indent=2).decode()


def rows(schema: Schema, components: Components, depth: int = 0) -> Iterator[Row]:
    """Return the keys of an object and of the objects in it, each below its own."""
    schema = resolved(schema, components)
    for name, inner in schema.get("properties", {}).items():
        yield Row(
            name=name,
            depth=depth,
            type=type_of(inner, components),
            is_required=name in schema.get("required", ()),
            about=_about(inner, components),
        )
        if depth < DEEPEST:
            yield from rows(_object_in(inner), components, depth + 1)


def type_of(schema: Schema, components: Components) -> str:
    """Return a type in a few words."""
    if "$ref" in schema:
        return name_of(schema)
    if "anyOf" in schema:
        return " or ".join(type_of(part, components) for part in schema["anyOf"])
    if "enum" in schema:
        return " or ".join(repr_of(value) for value in schema["enum"])
    if schema.get("type") == "array":
        return f"list of {type_of(schema.get('items', {}), components)}"
    return str(schema.get("type", "anything"))


def repr_of(value: Any) -> str:
    """Return a value as JavaScript writes it."""
    return msgspec.json.encode(value).decode()


def _object_in(schema: Schema) -> Schema:
    """Return the object that a key holds: itself, one of its alternatives, or one of a list."""
    if "anyOf" in schema:
        return next((part for part in map(_object_in, schema["anyOf"]) if part), {})
    if schema.get("type") == "array":
        return _object_in(schema.get("items", {}))
    return schema if "$ref" in schema or "properties" in schema else {}


def _about(schema: Schema, components: Components) -> str:
    if "description" in schema:
        return str(schema["description"])
    parts = [part.get("description", "") for part in schema.get("anyOf", ())]
    if any(parts):
        return str(next(part for part in parts if part))
    return str(resolved(schema, components).get("description", "")) if "$ref" in schema else ""
