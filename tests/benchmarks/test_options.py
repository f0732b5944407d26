"""The command line of the benchmarks."""

import pytest

from benchmarks.options import RESULTS, parse
from benchmarks.scenarios import SCENARIOS

NAMES = list(SCENARIOS)


def test_a_whole_run_is_written_down() -> None:
    assert parse([], NAMES).results == RESULTS


@pytest.mark.parametrize("arguments", [["--only", "send"], ["--quick"]])
def test_a_part_of_a_run_is_not(arguments: list[str]) -> None:
    assert parse(arguments, NAMES).results is None


def test_what_is_given_wins_over_a_quick_run() -> None:
    options = parse(["--quick", "--rounds", "2"], NAMES)

    assert options.rounds == 2
    assert options.messages < parse([], NAMES).messages


def test_numbers_mixes_and_settings_are_read() -> None:
    options = parse(["--in-flight", "1,50", "--mix", "send=3,read=1", "--set", "A=1", "--set", "B=x=y"], NAMES)

    assert options.in_flight == (1, 50)
    assert options.mix == {"send": 3, "read": 1}
    assert options.settings == {"A": "1", "B": "x=y"}


@pytest.mark.parametrize(
    "arguments",
    [
        ["--only", "nothing"],
        ["--mix", "shout=1"],
        ["--rounds", "0"],
        ["--set", "A"],
        ["--depths", "-1"],
        ["--clients", "10", "--conversations", "4"],
    ],
)
def test_what_makes_no_sense_is_refused(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        parse(arguments, NAMES)

    assert "error:" in capsys.readouterr().err
