"""Identifiers: UUIDs that sort by the time of their making, and one spelling of each."""

from datetime import UTC, datetime, timedelta
from uuid import RFC_4122, UUID

import pytest
import time_machine
from hypothesis import given
from hypothesis import strategies as st

from stoory.ids import new_user_id, parse_uuid, uuid7

SPELLED = "0197f000-0000-7000-8000-00000000ca3b"
MILLISECONDS = st.integers(0, 2**42)  # until the year 2109


def within(millisecond: int) -> datetime:
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=millisecond, microseconds=500)


def test_it_is_a_uuid_of_version_7() -> None:
    assert uuid7().version == 7
    assert uuid7().variant == RFC_4122


@given(MILLISECONDS)
def test_it_begins_with_the_milliseconds_of_its_making(millisecond: int) -> None:
    with time_machine.travel(within(millisecond), tick=False):
        assert uuid7().int >> 80 == millisecond


@given(MILLISECONDS)
def test_a_later_one_sorts_later(millisecond: int) -> None:
    with time_machine.travel(within(millisecond), tick=False):
        earlier = uuid7()
    with time_machine.travel(within(millisecond + 1), tick=False):
        later = uuid7()

    assert earlier < later
    assert str(earlier) < str(later)


def test_those_of_one_moment_differ() -> None:
    with time_machine.travel(datetime(2026, 1, 1, tzinfo=UTC), tick=False):
        assert len({uuid7() for _ in range(1_000)}) == 1_000


def test_the_id_of_a_user_is_such_a_uuid_as_text() -> None:
    made = parse_uuid(new_user_id())
    assert made is not None
    assert made.version == 7


def test_it_reads_our_own_spelling() -> None:
    assert parse_uuid(SPELLED) == UUID(SPELLED)


@pytest.mark.parametrize(
    "text",
    [
        SPELLED.upper(),
        SPELLED.replace("-", ""),
        f"{{{SPELLED}}}",
        f"urn:uuid:{SPELLED}",
        f" {SPELLED}",
        f"{SPELLED}\n",
        f"{SPELLED}\x00",
        SPELLED.replace("7", "٧"),  # noqa: RUF001  # a digit, and not ours
        SPELLED[:-1],
        "",
        "nonsense",
    ],
)
def test_it_knows_no_other_spelling(text: str) -> None:
    assert parse_uuid(text) is None


@given(st.text() | st.uuids().map(str) | st.uuids().map(lambda made: made.hex))
def test_whatever_a_client_sends_is_that_uuid_or_none(text: str) -> None:
    assert parse_uuid(text) is None or str(parse_uuid(text)) == text
