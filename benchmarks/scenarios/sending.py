"""Durable sends: what a message costs and how long its acknowledgement takes, alone and in a mix with other events."""

from benchmarks.load import Operated
from benchmarks.options import Options
from benchmarks.scenarios.scenario import Figures, Scenario
from benchmarks.stage import MICRO, Stage, Usage
from benchmarks.subjects import BEST, OURS, USUAL
from benchmarks.table import Goal, Row, at_least, at_most
from benchmarks.world import Seat, Talk, pairs, seats

SENDS = {"send": 1}
MANY, SOME = 100, 10  # in flight: from where on each set of goals holds
MIX_IN_FLIGHT = 100

MEASURES = {
    "rate": "messages/s",
    "cpu": "CPU of server + PostgreSQL, µs a message",
    "server": "CPU of server, µs a message",
    "postgres": "CPU of PostgreSQL, µs a message",
    "p50": "acknowledgement, ms, p50",
    "p99": "acknowledgement, ms, p99",
}
GOALS_OF_MANY: dict[str, tuple[Goal, ...]] = {
    "rate": (at_least(3, "usual"), at_least(1.5, "best")),
    "cpu": (at_most(0.35, "usual"), at_most(0.5, "best")),
}
GOALS_OF_SOME: dict[str, tuple[Goal, ...]] = {
    "rate": (at_least(1.6, "usual"), at_least(1, "best")),
    "p99": (at_most(1, "best"),),
}


def talks(options: Options) -> list[Talk]:
    return pairs(options.conversations)


def clients(options: Options) -> list[Seat]:
    return seats(pairs(options.conversations), options.clients)


def figures(prefix: str, operated: Operated, usage: Usage) -> Figures:
    """Return the values of one measurement."""
    count = operated.acknowledged
    return {
        f"{prefix}/rate": operated.rate,
        f"{prefix}/cpu": (usage.server + usage.postgres) / count * MICRO,
        f"{prefix}/server": usage.server / count * MICRO,
        f"{prefix}/postgres": usage.postgres / count * MICRO,
        f"{prefix}/p50": operated.p50,
        f"{prefix}/p99": operated.p99,
    }


def run_sends(stage: Stage) -> Figures:
    found: Figures = {}
    with stage.clients(clients(stage.options)):
        stage.warm_up("clients", SENDS)
        for in_flight in stage.options.in_flight:
            operated, usage = stage.operate("clients", f"send-{in_flight}", mix=SENDS, inFlight=in_flight)
            found |= figures(f"send/{in_flight}", operated, usage)
    return found


def rows_of_sends(options: Options) -> list[Row]:
    return [
        Row(f"durable send, {in_flight} in flight", measure, f"send/{in_flight}/{key}", goals(in_flight).get(key, ()))
        for in_flight in options.in_flight
        for key, measure in MEASURES.items()
    ]


def goals(in_flight: int) -> dict[str, tuple[Goal, ...]]:
    if in_flight >= MANY:
        return GOALS_OF_MANY
    return GOALS_OF_SOME if in_flight >= SOME else {}


def run_mix(stage: Stage) -> Figures:
    with stage.clients(clients(stage.options)):
        stage.warm_up("clients", stage.options.mix)
        operated, usage = stage.operate("clients", "mix", mix=stage.options.mix, inFlight=MIX_IN_FLIGHT)
    return figures("mix", operated, usage)


def rows_of_mix(options: Options) -> list[Row]:
    shares = ", ".join(f"{share} {name}" for name, share in options.mix.items())
    scenario = f"mix ({shares}), {MIX_IN_FLIGHT} in flight"
    events = {
        key: text.replace("a message", "an event").replace("messages", "events") for key, text in MEASURES.items()
    }
    return [Row(scenario, measure, f"mix/{key}") for key, measure in events.items()]


SEND = Scenario(name="send", subjects=(OURS, USUAL, BEST), talks=talks, run=run_sends, rows=rows_of_sends)
MIX = Scenario(name="mix", subjects=(OURS, USUAL, BEST), talks=talks, run=run_mix, rows=rows_of_mix)
