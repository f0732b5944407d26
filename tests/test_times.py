"""Times on the wire: ISO-8601, UTC, milliseconds, `Z`."""

import re
from datetime import UTC, datetime, timedelta

import time_machine
from hypothesis import given
from hypothesis import strategies as st

from stoory.times import iso, iso_or_none, utc_now

MOMENTS = st.datetimes(timezones=st.just(UTC))


def test_it_writes_milliseconds_and_z() -> None:
    assert iso(datetime(2026, 1, 2, 3, 4, 5, 678_999, tzinfo=UTC)) == "2026-01-02T03:04:05.678Z"
    assert iso(datetime(2026, 1, 2, tzinfo=UTC)) == "2026-01-02T00:00:00.000Z"


@given(MOMENTS)
def test_every_moment_has_one_length_and_reads_back(moment: datetime) -> None:
    written = iso(moment)

    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", written)
    assert timedelta(0) <= moment - datetime.fromisoformat(written) < timedelta(milliseconds=1)


@given(MOMENTS, MOMENTS)
def test_they_sort_as_texts(one: datetime, other: datetime) -> None:
    first, second = sorted([one, other])
    assert iso(first) <= iso(second)


def test_no_moment_is_none() -> None:
    assert iso_or_none(None) is None
    assert iso_or_none(datetime(2026, 1, 1, tzinfo=UTC)) == "2026-01-01T00:00:00.000Z"


def test_now_is_kept_as_it_is_shown() -> None:
    with time_machine.travel(datetime(2026, 1, 1, 0, 0, 0, 123_456, tzinfo=UTC), tick=False):
        assert utc_now() == datetime(2026, 1, 1, 0, 0, 0, 123_000, tzinfo=UTC)
