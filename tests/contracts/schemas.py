"""The registry's schemas as judges: closed, so that a key that nothing is written about is a fault too."""

from collections.abc import Iterator
from typing import Any

from jsonschema import Draft202012Validator

from stoory.documents.schemas import Schema
from stoory.realtime.registry import registry

REGISTRY = registry()
EMITTED = {(event.family, event.name): event for event in REGISTRY.emitted}


def faults(schema: Schema, value: Any) -> list[str]:
    """Return what is wrong with `value`, and where."""
    judge = Draft202012Validator({**closed(schema), "components": {"schemas": COMPONENTS}})
    return [f"{error.json_path}: {error.message}" for error in judge.iter_errors(value)]


def closed(schema: Any) -> Any:
    """Return a schema whose objects, where their keys are told, have no others."""
    if isinstance(schema, dict):
        inner = {name: closed(part) for name, part in schema.items()}
        return inner | {"additionalProperties": False} if "properties" in schema and "type" in schema else inner
    return [closed(part) for part in schema] if isinstance(schema, list) else schema


COMPONENTS = closed(REGISTRY.components)
HEARD = {(event.family, event.name): event for event in REGISTRY.heard}


def references(value: Any) -> Iterator[str]:
    """Return what a document refers to."""
    if isinstance(value, dict):
        if isinstance(value.get("$ref"), str):
            yield value["$ref"]
        for part in value.values():
            yield from references(part)
    elif isinstance(value, list):
        for part in value:
            yield from references(part)
