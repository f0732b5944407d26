"""From samples to one table: medians, ratios of the same round, and whether the goals are met."""

import operator
from collections.abc import Sequence
from statistics import median

import msgspec

PEERS = {"usual": "(a)", "best": "(b)"}
NOTHING = "-"
HEAD = ("scenario", "measure", "ours", "(a) usual", "(b) best", "ours / (a)", "ours / (b)", "goal", "")
COMPARISONS = {"≤": operator.le, "≥": operator.ge}


class Goal(msgspec.Struct, frozen=True):
    """A bound of a ratio to a peer, or where there is none of our figure itself."""

    comparison: str
    limit: float
    peer: str | None = None

    def __str__(self) -> str:
        return f"{self.comparison} {self.limit:g}" + (f" × {PEERS[self.peer]}" if self.peer else "")


class Row(msgspec.Struct, frozen=True):
    """A measure of a scenario, by the key of its samples."""

    scenario: str
    measure: str
    key: str
    goals: tuple[Goal, ...] = ()


def at_most(limit: float, peer: str | None = None) -> Goal:
    return Goal("≤", limit, peer)


def at_least(limit: float, peer: str | None = None) -> Goal:
    return Goal("≥", limit, peer)


class Samples:
    """What was measured: a list of values, one a round, by measure and server."""

    def __init__(self) -> None:
        self.values: dict[str, dict[str, list[float | None]]] = {}

    def add(self, number: int, subject: str, key: str, value: float) -> None:
        """Keep a value of a round (from 0)."""
        rounds = self.values.setdefault(key, {}).setdefault(subject, [])
        rounds += [None] * (number + 1 - len(rounds))
        rounds[number] = value

    def of(self, key: str, subject: str) -> float | None:
        """Return the median over the rounds."""
        return _median(self._rounds(key, subject))

    def ratio(self, key: str, peer: str) -> float | None:
        """Return the median of our value by the peer's of the same round."""
        pairs = zip(self._rounds(key, "ours"), self._rounds(key, peer), strict=False)
        return _median([ours / theirs for ours, theirs in pairs if ours is not None and theirs])

    def _rounds(self, key: str, subject: str) -> list[float | None]:
        return self.values.get(key, {}).get(subject, [])


def is_met(samples: Samples, key: str, goal: Goal) -> bool:
    """Return whether a goal is met; one that was not measured is not."""
    value = samples.ratio(key, goal.peer) if goal.peer else samples.of(key, "ours")
    return value is not None and bool(COMPARISONS[goal.comparison](value, goal.limit))


def verdict(samples: Samples, row: Row) -> str:
    """Return what is to be said of a row's goals: nothing where it has none."""
    missed = [goal for goal in row.goals if not is_met(samples, row.key, goal)]
    if not row.goals:
        return ""
    return "**missed** " + ", ".join(map(str, missed)) if missed else "met"


def render(samples: Samples, rows: Sequence[Row]) -> str:
    """Return the table as Markdown, aligned so that it can be read on a terminal too."""
    lines = [HEAD, *(_cells(samples, row) for row in rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(HEAD))]
    rule = tuple("-" * width for width in widths)
    return "".join(
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) + " |\n"
        for line in [lines[0], rule, *lines[1:]]
    )


def _cells(samples: Samples, row: Row) -> tuple[str, ...]:
    figures = [_figure(samples.of(row.key, subject)) for subject in ("ours", *PEERS)]
    ratios = [_ratio(samples.ratio(row.key, peer)) for peer in PEERS]
    goals = ", ".join(map(str, row.goals))
    return row.scenario, row.measure, *figures, *ratios, goals, verdict(samples, row)


def _median(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return median(known) if known else None


def _figure(value: float | None) -> str:
    if value is None:
        return NOTHING
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def _ratio(value: float | None) -> str:
    return NOTHING if value is None else f"{value:.2f}"
