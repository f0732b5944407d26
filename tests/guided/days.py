"""Days to come, counted from today: a date in a flow has to lie ahead, whenever the tests run."""

from datetime import date, timedelta

from stoory.times import utc_now


def ahead(days: int) -> date:
    """Return the day so many days from now."""
    return (utc_now() + timedelta(days=days)).date()


DEADLINE = ahead(70)
PUBLISHING = ahead(80)
DEADLINE_AS_TOLD = f"{DEADLINE.day} {DEADLINE:%b %Y}"
