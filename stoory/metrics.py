"""The figures of this server, by name: what Prometheus is told at `/metrics`, and pages as `snapshot()`.

Nothing is reported as it happens. Parts count in integers of their own, which costs next to nothing, and a source reads
them when somebody asks.
"""

import logging
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Literal, NamedTuple

from prometheus_client import CollectorRegistry, GCCollector, ProcessCollector, generate_latest
from prometheus_client.metrics_core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)

logger = logging.getLogger(__name__)

SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
SIZES = (1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 200.0)


class Histogram:
    """How many of what was measured lay between which bounds, and all of it together."""

    __slots__ = ("bounds", "counts", "total")

    def __init__(self, bounds: Sequence[float] = SECONDS) -> None:
        self.bounds = bounds
        self.counts = [0] * (len(bounds) + 1)
        self.total = 0.0

    def observe(self, value: float) -> None:
        """Count a value."""
        self.counts[bisect_left(self.bounds, value)] += 1
        self.total += value

    @property
    def count(self) -> int:
        """How many there were."""
        return sum(self.counts)

    def quantile(self, share: float) -> float | None:
        """Return about which value that share of all lay below, None where there were none.

        Between two bounds values are taken to be spread evenly, as Prometheus does; beyond the last one it is that.
        """
        wanted, low = share * self.count, 0.0
        if not wanted:
            return None
        for bound, count in zip(self.bounds, self.counts, strict=False):
            if count and wanted <= count:
                return low + (bound - low) * wanted / count
            wanted -= count
            low = bound
        return low

    def cumulated(self) -> list[tuple[str, float]]:
        """Return how many there were up to each bound, as Prometheus has it."""
        pairs, seen = [], 0
        for bound, count in zip((*map(str, self.bounds), "+Inf"), self.counts, strict=True):
            seen += count
            pairs.append((bound, float(seen)))
        return pairs


class Figure(NamedTuple):
    """What a figure is, what it says, and by what it is told apart."""

    kind: Literal["counter", "gauge", "histogram"]
    meaning: str
    labels: tuple[str, ...] = ()


FIGURES: dict[str, Figure] = {
    # Who is here
    "stoory_connections": Figure("gauge", "Connections open now", ("transport",)),
    "stoory_sessions": Figure(
        "gauge", "Sockets that have said who they are, by the family they connected in", ("family",)
    ),
    "stoory_users": Figure("gauge", "Users who count as online by this server"),
    "stoory_connections_opened": Figure("counter", "Connections opened", ("transport",)),
    "stoory_connections_upgraded": Figure("counter", "Connections that went from polling to a WebSocket"),
    "stoory_connections_refused": Figure("counter", "Connections and handshakes refused", ("reason",)),
    "stoory_connections_closed": Figure("counter", "Connections ended; slow_consumer: did not read", ("reason",)),
    "stoory_waiting_bytes": Figure("gauge", "Bytes that wait for clients to take them"),
    # What they say and hear
    "stoory_events": Figure("counter", "Events from clients, by what became of them", ("family", "event", "outcome")),
    "stoory_answer_seconds": Figure(
        "histogram", "From a client's event to its answer; send: when it is stored", ("kind",)
    ),
    "stoory_emits": Figure("counter", "Events told, each to an audience of one socket or more", ("event",)),
    "stoory_deliveries": Figure("counter", "Events told, each socket of the audience counted", ("event",)),
    "stoory_rate_limited": Figure("counter", "What was asked too often", ("limit",)),
    # Storing
    "stoory_lane_waiting": Figure("gauge", "Sends that wait to be committed"),
    "stoory_lane_batch_size": Figure("histogram", "Sends of one commit"),
    "stoory_lane_wait_seconds": Figure("histogram", "That the first send of a batch waited for the one before"),
    "stoory_lane_commit_seconds": Figure("histogram", "That a batch took to be committed"),
    "stoory_lane_unknown": Figure("counter", "Sends of which it is not known whether they are stored"),
    "stoory_database_connections": Figure("gauge", "Connections of the pool to PostgreSQL", ("state",)),
    "stoory_database_waiting": Figure("gauge", "Work that waits for a connection of the pool, or a thread", ("lacks",)),
    # Telling the other servers
    "stoory_bus_events": Figure("counter", "Events that crossed the bus", ("direction",)),
    "stoory_bus_lost": Figure("counter", "Events, or unreadable envelopes, that did not", ("reason",)),
    "stoory_bus_lag_seconds": Figure("gauge", "From the last heartbeat's publication to its return"),
    "stoory_bus_waiting": Figure("gauge", "Batches that wait to be published"),
    "stoory_log_holes": Figure("counter", "Times that an event came before one that it follows"),
    "stoory_log_events_read": Figure("counter", "Events delivered from the log, since no bus had brought them"),
    "stoory_log_looks": Figure("counter", "Looks for what the bus lost", ("outcome",)),
    "stoory_gaps": Figure("counter", "Clients told that the log can't bring all that they missed"),
    # Work
    "stoory_timers_fired": Figure("counter", "Timers of flows that this server fired"),
    "stoory_effects_tried": Figure("counter", "Calls of the provider by this server"),
    "stoory_timers_due": Figure("gauge", "Timers whose time has come, in the whole database"),
    "stoory_timers_late_seconds": Figure("gauge", "By which the oldest of them is late"),
    "stoory_effects_due": Figure("gauge", "Calls of the provider whose time has come, in the whole database"),
    "stoory_effects_late_seconds": Figure("gauge", "By which the oldest of them is late"),
    "stoory_campaign_events_due": Figure("gauge", "Events of large campaigns that workers go on with"),
    "stoory_campaign_events_late_seconds": Figure("gauge", "By which the oldest of them is late"),
    "stoory_effects_failed": Figure("gauge", "Calls that have failed for good and wait for staff"),
    "stoory_flow_states_entered": Figure("counter", "Steps of flows into a state", ("flow", "state")),
    "stoory_hooks": Figure("counter", "Webhooks' hooks posted by this server, by what came of it", ("outcome",)),
    "stoory_hooks_due": Figure("gauge", "Conversations of which hooks could be posted, in the whole database"),
    "stoory_hooks_late_seconds": Figure("gauge", "By which the oldest of them is late"),
    "stoory_webhooks_failing": Figure("gauge", "Webhooks that did not take the last hook"),
    # The server
    "stoory_http_requests": Figure("counter", "Requests of REST and pages", ("method", "route", "status")),
    "stoory_http_request_seconds": Figure("histogram", "That they took", ("route",)),
    "stoory_loop_lag_seconds": Figure("histogram", "By which the event loop was late for a task of 4 a second"),
    "stoory_health": Figure("gauge", "How a part is: 1 ok, 0.5 degraded, 0 failed", ("part",)),
}
"""By name; Prometheus puts `_total` behind a counter's."""


