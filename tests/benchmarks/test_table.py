"""Medians, ratios of the same round, goals."""

import pytest

from benchmarks.table import Goal, Row, Samples, at_least, at_most, is_met, render, verdict

KEY = "send/cpu"


def samples(**values: list[float]) -> Samples:
    made = Samples()
    for subject, rounds in values.items():
        for number, value in enumerate(rounds):
            made.add(number, subject, KEY, value)
    return made


def test_it_takes_the_median_of_the_rounds() -> None:
    assert samples(ours=[5, 1, 3]).of(KEY, "ours") == 3


def test_it_compares_within_a_round() -> None:
    """The second round met a slow minute: the median of the ratios is not the ratio of the medians."""
    assert samples(ours=[10, 40, 12], best=[20, 80, 12]).ratio(KEY, "best") == 0.5


def test_a_round_that_one_of_them_lacks_is_left_out() -> None:
    found = samples(ours=[10], best=[20])
    found.add(2, "ours", KEY, 50)

    assert found.ratio(KEY, "best") == 0.5


@pytest.mark.parametrize(
    ("goal", "met"),
    [
        (at_most(0.5, "best"), True),
        (at_most(0.49, "best"), False),
        (at_least(0.5, "best"), True),
        (at_least(0.51, "best"), False),
        (at_most(10), True),
        (at_most(9), False),
        (at_most(1, "usual"), False),  # not measured
    ],
    ids=str,
)
def test_a_goal_bounds_a_ratio_or_a_figure(goal: Goal, met: bool) -> None:
    assert is_met(samples(ours=[10], best=[20]), KEY, goal) is met


def test_a_verdict_names_the_goals_that_are_missed() -> None:
    row = Row("send", "CPU", KEY, (at_most(0.5, "best"), at_most(0.1, "best")))

    assert verdict(samples(ours=[10], best=[20]), row) == "**missed** ≤ 0.1 × (b)"
    assert verdict(samples(ours=[1], best=[20]), row) == "met"


def test_the_table_shows_what_is_not_measured_as_absent() -> None:
    row = Row("send", "CPU", KEY, (at_most(0.5, "best"),))
    line = render(samples(ours=[1234.5], best=[2469.0]), [row]).splitlines()[-1]

    assert [cell.strip() for cell in line.strip("|").split("|")] == [
        "send", "CPU", "1,234", "-", "2,469", "-", "0.50", "≤ 0.5 × (b)", "met",
    ]  # fmt: skip
