"""What no log numbers: typing and presence. Reported, without goals."""

from benchmarks.load import CheckFailedError
from benchmarks.options import Options
from benchmarks.scenarios.scenario import Figures, Scenario
from benchmarks.scenarios.sending import MIX_IN_FLIGHT, clients, talks
from benchmarks.stage import MICRO, Stage
from benchmarks.subjects import BEST, OURS
from benchmarks.table import Row
from benchmarks.world import Seat, pairs

HEAR_SECONDS = 20.0


def run_typing(stage: Stage) -> Figures:
    mix = {"typing": 1}
    with stage.clients(clients(stage.options)):
        stage.warm_up("clients", mix)
        operated, usage = stage.operate("clients", "typing", mix=mix, inFlight=MIX_IN_FLIGHT)
    return {"typing/cpu": usage.server / operated.acknowledged * MICRO, "typing/rate": operated.rate}


def rows_of_typing(options: Options) -> list[Row]:
    return [
        Row("typing", "CPU of server, µs an event", "typing/cpu"),
        Row("typing", "events/s", "typing/rate"),
    ]


def run_presence(stage: Stage) -> Figures:
    """Have half of the people watch while the others come and go."""
    watched = pairs(stage.options.conversations)
    watchers = [Seat(talk.members[0], talk.id) for talk in watched]
    visitors = [Seat(talk.members[1], talk.id) for talk in watched]
    stage.load.open("watchers", stage.server.url, watchers, contracts=["messenger"])
    stage.settle()
    with stage.measured() as usage:
        stage.load.open("visitors", stage.server.url, visitors)
        _hear(stage, len(visitors))
        stage.load.close("visitors")
        _hear(stage, 2 * len(visitors))
    stage.load.close("watchers")
    stage.settle()
    events = 2 * len(visitors)
    return {
        "presence/server": usage.server / events * MICRO,
        "presence/postgres": usage.postgres / events * MICRO,
    }


def _hear(stage: Stage, count: int) -> None:
    heard = stage.load.hear("watchers", "presence", count, HEAR_SECONDS).heard
    if heard != count:
        raise CheckFailedError(f"{heard} of {count} changes of presence were heard")


def rows_of_presence(options: Options) -> list[Row]:
    scenario = "presence: a user comes or goes, told to one other, its connection included"
    return [
        Row(scenario, "CPU of server, µs an event", "presence/server"),
        Row(scenario, "CPU of PostgreSQL, µs an event", "presence/postgres"),
    ]


TYPING = Scenario(name="typing", subjects=(OURS, BEST), talks=talks, run=run_typing, rows=rows_of_typing)
PRESENCE = Scenario(name="presence", subjects=(OURS,), talks=talks, run=run_presence, rows=rows_of_presence)
