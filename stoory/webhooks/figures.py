"""What is told of webhooks to whoever runs the server: hooks that are due, and endpoints that do not take them."""

from collections.abc import Iterator

from django.db.models import Count, Min

from stoory.metrics import Sample
from stoory.times import utc_now
from stoory.webhooks.outbox import due, listening


def backlog() -> list[Sample]:
    """Return what is due in the whole database, and by how much it is late. Three queries."""
    return [*_due(), Sample("stoory_webhooks_failing", listening().filter(failures__gt=0).count())]


def _due() -> Iterator[Sample]:
    found = due().order_by().aggregate(count=Count("pk"), oldest=Min("due_at"))
    late = (utc_now() - found["oldest"]).total_seconds() if found["oldest"] else 0.0
    yield Sample("stoory_hooks_due", found["count"])
    yield Sample("stoory_hooks_late_seconds", max(0.0, late))
