"""Durations: `P3D`, `PT12H`, `P1DT30M`, and how one says them."""

import re
from datetime import timedelta
from functools import lru_cache

from flows.schema import DURATION

_DURATION = re.compile(DURATION, re.ASCII)
UNITS = ("day", "hour", "minute", "second")


def is_duration(text: str) -> bool:
    """Return whether `text` is a duration."""
    return _DURATION.fullmatch(text) is not None


@lru_cache(maxsize=512)
def parse_duration(text: str) -> timedelta:
    """Return the duration that `text` says; raises `ValueError`."""
    days, hours, minutes, seconds = _amounts(text)
    return timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)


def in_words(text: str) -> str:
    """Return a duration as one says it: `P1DT12H` is "1 day and 12 hours"."""
    said = [
        f"{amount} {unit}{'s' * (amount != 1)}" for amount, unit in zip(_amounts(text), UNITS, strict=True) if amount
    ]
    return " and ".join(said) or "no time"


def _amounts(text: str) -> list[int]:
    found = _DURATION.fullmatch(text)
    if found is None:
        raise ValueError(f"{text!r} is not a duration like P3D or PT12H")
    return [int(amount or 0) for amount in found.groups()]
