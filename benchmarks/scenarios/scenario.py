"""What a scenario is: whom it compares, what world it needs, how it runs, what its rows are."""

from collections.abc import Callable

import msgspec

from benchmarks.options import Options
from benchmarks.stage import Stage
from benchmarks.subjects import Subject
from benchmarks.table import Row
from benchmarks.world import Talk

Figures = dict[str, float]
"""One round's values by their keys."""


class Scenario(msgspec.Struct, frozen=True, kw_only=True):
    """One kind of work, the same for each subject."""

    name: str
    subjects: tuple[Subject, ...]
    talks: Callable[[Options], list[Talk]]
    run: Callable[[Stage], Figures]
    rows: Callable[[Options], list[Row]]
