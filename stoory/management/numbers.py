"""Numbers that a command is given: those within its bounds, and no infinity and none that is no number."""

import contextlib
from argparse import ArgumentTypeError
from collections.abc import Callable
from typing import TypeVar

Number = TypeVar("Number", int, float)


def whole(least: int, most: int) -> Callable[[str], int]:
    """Return what argparse reads a whole number of these bounds with."""
    return lambda text: _read(text, int, least, most, "a whole number")


def amount(least: float, most: float) -> Callable[[str], float]:
    """Return what argparse reads a number of these bounds with."""
    return lambda text: _read(text, float, least, most, "a number")


def _read(text: str, kind: Callable[[str], Number], least: Number, most: Number, what: str) -> Number:
    with contextlib.suppress(ValueError):
        number = kind(text)
        if least <= number <= most:
            return number
    raise ArgumentTypeError(f"takes {what} from {least:,} to {most:,}, not {text!r}")
