"""A document becomes a `Definition`, or a list of everything in it that has the wrong shape."""

from collections.abc import Iterator
from types import UnionType
from typing import Annotated, Any, NamedTuple, Union, get_args, get_origin

import msgspec
from msgspec import NODEFAULT, Struct, ValidationError

from flows.schema import FORMAT, Definition
from stoory.payloads import JsonValue


class Fault(NamedTuple):
    """A part of a document that has the wrong shape."""

    path: str
    message: str


class Malformed(ValueError):
    """The document is not a definition."""

    def __init__(self, faults: list[Fault]) -> None:
        self.faults = faults
        super().__init__("; ".join(f"{fault.path}: {fault.message}" for fault in faults))


def decode(document: JsonValue) -> Definition:
    """Return the definition that a document holds; raises `Malformed` with all that is wrong with it."""
    try:
        return msgspec.convert(document, Definition)
    except ValidationError:
        raise Malformed(list(_faults(document, Definition, ""))) from None


def decode_json(text: str | bytes) -> Definition:
    """Return the definition that a JSON text holds; raises `Malformed`."""
    try:
        return decode(msgspec.json.decode(text))
    except msgspec.DecodeError as error:
        raise Malformed([Fault("$", f"This is not JSON: {error}")]) from None


def json_schema() -> dict[str, Any]:
    """Return the JSON Schema of the format."""
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": FORMAT}
    schema: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(msgspec.json.schema(Definition)))
    return head | schema


def _faults(value: JsonValue, kind: Any, path: str) -> Iterator[Fault]:
    """Return the faults of the innermost parts that have any."""
    try:
        msgspec.convert(value, kind)
    except ValidationError as error:
        inner = list(_inner_faults(value, kind, path))
        yield from inner or [Fault(path or "$", _sentence(error))]


def _inner_faults(value: JsonValue, kind: Any, path: str) -> Iterator[Fault]:
    kind = _chosen(value, kind)
    match value:
        case dict() if isinstance(kind, type) and issubclass(kind, Struct):
            yield from _struct_faults(value, kind, path)
        case dict() if get_origin(kind) is dict:
            key_type, item_type = get_args(kind)
            for key, item in value.items():
                yield from _faults(key, key_type, f"{path}.{key}")
                yield from _faults(item, item_type, _joined(path, str(key)))
        case list() if get_origin(kind) is tuple:
            for index, item in enumerate(value):
                yield from _faults(item, get_args(kind)[0], f"{path}[{index}]")


def _struct_faults(value: dict[str, JsonValue], kind: type[Struct], path: str) -> Iterator[Fault]:
    fields = {field.name: field for field in msgspec.structs.fields(kind)}
    known = {*fields, kind.__struct_config__.tag_field}
    yield from (Fault(_joined(path, str(key)), "Unknown field") for key in value if key not in known)
    for name, field in fields.items():
        if name in value:
            yield from _faults(value[name], field.type, _joined(path, name))
        elif field.default is NODEFAULT and field.default_factory is NODEFAULT:
            yield Fault(_joined(path, name), "This field is required")


def _chosen(value: JsonValue, kind: Any) -> Any:
    """Return the alternative of a union that `value` was meant to be."""
    if get_origin(kind) is Annotated:
        kind = get_args(kind)[0]
    for alternative in get_args(kind) if get_origin(kind) in (Union, UnionType) else ():
        match value:
            case dict() if isinstance(alternative, type) and issubclass(alternative, Struct):
                if alternative.__struct_config__.tag in (None, value.get("type")):
                    return alternative
            case dict() if get_origin(alternative) is dict:
                return alternative
            case list() if get_origin(alternative) is tuple:
                return alternative
    return kind


def _joined(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


def _sentence(error: ValidationError) -> str:
    return str(error).partition(" - at ")[0]
