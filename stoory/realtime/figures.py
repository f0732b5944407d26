"""The figures of a node: read from its parts when somebody asks, in whichever thread that is."""

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from django.db import connection

from stoory.metrics import Sample, counted
from stoory.realtime.database import waiting
from stoory.realtime.health import Health, watched
from stoory.throttling import limiter

if TYPE_CHECKING:
    from stoory.realtime.node import Node
    from stoory.realtime.worker import Worker

HEALTH = {Health.OK: 1.0, Health.DEGRADED: 0.5, Health.FAILED: 0.0}


def figures(node: "Node") -> Iterator[Sample]:
    """Return what a node has counted, and what it has now."""
    for part in (_connections, _talk, _lane, _bus, _log, _work):
        yield from part(node)
    yield from _database()
    yield from counted("stoory_rate_limited", limiter().refused)
    yield from _health()
    yield Sample("stoory_loop_lag_seconds", node.pulse.lags)


def _connections(node: "Node") -> Iterator[Sample]:
    engine = node.server.eio
    connections = list(engine.sockets.values())
    yield from _tally("stoory_connections", (connection.transport.name for connection in connections))
    yield Sample("stoory_waiting_bytes", sum(connection.transport.waiting() for connection in connections))
    sessions = [session for connection in connections for session in list(connection.sessions.values())]
    yield from _tally("stoory_sessions", (session.family for session in sessions if session.is_authenticated))
    yield Sample("stoory_users", node.presence.here)
    yield from counted("stoory_connections_opened", engine.opened)
    yield Sample("stoory_connections_upgraded", engine.upgraded)
    yield from counted("stoory_connections_refused", engine.refused + node.server.refused)
    yield from counted("stoory_connections_closed", engine.closed)


def _tally(name: str, found: Iterable[str]) -> Iterator[Sample]:
    return counted(name, Counter(found))


def _talk(node: "Node") -> Iterator[Sample]:
    dispatcher, told = node.dispatcher, node.relay.told
    yield from (Sample("stoory_events", count, key) for key, count in list(dispatcher.outcomes.items()))
    yield Sample("stoory_answer_seconds", dispatcher.sends, ("send",))
    yield Sample("stoory_answer_seconds", dispatcher.others, ("other",))
    yield from counted("stoory_emits", told.emits)
    yield from counted("stoory_deliveries", told.deliveries)


def _lane(node: "Node") -> Iterator[Sample]:
    lane = node.lane
    yield Sample("stoory_lane_waiting", lane.waiting)
    yield Sample("stoory_lane_batch_size", lane.sizes)
    yield Sample("stoory_lane_wait_seconds", lane.waits)
    yield Sample("stoory_lane_commit_seconds", lane.commits)
    yield Sample("stoory_lane_unknown", lane.unknown)


def _database() -> Iterator[Sample]:
    yield Sample("stoory_database_waiting", waiting(), ("thread",))
    pool = getattr(connection, "pool", None)
    if pool is not None:
        stats = pool.get_stats()
        yield Sample("stoory_database_connections", stats["pool_size"], ("open",))
        yield Sample("stoory_database_connections", stats["pool_available"], ("idle",))
        yield Sample("stoory_database_connections", stats["pool_max"], ("most",))
        yield Sample("stoory_database_waiting", stats["requests_waiting"], ("connection",))


def _bus(node: "Node") -> Iterator[Sample]:
    bus = node.bus
    yield Sample("stoory_bus_events", bus.published, ("published",))
    yield Sample("stoory_bus_events", bus.received, ("received",))
    yield from counted("stoory_bus_lost", bus.lost)
    yield Sample("stoory_bus_lag_seconds", bus.lag)
    yield Sample("stoory_bus_waiting", bus.waiting)


def _log(node: "Node") -> Iterator[Sample]:
    relay = node.relay
    yield Sample("stoory_log_holes", relay.holes)
    yield Sample("stoory_log_events_read", relay.read)
    yield Sample("stoory_log_looks", relay.looks, ("ok",))
    yield Sample("stoory_log_looks", relay.failed_looks, ("failed",))
    yield Sample("stoory_gaps", node.requests.gaps)


def _work(node: "Node") -> Iterator[Sample]:
    if node.worker is not None:
        yield from _done(node.worker)
    yield from node.pulse.backlog


def figures_of_worker(worker: "Worker") -> Iterator[Sample]:
    """Return what a worker of its own has done, and how it is; what waits for it in the database every server tells."""
    yield from _done(worker)
    yield from _database()
    yield from _health()


def _done(worker: "Worker") -> Iterator[Sample]:
    yield Sample("stoory_timers_fired", worker.timers)
    yield Sample("stoory_effects_tried", worker.effects)


def _health() -> Iterator[Sample]:
    return (Sample("stoory_health", HEALTH[how], (part,)) for part, how in watched().items())
