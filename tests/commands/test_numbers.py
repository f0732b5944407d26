"""The numbers that commands take: each within bounds, and none that is no number."""

from argparse import ArgumentTypeError
from pathlib import Path

import pytest
from django.core.management import get_commands, load_command_class

from stoory.management import commands
from stoory.management.numbers import amount, whole

OURS = sorted(path.stem for path in Path(commands.__path__[0]).glob("[!_]*.py"))


@pytest.mark.parametrize("text", ["1", "7", "10"])
def test_what_is_within_the_bounds_is_taken(text: str) -> None:
    assert whole(1, 10)(text) == int(text)


def test_an_amount_may_be_broken() -> None:
    assert amount(0.1, 10)("2.5") == 2.5


@pytest.mark.parametrize("text", ["0", "11", "-1", "2.5", "1e3", "nan", "", "seven", "9" * 5_000])
def test_no_other_whole_number_is(text: str) -> None:
    with pytest.raises(ArgumentTypeError, match="takes a whole number from 1 to 10, not"):
        whole(1, 10)(text)


@pytest.mark.parametrize("text", ["0", "10.1", "-1", "nan", "-nan", "inf", "-inf", "1e999", "", "seven"])
def test_no_other_amount_is(text: str) -> None:
    with pytest.raises(ArgumentTypeError, match=r"takes a number from 0\.1 to 10, not"):
        amount(0.1, 10)(text)


@pytest.mark.parametrize("name", OURS)
def test_no_command_takes_a_number_without_bounds(name: str) -> None:
    parser = load_command_class(get_commands()[name], name).create_parser("manage.py", name)
    unbounded = [action.dest for action in parser._actions if action.type in (int, float) and not action.choices]
    assert unbounded == []
