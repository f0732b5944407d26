"""As much of JSON Schema as the schema of the format uses; an unknown keyword is an error."""

import re
from collections.abc import Iterator
from typing import Any

TYPES: dict[str, tuple[type, ...]] = {
    "object": (dict,),
    "array": (list,),
    "string": (str,),
    "integer": (int,),
    "boolean": (bool,),
    "null": (type(None),),
}
ANNOTATIONS = {"$schema", "$defs", "title", "description", "default", "discriminator"}


def violations(value: Any, schema: dict[str, Any]) -> list[str]:
    """What in `value` the schema forbids."""
    return list(_violations(value, schema, schema["$defs"], "$"))


def _violations(value: Any, schema: dict[str, Any], defs: dict[str, Any], path: str) -> Iterator[str]:
    for keyword, rule in schema.items():
        if keyword == "$ref":
            yield from _violations(value, defs[rule.removeprefix("#/$defs/")], defs, path)
        elif keyword == "anyOf":
            if all(list(_violations(value, option, defs, path)) for option in rule):
                yield f"{path}: no alternative fits"
        elif keyword not in ANNOTATIONS:
            yield from RULES[keyword](value, rule, schema, defs, path)


def _type(value: Any, rule: str, schema: Any, defs: Any, path: str) -> Iterator[str]:
    if not isinstance(value, TYPES[rule]) or (rule == "integer" and isinstance(value, bool)):
        yield f"{path}: not {rule}"


def _enum(value: Any, rule: list[Any], schema: Any, defs: Any, path: str) -> Iterator[str]:
    if value not in rule:
        yield f"{path}: not one of {rule}"


def _const(value: Any, rule: Any, schema: Any, defs: Any, path: str) -> Iterator[str]:
    if value != rule:
        yield f"{path}: not {rule}"


def _pattern(value: Any, rule: str, schema: Any, defs: Any, path: str) -> Iterator[str]:
    if isinstance(value, str) and not re.search(rule, value):
        yield f"{path}: not like {rule}"


def _size(value: Any, rule: int, least: bool, path: str) -> Iterator[str]:
    if isinstance(value, str | list | dict) and (len(value) < rule if least else len(value) > rule):
        yield f"{path}: size {len(value)}"


def _least(value: Any, rule: int, schema: Any, defs: Any, path: str) -> Iterator[str]:
    yield from _size(value, rule, True, path)


def _most(value: Any, rule: int, schema: Any, defs: Any, path: str) -> Iterator[str]:
    yield from _size(value, rule, False, path)


def _minimum(value: Any, rule: int, schema: Any, defs: Any, path: str) -> Iterator[str]:
    if isinstance(value, int) and value < rule:
        yield f"{path}: less than {rule}"


def _maximum(value: Any, rule: int, schema: Any, defs: Any, path: str) -> Iterator[str]:
    if isinstance(value, int) and value > rule:
        yield f"{path}: more than {rule}"


def _required(value: Any, rule: list[str], schema: Any, defs: Any, path: str) -> Iterator[str]:
    if isinstance(value, dict):
        yield from (f"{path}.{name}: missing" for name in rule if name not in value)


def _properties(value: Any, rule: dict[str, Any], schema: Any, defs: Any, path: str) -> Iterator[str]:
    for name in rule.keys() & value.keys() if isinstance(value, dict) else ():
        yield from _violations(value[name], rule[name], defs, f"{path}.{name}")


def _additional(value: Any, rule: Any, schema: Any, defs: Any, path: str) -> Iterator[str]:
    for name in value.keys() - schema.get("properties", {}).keys() if isinstance(value, dict) else ():
        if rule is False:
            yield f"{path}.{name}: not allowed"
        else:
            yield from _violations(value[name], rule, defs, f"{path}.{name}")


def _names(value: Any, rule: dict[str, Any], schema: Any, defs: Any, path: str) -> Iterator[str]:
    for name in value if isinstance(value, dict) else ():
        yield from _violations(name, rule, defs, f"{path}.{name}")


def _items(value: Any, rule: dict[str, Any], schema: Any, defs: Any, path: str) -> Iterator[str]:
    for index, item in enumerate(value if isinstance(value, list) else ()):
        yield from _violations(item, rule, defs, f"{path}[{index}]")


RULES: dict[str, Any] = {
    "type": _type,
    "enum": _enum,
    "const": _const,
    "pattern": _pattern,
    "minLength": _least,
    "maxLength": _most,
    "minItems": _least,
    "maxItems": _most,
    "minProperties": _least,
    "maxProperties": _most,
    "minimum": _minimum,
    "maximum": _maximum,
    "required": _required,
    "properties": _properties,
    "additionalProperties": _additional,
    "propertyNames": _names,
    "items": _items,
}
