"""Durations, and how one writes and says them."""

from datetime import timedelta

import pytest

from flows.durations import in_words, is_duration, parse_duration, written


@pytest.mark.parametrize(
    ("text", "duration", "words"),
    [
        ("P3D", timedelta(days=3), "3 days"),
        ("P1D", timedelta(days=1), "1 day"),
        ("PT12H", timedelta(hours=12), "12 hours"),
        ("P1DT2H30M", timedelta(days=1, hours=2, minutes=30), "1 day and 2 hours and 30 minutes"),
        ("PT1S", timedelta(seconds=1), "1 second"),
        ("PT0S", timedelta(), "no time"),
    ],
)
def test_it_reads_and_says(text: str, duration: timedelta, words: str) -> None:
    assert (parse_duration(text), in_words(text)) == (duration, words)


@pytest.mark.parametrize("text", ["", "P", "PT", "P1DT", "3D", "P1W", "P-1D", "P1.5D", "PT1H ", "P٣D", "P99999D"])
def test_it_knows_what_is_none(text: str) -> None:
    assert not is_duration(text)
    with pytest.raises(ValueError, match="is not a duration"):
        parse_duration(text)


@pytest.mark.parametrize(
    ("duration", "text"),
    [
        (timedelta(days=3, hours=2, seconds=61), "P3DT2H1M1S"),
        (timedelta(seconds=0.2), "P0DT0H0M1S"),
        (timedelta(seconds=-5), "P0DT0H0M0S"),
        (timedelta(days=70_000), "P9999DT0H0M0S"),
    ],
)
def test_it_writes(duration: timedelta, text: str) -> None:
    assert written(duration) == text
    assert is_duration(text)
