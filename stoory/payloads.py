"""Checks of what a client sent, beyond its types: texts that every store and client can hold, JSON that is small."""

import re
import unicodedata
from typing import Any

import msgspec

from stoory.errors import Forbidden, InvalidPayload

JsonValue = Any  # what msgspec decodes JSON to: dict, list, str, int, float, bool, None

MAX_DEPTH = 16
MAX_REASON = 500
# Beyond it JavaScript reads another integer than was written (RFC 7493, 2.2), and PostgreSQL turns 1e23 into one.
MAX_SAFE_INTEGER = 2**53 - 1
IDENTITY_KEYS = ("userId", "senderId", "user_id", "sender_id")


def check_identity(payload: JsonValue, actor: str) -> None:
    """Raise `Forbidden` if `payload` says that it comes from somebody else: identity comes from the token alone."""
    if isinstance(payload, dict) and any(payload.get(key) not in (None, actor) for key in IDENTITY_KEYS):
        raise Forbidden


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


def check_reason(text: str, *, max_length: int = MAX_REASON) -> None:
    """Raise `InvalidPayload` unless staff wrote why, as `reason`."""
    check_text(text, "reason", max_length=max_length)
    if not text.strip():
        raise InvalidPayload("Say why", path="reason")


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


_SHORTCODE = re.compile(r":[a-z0-9_+-]{1,32}:", re.ASCII)
_JOINER, _VARIATION, _KEYCAP = "\u200d", "\ufe0f", "\u20e3"
# Where Unicode keeps its emoji, among other symbols; and those that stand elsewhere.
_PICTOGRAM_BLOCKS = (
    (0x2190, 0x21FF),
    (0x2300, 0x23FF),
    (0x25A0, 0x27BF),
    (0x2900, 0x297F),
    (0x2B00, 0x2BFF),
    (0x1F000, 0x1FAFF),
)
_SINGLE_PICTOGRAMS = "\u00a9\u00ae\u203c\u2049\u2122\u2139\u24c2\u3030\u303d\u3297\u3299"
_MAX_EMOJI = 16  # code points; the longest in use, a family with skin tones, has ten


def is_emoji(value: str) -> bool:
    """Return whether `value` is one emoji (modifiers and joined parts included), flag, keycap or `:shortcode:`."""
    if _SHORTCODE.fullmatch(value):
        return True
    if not 0 < len(value) <= _MAX_EMOJI:
        return False
    if value[-1] == _KEYCAP:
        return value[0] in "0123456789#*" and value[1:-1] in ("", _VARIATION)
    if all(_is_flag_letter(char) for char in value):
        return len(value) == 2
    return all(_is_pictogram(part) for part in value.split(_JOINER))


def _is_flag_letter(char: str) -> bool:
    return "\U0001f1e6" <= char <= "\U0001f1ff"


def _is_pictogram(part: str) -> bool:
    return bool(part) and _is_symbol(part[0]) and all(_is_modifier(char) for char in part[1:])


def _is_symbol(char: str) -> bool:
    return char in _SINGLE_PICTOGRAMS or (
        unicodedata.category(char) in ("So", "Sm") and any(low <= ord(char) <= high for low, high in _PICTOGRAM_BLOCKS)
    )


def _is_modifier(char: str) -> bool:
    is_skin_tone, is_tag = "\U0001f3fb" <= char <= "\U0001f3ff", "\U000e0020" <= char <= "\U000e007f"
    return char == _VARIATION or is_skin_tone or is_tag
