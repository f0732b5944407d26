"""What is different in two documents, part by part: each with its path, which names parts of a list by their ids."""

from collections.abc import Iterator
from typing import Any, Literal

from msgspec import Struct

from stoory.payloads import JsonValue

SHOWN = 80


class Difference(Struct, frozen=True, kw_only=True):
    """A part that was added, removed or changed; `reordered` are lists of the same parts, by their ids."""

    path: str
    change: Literal["added", "removed", "changed", "reordered"]
    before: Any = None
    after: Any = None

    def __str__(self) -> str:
        match self.change:
            case "added":
                return f"+ {self.path}: {_shown(self.after)}"
            case "removed":
                return f"- {self.path}: {_shown(self.before)}"
        return f"~ {self.path}: {_shown(self.before)} → {_shown(self.after)}"


def differences(before: JsonValue, after: JsonValue) -> list[Difference]:
    """Return how to come from one document to another, in the order of the newer one, what is gone last."""
    return list(_differences(before, after, ""))


def _differences(before: JsonValue, after: JsonValue, path: str) -> Iterator[Difference]:
    if isinstance(before, dict) and isinstance(after, dict):
        yield from _of_parts(before, after, path, "{}.{}" if path else "{}{}")
    elif _is_list_of_parts(before) and _is_list_of_parts(after):
        old, new = _by_name(before), _by_name(after)
        yield from _of_parts(old, new, path, "{}[{}]")
        if [name for name in old if name in new] != [name for name in new if name in old]:
            yield Difference(path=path, change="reordered", before=list(old), after=list(new))
    elif before != after or type(before) is not type(after):
        yield Difference(path=path, change="changed", before=before, after=after)


def _of_parts(before: dict[str, JsonValue], after: dict[str, JsonValue], path: str, form: str) -> Iterator[Difference]:
    for name, value in after.items():
        here = form.format(path, name)
        if name in before:
            yield from _differences(before[name], value, here)
        else:
            yield Difference(path=here, change="added", after=value)
    for name, value in before.items():
        if name not in after:
            yield Difference(path=form.format(path, name), change="removed", before=value)


def _is_list_of_parts(value: JsonValue) -> bool:
    return isinstance(value, list) and all(isinstance(part, dict) for part in value)


def _by_name(parts: list[dict[str, JsonValue]]) -> dict[str, JsonValue]:
    """Return the parts of a list by their names, or by their places where these don't tell them apart."""
    names = [_name(part) for part in parts]
    is_named = None not in names and len(set(names)) == len(names)
    return {str(name if is_named else place): part for place, (name, part) in enumerate(zip(names, parts, strict=True))}


def _name(part: dict[str, JsonValue]) -> str | None:
    """Return by what a part of a list is known: actions, inputs and timers by `id`, events and options by the like."""
    return next((name for key in ("id", "event", "value") if isinstance(name := part.get(key), str)), None)


def _shown(value: JsonValue) -> str:
    """Return a value on one line: a part by what one calls it, a text in each of its languages."""
    match value:
        case {"title": name} | {"label": name} | {"event": name}:
            return _shown(name)
        case dict() if all(isinstance(part, str) for part in value.values()):
            text = ", ".join(f"{name}: {part}" for name, part in value.items())
        case dict():
            text = ", ".join(value)
        case list():
            text = ", ".join(_shown(part) for part in value)
        case _:
            text = str(value)
    return text if len(text) <= SHOWN else f"{text[: SHOWN - 1]}…"
