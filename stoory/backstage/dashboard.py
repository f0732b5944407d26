"""The front page: how much is said, how the servers are, where conversations stand. A handful of bounded queries."""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.db.models import Count
from django.http import HttpRequest

from flows.models import EffectStatus, FlowEffect, FlowRun, FlowVersion, VersionStatus
from messaging.models import Message
from stoory.backstage import servers
from stoory.times import utc_now

MINUTES = 30
COUNTED_MESSAGES = 10_000
COUNTED_EFFECTS = 100
COUNTED_RUNS = 10_000
BAR_WIDTH, BAR_HEIGHT = 16, 100


class Bar(NamedTuple):
    """A minute in the chart, drawn from its upper left corner."""

    label: str
    messages: int
    x: int
    y: float
    height: float


class Share(NamedTuple):
    """A row of a bar chart: how many of the most."""

    name: str
    number: int
    percent: int


def dashboard(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """Add the figures to the context of the front page, each to those who may see what it counts."""
    user: Any = request.user
    if user.has_perm("messaging.view_message"):
        context["minutes"] = minutes(utc_now())
    if user.has_perm("accounts.view_user"):
        replies = servers.ask("figures")
        context["servers"] = [(reply.name, _row(reply.answer)) for reply in replies]
        context["families"] = shares(_sum(answer.get("stoory_sessions", {}) for answer in servers.answers(replies)))
    if user.has_perm("flows.view_flowrun"):
        context["funnels"] = funnels()
        failed = FlowEffect.objects.filter(status=EffectStatus.FAILED)[:COUNTED_EFFECTS].count()
        context["failed_effects"] = f"{failed}{'+' * (failed == COUNTED_EFFECTS)}"
    return context | {"chart_width": MINUTES * BAR_WIDTH, "chart_height": BAR_HEIGHT}


def minutes(now: datetime) -> dict[str, Any]:
    """Return messages a minute over the last half hour, from the newest 10,000; `since` is what these cover."""
    newest = list(Message.objects.order_by("-pk").values_list("created_at", flat=True)[:COUNTED_MESSAGES])
    first = now.replace(second=0, microsecond=0) - timedelta(minutes=MINUTES - 1)
    counts = Counter(moment.replace(second=0, microsecond=0) for moment in newest if moment >= first)
    most = max(counts.values(), default=0) or 1
    bars = []
    for place in range(MINUTES):
        moment = first + timedelta(minutes=place)
        height = round(counts[moment] / most * BAR_HEIGHT, 1)
        bars.append(Bar(f"{moment:%H:%M}", counts[moment], place * BAR_WIDTH, BAR_HEIGHT - height, height))
    is_partial = len(newest) == COUNTED_MESSAGES and newest[-1] >= first
    return {"bars": bars, "most": max(counts.values(), default=0), "since": newest[-1] if is_partial else None}


def funnels() -> list[tuple[FlowVersion, list[Share]]]:
    """Return for each published flow how many of its newest running conversations are in which state."""
    found = []
    for version in FlowVersion.objects.filter(status=VersionStatus.PUBLISHED).defer("document").order_by("key"):
        newest = FlowRun.objects.filter(version=version, outcome=None).order_by("-pk")[:COUNTED_RUNS]
        rows = FlowRun.objects.filter(pk__in=newest.values("pk")).values_list("conversation__flow_state")
        counts = dict(rows.annotate(count=Count("pk")).order_by())
        found.append((version, shares({state or "none": count for state, count in counts.items()})))
    return found


def shares(counts: dict[str, int]) -> list[Share]:
    """Return the rows of a bar chart, the longest first."""
    most = max(counts.values(), default=0) or 1
    ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return [Share(name, int(count), round(count / most * 100)) for name, count in ranked]


def _row(answer: dict[str, Any] | None) -> dict[str, Any] | None:
    """Return what the table shows of a server; what it did not measure is absent."""
    if answer is None:
        return None
    sends = (answer.get("stoory_answer_seconds") or {}).get("send") or {}
    return {
        "sockets": int(sum(answer.get("stoory_sessions", {}).values())),
        "users": answer.get("stoory_users"),
        "transports": answer.get("stoory_connections", {}),
        "p50": _milliseconds(sends.get("p50")),
        "p99": _milliseconds(sends.get("p99")),
        "deliveries": int(_total(answer.get("stoory_deliveries", 0))),
        "lane": answer.get("stoory_lane_waiting"),
        "health": {part: _word(state) for part, state in answer.get("stoory_health", {}).items()},
    }


def _milliseconds(seconds: float | None) -> str:
    return "" if seconds is None else f"{seconds * 1000:.3g} ms"


def _word(state: Any) -> str:
    """Return how a part is, whether it was told as a word or as its share of health."""
    return state if isinstance(state, str) else {1: "ok", 0.5: "degraded"}.get(state, "failed")


def _total(figure: Any) -> float:
    return sum(figure.values()) if isinstance(figure, dict) else figure


def _sum(figures: Iterable[dict[str, Any]]) -> dict[str, int]:
    counts: Counter[str] = Counter()
    for figure in figures:
        counts.update({name: int(value) for name, value in figure.items()})
    return dict(counts)
