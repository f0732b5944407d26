"""Durations: `P3D`, `PT12H`, `P1DT30M`, how one writes and says them."""

import re
from datetime import timedelta
from functools import lru_cache
from math import ceil

from flows.schema import DURATION

_DURATION = re.compile(DURATION, re.ASCII)
LONGEST = timedelta(days=9999)
UNITS = ("day", "hour", "minute", "second")


def is_duration(text: str) -> bool:
    """Return whether `text` is a duration."""
    return _DURATION.fullmatch(text) is not None


@lru_cache(maxsize=512)
def parse_duration(text: str) -> timedelta:
    """Return the duration that `text` says; raises `ValueError`."""
    days, hours, minutes, seconds = _amounts(text)
    return timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)


def written(duration: timedelta) -> str:
    """Return a duration as a definition writes it, in whole seconds, cut at the longest that can be written."""
    seconds = ceil(min(max(duration, timedelta()), LONGEST).total_seconds())
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    return f"P{days}DT{hours}H{minutes}M{seconds}S"


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
