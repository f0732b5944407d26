"""Figures: counted in integers, read when asked, the same for Prometheus and for pages."""

import re
from collections.abc import Iterator

import pytest

from stoory import metrics
from stoory.metrics import FIGURES, Histogram, Sample


@pytest.fixture
def source() -> Iterator[list[Sample]]:
    """Samples that are read; none but these."""
    found: list[Sample] = []
    kept = dict(metrics._sources)
    metrics._sources.clear()
    metrics.watch("test", lambda: found)
    yield found
    metrics._sources.clear()
    metrics._sources.update(kept)


def filled(*values: float) -> Histogram:
    histogram = Histogram((1.0, 2.0, 4.0))
    for value in values:
        histogram.observe(value)
    return histogram


def test_a_histogram_counts_up_to_its_bounds() -> None:
    assert filled(0.5, 1.0, 1.5, 9.0).cumulated() == [("1.0", 2), ("2.0", 3), ("4.0", 3), ("+Inf", 4)]
    assert filled(0.5, 1.5).total == 2.0


@pytest.mark.parametrize(
    ("values", "share", "expected"),
    [((), 0.5, None), ((0.1, 0.2), 0.5, 0.5), ((1.5,), 1.0, 2.0), ((3.0, 3.0), 0.5, 3.0), ((9.0,), 0.5, 4.0)],
)
def test_a_quantile_lies_between_two_bounds(values: tuple[float, ...], share: float, expected: float | None) -> None:
    assert filled(*values).quantile(share) == expected


def test_prometheus_is_told(source: list[Sample]) -> None:
    source += [
        Sample("stoory_users", 3),
        Sample("stoory_deliveries", 7, ("chat:new",)),
        Sample("stoory_answer_seconds", filled(0.5, 3.0), ("send",)),
    ]
    lines = metrics.exposition().decode().splitlines()
    assert "stoory_users 3.0" in lines
    assert "# TYPE stoory_deliveries_total counter" in lines
    assert 'stoory_deliveries_total{event="chat:new"} 7.0' in lines
    assert 'stoory_answer_seconds_bucket{kind="send",le="2.0"} 1.0' in lines
    assert 'stoory_answer_seconds_count{kind="send"} 2.0' in lines
    assert 'stoory_answer_seconds_sum{kind="send"} 3.5' in lines
    assert any(line.startswith("process_resident_memory_bytes ") for line in lines)


def test_a_label_can_not_forge_a_figure(source: list[Sample]) -> None:
    source.append(Sample("stoory_deliveries", 1, ('x"} 9\nstoory_users',)))
    assert not [line for line in metrics.exposition().decode().splitlines() if line.startswith("stoory_users")]


def test_pages_are_told_the_same(source: list[Sample]) -> None:
    source += [
        Sample("stoory_users", 3),
        Sample("stoory_events", 2, ("chat", "chat:send", "ok")),
        Sample("stoory_lane_commit_seconds", filled(0.5)),
    ]
    assert metrics.snapshot() == {
        "stoory_users": 3,
        "stoory_events": {"chat chat:send ok": 2},
        "stoory_lane_commit_seconds": {"count": 1, "sum": 0.5, "p50": 0.5, "p99": 0.99},
    }


def test_a_source_that_fails_takes_no_other_with_it(source: list[Sample]) -> None:
    def broken() -> list[Sample]:
        raise ZeroDivisionError

    metrics.watch("broken", broken)
    source.append(Sample("stoory_users", 3))
    assert metrics.snapshot() == {"stoory_users": 3}


def test_names_follow_the_conventions() -> None:
    for name, figure in FIGURES.items():
        assert re.fullmatch(r"stoory_[a-z_]+", name)
        assert not name.endswith("_total"), "Prometheus puts it there"
        assert figure.kind != "histogram" or name.endswith(("_seconds", "_size"))
