"""What is told of flows to whoever runs the server: states entered, and work that waits for a worker or for staff."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.db.models import Count, Min, QuerySet

from flows import reports, work
from flows.models import EffectStatus, FlowEffect
from flows.recording import entered
from stoory.metrics import Sample
from stoory.times import utc_now


def states_entered() -> Iterator[Sample]:
    """Return how often this process took a flow into each state."""
    return (Sample("stoory_flow_states_entered", count, key) for key, count in list(entered.items()))


def backlog() -> list[Sample]:
    """Return what is due in the whole database, and by how much it is late. Four queries."""
    now = utc_now()
    failed = FlowEffect.objects.filter(status=EffectStatus.FAILED).count()
    return [
        *_due("timers", work.due_timers(now), now),
        *_due("effects", work.due_effects(now), now),
        *_due("campaign_events", reports.due_events(now), now),
        Sample("stoory_effects_failed", failed),
    ]


def _due(name: str, waiting: QuerySet[Any], now: datetime) -> Iterator[Sample]:
    found = waiting.order_by().aggregate(count=Count("pk"), oldest=Min("due_at"))
    late = (now - found["oldest"]).total_seconds() if found["oldest"] else 0.0
    yield Sample(f"stoory_{name}_due", found["count"])
    yield Sample(f"stoory_{name}_late_seconds", late)