class Sample(NamedTuple):
    """A figure as it is now, of one value a label."""

    name: str
    value: float | Histogram
    labels: tuple[str, ...] = ()


Source = Callable[[], Iterable[Sample]]

_sources: dict[str, Source] = {}


def watch(name: str, source: Source) -> None:
    """Have `source` read whenever somebody asks for the figures."""
    _sources[name] = source


def forget(name: str) -> None:
    """Stop reading a source."""
    _sources.pop(name, None)


def counted(name: str, counter: Mapping[str, int]) -> Iterator[Sample]:
    """Return a sample for each key of a counter."""
    return (Sample(name, value, (key,)) for key, value in list(counter.items()))


def samples() -> Iterator[Sample]:
    """Return what every source says now; one that fails is left out."""
    for name, source in list(_sources.items()):
        try:
            yield from list(source())
        except Exception as error:
            logger.warning("The figures of %s can't be read: %r", name, error)


def snapshot() -> dict[str, Any]:
    """Return the figures as plain data: a number by name, or a dict of them by the labels' values (`a b`).

    A histogram is `{count, sum, p50, p99}`, seconds unless its name says otherwise. What was not counted yet is absent.
    """
    found: dict[str, Any] = {}
    for name, value, labels in samples():
        plain = _summary(value) if isinstance(value, Histogram) else value
        if labels:
            found.setdefault(name, {})[" ".join(labels)] = plain
        else:
            found[name] = plain
    return found


def _summary(histogram: Histogram) -> dict[str, float | None]:
    return {
        "count": histogram.count,
        "sum": histogram.total,
        "p50": histogram.quantile(0.5),
        "p99": histogram.quantile(0.99),
    }


# For Prometheus

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


def exposition() -> bytes:
    """Return the figures in Prometheus's text format, with those of the process."""
    return generate_latest(_registry)


class _Collector:
    def collect(self) -> Iterator[Metric]:
        families: dict[str, Any] = {}
        for name, value, labels in samples():
            family = families[name] if name in families else families.setdefault(name, _family(name))
            if isinstance(value, Histogram):
                family.add_metric(labels, value.cumulated(), value.total)
            else:
                family.add_metric(labels, value)
        yield from families.values()


def _family(name: str) -> CounterMetricFamily | GaugeMetricFamily | HistogramMetricFamily:
    kind, meaning, labels = FIGURES[name]
    match kind:
        case "counter":
            return CounterMetricFamily(name, meaning, labels=labels)
        case "gauge":
            return GaugeMetricFamily(name, meaning, labels=labels)
        case "histogram":
            return HistogramMetricFamily(name, meaning, labels=labels)


_registry = CollectorRegistry(auto_describe=False)
_registry.register(_Collector())
ProcessCollector(registry=_registry)
GCCollector(registry=_registry)
