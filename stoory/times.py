"""Times on the wire: ISO-8601, UTC, milliseconds, `Z`."""

from datetime import UTC, datetime
from functools import lru_cache


def utc_now() -> datetime:
    """Return the present as the database keeps it and every wire shows it: whole milliseconds."""
    now = datetime.now(UTC)
    return now.replace(microsecond=now.microsecond // 1000 * 1000)


@lru_cache(maxsize=256)  # a message tells its moment several times over, and a group of them has one
def iso(moment: datetime) -> str:
    """Return `moment` (aware, UTC) as `2026-01-01T00:00:00.000Z`."""
    return f"{moment.isoformat(timespec='milliseconds')[:23]}Z"


def iso_or_none(moment: datetime | None) -> str | None:
    """Return `iso(moment)`, or None where there is no moment."""
    return None if moment is None else iso(moment)
