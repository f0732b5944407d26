"""Sockets that only are there, and sockets that come and go in crowds."""

from benchmarks.options import Options
from benchmarks.scenarios.scenario import Figures, Scenario
from benchmarks.stage import MICRO, Stage
from benchmarks.subjects import BEST, OURS
from benchmarks.table import Row, at_most
from benchmarks.world import Seat, Talk, pairs, seats

KB = 1024
WARM_UP_SOCKETS = 200
FLAT = 1.2  # what a socket among the most may cost, by what one among the fewest does


def crowd(count: int) -> list[Seat]:
    return seats(talks_of(count), count)


def talks_of(count: int) -> list[Talk]:
    return pairs(-(-count // 2))


def run_idle(stage: Stage) -> Figures:
    count = stage.options.sockets
    with stage.clients(crowd(min(WARM_UP_SOCKETS, count))):
        pass
    before = stage.server.meter.memory()
    with stage.clients(crowd(count)):
        used = stage.server.meter.memory() - before
        with stage.measured() as usage:
            heard = stage.load.hear("clients", "error", 1, stage.options.seconds)
    assert not heard.lost
    return {"idle/memory": used / count / KB, "idle/cpu": usage.server / usage.seconds * 1000}


def rows_of_idle(options: Options) -> list[Row]:
    scenario = f"{options.sockets:,} idle sockets"
    return [
        Row(scenario, "KB a socket", "idle/memory", (at_most(1, "best"),)),
        Row(scenario, "CPU of server, ms a second", "idle/cpu"),
    ]


def run_connections(stage: Stage) -> Figures:
    with stage.clients(crowd(min(WARM_UP_SOCKETS, *stage.options.connections))):
        pass
    found: Figures = {}
    for count in stage.options.connections:
        with stage.measured() as coming:
            opened = stage.load.open("crowd", stage.server.url, crowd(count))
            stage.settle()
        stage.loads.append(opened.load)
        with stage.measured() as going:
            stage.load.close("crowd")
            stage.settle()
        for what, usage in (("connect", coming), ("disconnect", going)):
            found[f"{what}/{count}/server"] = usage.server / count * MICRO
            found[f"{what}/{count}/postgres"] = usage.postgres / count * MICRO
        found[f"connect/{count}/rate"] = count / opened.seconds
    fewest, most = min(stage.options.connections), max(stage.options.connections)
    for what in ("connect", "disconnect"):
        if cost := found[f"{what}/{fewest}/server"]:
            found[f"{what}/growth"] = found[f"{what}/{most}/server"] / cost
    return found


def rows_of_connections(options: Options) -> list[Row]:
    names = {"connect": "connect, authenticate, join", "disconnect": "mass disconnect"}
    rows = []
    for what, name in names.items():
        for count in options.connections:
            scenario, key = f"{name}: {count:,} sockets", f"{what}/{count}"
            rows.append(Row(scenario, "CPU of server, µs a socket", f"{key}/server", (at_most(1.5, "best"),)))
            rows.append(Row(scenario, "CPU of PostgreSQL, µs a socket", f"{key}/postgres"))
            if what == "connect":
                rows.append(Row(scenario, "sockets/s", f"{key}/rate"))
        most_by_fewest = f"CPU a socket, {max(options.connections):,} / {min(options.connections):,}"
        rows.append(Row(f"{name}: flat", most_by_fewest, f"{what}/growth", (at_most(FLAT),)))
    return rows


IDLE = Scenario(
    name="idle",
    subjects=(OURS, BEST),
    talks=lambda options: talks_of(options.sockets),
    run=run_idle,
    rows=rows_of_idle,
)
CONNECTIONS = Scenario(
    name="connections",
    subjects=(OURS, BEST),
    talks=lambda options: talks_of(max(options.connections)),
    run=run_connections,
    rows=rows_of_connections,
)
