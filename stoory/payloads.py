"""Checks of what a client sent, beyond its types: texts that every store and client can hold, JSON that is small."""

from typing import Any

import msgspec

from stoory.errors import InvalidPayload

JsonValue = Any  # what msgspec decodes JSON to: dict, list, str, int, float, bool, None

MAX_DEPTH = 16
# Beyond it JavaScript reads another integer than was written (RFC 7493, 2.2), and PostgreSQL turns 1e23 into one.
MAX_SAFE_INTEGER = 2**53 - 1


def check_text(value: str, path: str, *, max_length: int, min_length: int = 0) -> str:
    """Return `value`; raises `InvalidPayload` if its length is out of bounds or no database can store it."""
    if not min_length <= len(value) <= max_length:
        raise InvalidPayload(f"Expected {min_length} to {max_length:,} characters, got {len(value):,}", path=path)
    if "\x00" in value:
        raise InvalidPayload("NUL characters are not allowed", path=path)
    try:
        value.encode()
    except UnicodeEncodeError:
        raise InvalidPayload("Lone surrogates are not allowed", path=path) from None
    return value


def check_json(value: JsonValue, path: str, *, max_bytes: int) -> JsonValue:
    """Return `value`; raises `InvalidPayload` if it is too deep, too large, or holds what JSON can't carry safely."""
    _check_node(value, path, MAX_DEPTH)
    if len(msgspec.json.encode(value)) > max_bytes:
        raise InvalidPayload(f"Expected at most {max_bytes:,} bytes", path=path)
    return value


def _check_node(value: JsonValue, path: str, depth: int) -> None:
    if depth == 0:
        raise InvalidPayload(f"Nested deeper than {MAX_DEPTH} levels", path=path.partition(".")[0])
    match value:
        case str():
            check_text(value, path, max_length=1_000_000)
        case bool() | None:
            pass
        case int() | float() if not abs(value) <= MAX_SAFE_INTEGER:  # true of NaN too
            raise InvalidPayload("Number out of range", path=path)
        case dict():
            for key, item in value.items():
                check_text(key, path, max_length=256)
                _check_node(item, f"{path}.{key}", depth - 1)
        case list():
            for index, item in enumerate(value):
                _check_node(item, f"{path}[{index}]", depth - 1)
