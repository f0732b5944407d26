"""Two servers: what the events of one cost the other, which has nobody to tell."""

from benchmarks.load import CheckFailedError
from benchmarks.options import Options
from benchmarks.scenarios.scenario import Figures, Scenario
from benchmarks.stage import MICRO, SETTLE_SECONDS, Stage
from benchmarks.subjects import OURS
from benchmarks.table import Row, at_least, at_most
from benchmarks.world import Talk, pairs, seats

STRANGERS = 50  # conversations of the other server's own clients
WITNESS_SECONDS = 10.0
REGULAR_SECONDS = 5  # what a server does for itself comes back after so long
FULL_RATE = 0.95


def talks(options: Options) -> list[Talk]:
    return pairs(options.conversations + STRANGERS + 1)


def run(stage: Stage) -> Figures:
    options = stage.options
    busy, strangers, [shared] = _split(options)
    with stage.another() as other, stage.clients(seats(busy, options.clients)):
        stage.load.open("strangers", other.url, seats(strangers, 2 * STRANGERS))
        other.meter.wait_until_still(options.settle, SETTLE_SECONDS)
        with stage.measured(other.meter) as idle:
            stage.load.hear("strangers", "new", 1, _seconds(options))
        with stage.measured(other.meter) as usage:
            operated, _ = stage.operate(
                "clients",
                "foreign",
                mix={"send": 1},
                rate=options.foreign_rate,
                count=int(options.foreign_rate * _seconds(options)),
                seconds=_seconds(options),
            )
        if stage.load.hear("strangers", "new", 1, 0).heard:
            raise CheckFailedError("Strangers have heard what was not for them")
        _witness(stage, other.url, shared)
        stage.load.close("strangers")
    own = idle.server / idle.seconds * usage.seconds
    return {
        "foreign/cpu": (usage.server - own) / operated.acknowledged * MICRO,
        "foreign/rate": operated.rate,
    }


def _seconds(options: Options) -> float:
    """Return how long to measure: so that rest and work hold as much of what comes back regularly."""
    times = max(1, round(options.seconds / REGULAR_SECONDS))
    return options.seconds if options.is_quick else times * REGULAR_SECONDS


def _split(options: Options) -> tuple[list[Talk], list[Talk], list[Talk]]:
    everyone = talks(options)
    return everyone[: options.conversations], everyone[options.conversations : -1], everyone[-1:]


def _witness(stage: Stage, other: str, shared: Talk) -> None:
    """Prove that the other server hears this one."""
    here, there = seats([shared], 2)
    stage.load.open("there", other, [there])
    stage.load.open("here", stage.server.url, [here])
    stage.operate("here", "witness", mix={"send": 1}, inFlight=1, count=1)
    if stage.load.hear("there", "new", 1, WITNESS_SECONDS).heard != 1:
        raise CheckFailedError("The other server did not hear of a message")
    stage.load.close("here")
    stage.load.close("there")


def rows(options: Options) -> list[Row]:
    scenario = f"two servers over Valkey, {options.foreign_rate:,} events/s"
    return [
        Row(scenario, "CPU of the other server, µs a foreign event", "foreign/cpu", (at_most(5),)),
        Row(scenario, "events/s that came about", "foreign/rate", (at_least(FULL_RATE * options.foreign_rate),)),
    ]


FOREIGN = Scenario(name="foreign", subjects=(OURS,), talks=talks, run=run, rows=rows)
