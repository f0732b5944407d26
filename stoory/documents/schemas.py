"""JSON Schema of our types, with examples made of those of their fields: what every document of an interface is of."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import msgspec
from msgspec import inspect

Schema = dict[str, Any]
Components = dict[str, Schema]

REFERENCE = "#/components/schemas/{name}"
_PREFIX = REFERENCE.format(name="")


def schemas_of(types: Sequence[Any]) -> tuple[list[Schema], Components]:
    """Return a schema for each type, and the components by name that they refer to. Properties are in our order."""
    schemas, components = msgspec.json.schema_components(types, ref_template=REFERENCE)
    orders = dict(_orders(inspect.multi_type_info(types)))
    for component in components.values():
        order = orders.get(component.get("title", ""), [])
        if order:
            component["properties"] = {name: component["properties"][name] for name in order}
            component["required"] = [name for name in order if name in component.get("required", [])]
    return list(schemas), components


def resolved(schema: Schema, components: Mapping[str, Schema]) -> Schema:
    """Return what `schema` refers to, or itself."""
    return components[name_of(schema)] if "$ref" in schema else schema


def name_of(reference: Schema) -> str:
    """Return the name of the component that a reference means."""
    return str(reference["$ref"]).removeprefix(_PREFIX)


def example_of(schema: Schema, components: Mapping[str, Schema]) -> Any:
    """Return an example: the schema's own, or one made of its parts; of what may be left out only what has its own."""
    schema = resolved(schema, components)
    for key in ("examples", "enum"):
        if key in schema:
            return schema[key][0]
    if "anyOf" in schema:
        return example_of(schema["anyOf"][0], components)
    return _made_up(schema, components)


def _made_up(schema: Schema, components: Mapping[str, Schema]) -> Any:
    match schema.get("type"):
        case "object":
            shown = {
                name: inner
                for name, inner in schema.get("properties", {}).items()
                if name in schema.get("required", ()) or _has_example(inner)
            }
            return {name: example_of(inner, components) for name, inner in shown.items()}
        case "array":
            return [example_of(schema["items"], components)] if schema.get("items") else []
        case "string":
            return "text"
        case "integer" | "number":
            return 1
        case "boolean":
            return False
    return None


def _has_example(schema: Schema) -> bool:
    return "examples" in schema or any("examples" in inner for inner in schema.get("anyOf", ()))


def _orders(infos: Iterable[inspect.Type]) -> Iterator[tuple[str, list[str]]]:
    """Return the order in which each typed dictionary below names its keys; msgspec sorts them."""
    waiting, seen = list(infos), set()
    while waiting:
        info = waiting.pop()
        if isinstance(info, inspect.TypedDictType):
            if info.cls in seen:
                continue
            seen.add(info.cls)
            yield info.cls.__name__, list(info.cls.__annotations__)
        waiting += _parts(info)


def _parts(info: inspect.Type) -> Iterator[inspect.Type]:
    match info:
        case inspect.Metadata():
            yield info.type
        case inspect.UnionType():
            yield from info.types
        case inspect.ListType():
            yield info.item_type
        case inspect.TypedDictType() | inspect.StructType():
            yield from (field.type for field in info.fields)
