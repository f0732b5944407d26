"""The registry as TypeScript: a type for every payload and acknowledgement, and which event has which."""

from collections.abc import Iterator

import msgspec

from stoory.documents.schemas import Schema, name_of
from stoory.realtime.registry import FAMILIES, Registry, registry

HEAD = """// Made by `manage.py export_schema typescript`: every event of every family. Not to be changed by hand.
"""


def typescript() -> str:
    """Return the types, as a module."""
    return "\n".join([HEAD, *_parts(registry())])


def _parts(known: Registry) -> Iterator[str]:
    for name, schema in sorted(known.components.items()):
        yield _interface(name, schema)
    for event in known.emitted:
        yield _interface(event.type_name, event.payload)
    yield _codes(known)
    for family in FAMILIES:
        yield _emits(family.name, known)
        yield _hears(family.name, known)
    yield _families()
    logged = [event.name for event in known.heard if event.family == "chat" and event.hears.is_logged]
    yield "/** The events of chat that have a place in a conversation's log. */"
    yield f"export const LOGGED = {_json(logged)} as const;\n"


def _interface(name: str, schema: Schema) -> str:
    doc = f"/** {schema['description']} */\n" if "description" in schema else ""
    if "properties" not in schema:
        return f"{doc}export type {name} = {_type(schema)};\n"
    return f"{doc}export interface {name} {{\n{_keys(schema)}}}\n"


def _keys(schema: Schema) -> str:
    lines = []
    for name, inner in schema["properties"].items():
        about = inner.get("description") or next((part["description"] for part in _described(inner)), None)
        lines += [f"  /** {about} */"] if about else []
        lines.append(f"  {name}{'' if name in schema.get('required', ()) else '?'}: {_type(inner)};")
    return "".join(f"{line}\n" for line in lines)


def _described(schema: Schema) -> Iterator[Schema]:
    return (part for part in schema.get("anyOf", ()) if "description" in part)


def _type(schema: Schema) -> str:
    """Return a schema as a type."""
    if "$ref" in schema:
        return name_of(schema)
    if "enum" in schema:
        return " | ".join(_json(value) for value in schema["enum"])
    if "anyOf" in schema:
        return " | ".join(_type(part) for part in schema["anyOf"])
    match schema.get("type"):
        case "array":
            return f"Array<{_type(schema.get('items', {}))}>"
        case "object":
            values = schema.get("additionalProperties")
            return f"Record<string, {_type(values) if isinstance(values, dict) else 'unknown'}>"
        case "integer" | "number":
            return "number"
        case "string" | "boolean" | "null" as simple:
            return str(simple)
    return "unknown"


def _codes(known: Registry) -> str:
    codes = dict.fromkeys(code for event in known.emitted for code in event.errors)
    lines = "".join(f"\n  | {_json(code)}" for code in [*codes, "unknown_event"])
    return f"/** By what events are refused. */\nexport type ErrorCode ={lines};\n"


def _emits(family: str, known: Registry) -> str:
    events = [event for event in known.emitted if event.family == family]
    lines = [
        f"  /** {event.says.summary} */\n"
        f"  {_json(event.name)}: {{ payload: {event.type_name}; ack: {_type(event.ack)} }};\n"
        for event in events
    ]
    return f"export interface {family.title()}Emits {{\n{''.join(lines)}}}\n"


def _hears(family: str, known: Registry) -> str:
    events = [event for event in known.heard if event.family == family]
    lines = [f"  /** {event.hears.summary} */\n  {_json(event.name)}: {_type(event.payload)};\n" for event in events]
    return f"export interface {family.title()}Hears {{\n{''.join(lines)}}}\n"


def _families() -> str:
    names = [family.name for family in FAMILIES]
    lines = "".join(f"  {name}: {{ emits: {name.title()}Emits; hears: {name.title()}Hears }};\n" for name in names)
    return f"export interface Families {{\n{lines}}}\n"


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()
