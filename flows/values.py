"""Values that people send, made safe to keep: money as decimal text, days as ISO dates, texts without NUL."""

import re
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from urllib.parse import urlsplit

from flows.schema import AMOUNT, VariableType
from stoory.errors import InvalidPayload
from stoory.payloads import MAX_SAFE_INTEGER, JsonValue, check_text

MAX_TEXT = 5000
MAX_FILES = 10
FIRST_YEAR, LAST_YEAR = "2000", "2199"
_AMOUNT = re.compile(AMOUNT, re.ASCII)
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_EMAIL = re.compile(r"[^\s@]{1,64}@[^\s@.]+(\.[^\s@.]+)+", re.ASCII)
_HANDLE = re.compile(r"@?[A-Za-z0-9._]{1,30}", re.ASCII)


class Unacceptable(ValueError):
    """A value that can't be taken, with a reason that completes the sentence "this …"."""


def to_text(value: JsonValue, *, min_length: int = 0, max_length: int = MAX_TEXT) -> str:
    """Return a trimmed text; raises `Unacceptable`."""
    if not isinstance(value, str):
        raise Unacceptable("must be text")
    try:
        text = check_text(value.strip(), "", max_length=MAX_SAFE_INTEGER)
    except InvalidPayload as error:
        raise Unacceptable(error.message) from None
    if not min_length <= len(text) <= max_length:
        raise Unacceptable(f"must have {min_length} to {max_length} characters")
    return text


def to_money(value: JsonValue) -> str:
    """Return an amount as text with two decimals; raises `Unacceptable`: floats lose money."""
    match value:
        case bool() | float():
            raise Unacceptable('must be a decimal number in quotes, like "9000.00"')
        case int() if 0 <= value <= MAX_SAFE_INTEGER:
            value = str(value)
    if not isinstance(value, str) or not _AMOUNT.fullmatch(value.strip()):
        raise Unacceptable('must be an amount with at most two decimals, like "9000.00"')
    return f"{Decimal(value.strip()):.2f}"


def to_int(value: JsonValue) -> int:
    """Return a whole number; raises `Unacceptable`."""
    if not isinstance(value, int) or isinstance(value, bool) or abs(value) > MAX_SAFE_INTEGER:
        raise Unacceptable("must be a whole number")
    return value


def to_day(value: JsonValue) -> str:
    """Return an ISO date of this age, from which one can count; raises `Unacceptable`."""
    try:
        if isinstance(value, str) and _DAY.fullmatch(value) and FIRST_YEAR <= value[:4] <= LAST_YEAR:
            return date.fromisoformat(value).isoformat()
    except ValueError:
        pass
    raise Unacceptable("must be a date like 2026-12-31")


def to_bool(value: JsonValue) -> bool:
    """Return a truth; raises `Unacceptable`."""
    if not isinstance(value, bool):
        raise Unacceptable("must be true or false")
    return value


def to_files(value: JsonValue, *, max_count: int = MAX_FILES) -> list[str]:
    """Return ids of files; raises `Unacceptable`."""
    if not isinstance(value, list) or len(value) > max_count:
        raise Unacceptable(f"must be a list of at most {max_count} ids of files")
    if not all(isinstance(item, str) and 0 < len(item) <= 64 for item in value) or len(set(value)) < len(value):
        raise Unacceptable("must be a list of different ids of files")
    return [to_text(item) for item in value]


def to_choice(value: JsonValue) -> str | list[str]:
    """Return one choice or several; which exist, only its input knows. Raises `Unacceptable`."""
    if isinstance(value, list):
        return [to_text(item, min_length=1, max_length=64) for item in value[:MAX_FILES]]
    return to_text(value, min_length=1, max_length=64)


def check_url(text: str) -> None:
    """Raise `Unacceptable` unless `text` is an http(s) address."""
    try:
        address = urlsplit(text)
        is_address = address.scheme in ("http", "https") and bool(address.hostname) and not re.search(r"\s", text)
    except ValueError:
        is_address = False
    if not is_address:
        raise Unacceptable("must be a web address like https://example.org/post")


def check_email(text: str) -> None:
    """Raise `Unacceptable` unless `text` is an email address."""
    if not _EMAIL.fullmatch(text):
        raise Unacceptable("must be an email address")


def check_handle(text: str) -> None:
    """Raise `Unacceptable` unless `text` is the name of an account, like @asha."""
    if not _HANDLE.fullmatch(text):
        raise Unacceptable("must be the name of an account, like @asha")


FORMATS: dict[str, Callable[[str], None]] = {"url": check_url, "email": check_email, "handle": check_handle}
CONVERTERS: dict[VariableType, Callable[[JsonValue], JsonValue]] = {
    "text": to_text,
    "money": to_money,
    "int": to_int,
    "date": to_day,
    "choice": to_choice,
    "bool": to_bool,
    "files": to_files,
}
