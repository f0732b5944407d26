"""What a reference like `ctx.price` names, in guards, texts and effects alike."""

from collections.abc import Mapping
from typing import NamedTuple

from stoory.payloads import JsonValue

Scope = Mapping[str, Mapping[str, JsonValue]]

FIELDS_OF: dict[str, frozenset[str]] = {
    "influencer": frozenset({"name"}),
    "brand_owner": frozenset({"name"}),
    "conversation": frozenset({"title"}),
    "actor": frozenset({"role", "name"}),
}
"""Scopes whose fields don't depend on the definition."""


class Target(NamedTuple):
    """The two halves of a reference."""

    scope: str
    name: str


def split(reference: str) -> Target:
    """Return the scope and the name of a reference."""
    scope, _, name = reference.partition(".")
    return Target(scope, name)


def look_up(reference: str, scope: Scope) -> JsonValue:
    """Return what a reference names, or None where it is unset."""
    target = split(reference)
    return scope.get(target.scope, {}).get(target.name)
