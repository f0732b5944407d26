"""Texts with placeholders: `{{scope.name}}` or `{{scope.name|filter}}`, replaced in one pass, and nothing else.

A value is never looked at again, so what a person wrote stays what they wrote, braces and all.
"""

import re
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from flows.schema import Definition
from flows.scopes import Scope, look_up
from stoory.payloads import JsonValue

PLACEHOLDER = re.compile(r"\{\{\s*([a-z_]+\.[a-z][a-z0-9_]*)\s*(?:\|\s*([a-z_]+)\s*)?\}\}")
LEFTOVER = re.compile(r"\{\{|\}\}|\{%")
SYMBOLS = {"INR": "₹", "USD": "$", "EUR": "€", "GBP": "£"}
MISSING = "\u2014"  # a dash


class Placeholder(NamedTuple):
    """A reference in a text, and how it is written."""

    reference: str
    filter: str


def placeholders(text: str) -> list[Placeholder]:
    """Return the placeholders of a text."""
    return [Placeholder(*found) for found in PLACEHOLDER.findall(text)]


def is_well_formed(text: str) -> bool:
    """Return whether all braces of a text belong to placeholders."""
    return LEFTOVER.search(PLACEHOLDER.sub("", text)) is None


def render(definition: Definition, text: str, scope: Scope) -> str:
    """Return a text with its values. An answer that was left out shows nothing, an unset value a dash."""

    def value_of(found: re.Match[str]) -> str:
        value = look_up(found[1], scope)
        if value is None or value == "" or value == []:
            return "" if found[1].startswith("input.") else MISSING
        return FILTERS[found[2] or "plain"](value, definition)

    return PLACEHOLDER.sub(value_of, text).strip()


def _plain(value: JsonValue, definition: Definition) -> str:
    return ", ".join(value) if isinstance(value, list) else str(value)


def _money(value: JsonValue, definition: Definition) -> str:
    symbol = SYMBOLS.get(definition.currency, f"{definition.currency} ")
    return f"{symbol}{Decimal(value):,.2f}".removesuffix(".00")


def _date(value: JsonValue, definition: Definition) -> str:
    day = date.fromisoformat(value)
    return f"{day.day} {day:%b %Y}"


def _count(value: JsonValue, definition: Definition) -> str:
    return str(len(value) if isinstance(value, list) else value)


FILTERS: dict[str, Callable[[JsonValue, Definition], str]] = {
    "plain": _plain,
    "money": _money,
    "date": _date,
    "count": _count,
}
NEEDED_FILTER = {"money": "money", "date": "date"}
"""Types that must not be shown without their filter."""
