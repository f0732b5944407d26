"""Values as a JSON schema describes them, of the kinds that payloads have; one that is not known is an error."""

from collections.abc import Callable, Mapping
from typing import Any

from hypothesis import strategies as st

Schema = Mapping[str, Any]
Values = st.SearchStrategy[Any]

MANY_CHARACTERS = "x" * 10_001  # one more than a message may have
texts = st.text(max_size=20) | st.sampled_from(["", " ", "\x00", "\u202e", "👍🏽", "%s%n", "../..", MANY_CHARACTERS])
integers = st.integers(-1, 3) | st.integers(-(2**70), 2**70)


class Generator:
    """Makes strategies of schemas. `named` overrides those of properties; `anything` is for what has no type."""

    def __init__(self, named: Mapping[str, Values], anything: Values) -> None:
        self._named = named
        self._anything = anything
        self._by_type: dict[str, Callable[[Schema], Values]] = {
            "object": self._object,
            "array": self._array,
            "string": lambda schema: texts,
            "integer": lambda schema: integers,
            "number": lambda schema: integers | st.floats(allow_nan=False, allow_infinity=False),
            "boolean": lambda schema: st.booleans(),
            "null": lambda schema: st.none(),
        }
        self._definitions: Mapping[str, Schema] = {}

    def document(self, schema: Schema) -> Values:
        """Return what a whole schema with its definitions describes."""
        self._definitions = schema.get("$defs", {})
        return self._values(schema)

    def _values(self, schema: Schema) -> Values:
        if "$ref" in schema:
            return self._values(self._definitions[schema["$ref"].removeprefix("#/$defs/")])
        if "anyOf" in schema:
            return st.one_of([self._values(choice) for choice in schema["anyOf"]])
        described = self._by_type[schema["type"]](schema) if "type" in schema else self._anything
        return described | st.sampled_from(schema["examples"]) if schema.get("examples") else described

    def _object(self, schema: Schema) -> Values:
        if "properties" not in schema:
            return st.dictionaries(st.text(max_size=5), self._anything, max_size=3)
        properties = {name: self._property(name, part) for name, part in schema["properties"].items()}
        needed = set(schema["required"])
        return st.fixed_dictionaries(
            {name: values for name, values in properties.items() if name in needed},
            optional={name: values for name, values in properties.items() if name not in needed},
        )

    def _array(self, schema: Schema) -> Values:
        return st.lists(self._values(schema["items"]), max_size=3)

    def _property(self, name: str, schema: Schema) -> Values:
        described = self._values(schema)
        return self._named[name] | described if name in self._named else described
