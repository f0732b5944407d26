"""One message to many: a channel whose members are all connected, one message at a time."""

from benchmarks.options import Options
from benchmarks.scenarios.scenario import Figures, Scenario
from benchmarks.stage import MICRO, Stage
from benchmarks.subjects import BEST, OURS
from benchmarks.table import Row, at_most
from benchmarks.world import Talk, channel, seats

SENDS = {"send": 1}
WARM_UP = 20
EVENTS_A_MEMBER = 2  # the message, and that the list of conversations has changed


def talks(options: Options) -> list[Talk]:
    return [channel(size) for size in options.members]


def run(stage: Stage) -> Figures:
    found: Figures = {}
    for size in stage.options.members:
        with stage.clients(seats([channel(size)], size), f"channel {size}"):
            count = max(1, stage.options.deliveries // (EVENTS_A_MEMBER * size))
            stage.warm_up(f"channel {size}", SENDS, WARM_UP, in_flight=1)
            operated, usage = stage.operate(f"channel {size}", f"fanout-{size}", mix=SENDS, inFlight=1, count=count)
        found[f"fanout/{size}/cpu"] = usage.server / operated.deliveries * MICRO
        found[f"fanout/{size}/rate"] = operated.deliveries / operated.seconds
    return found


def rows(options: Options) -> list[Row]:
    return [
        row
        for size in options.members
        for row in (
            Row(
                f"fan-out to {size:,} members",
                "CPU of server, µs a delivery",
                f"fanout/{size}/cpu",
                (at_most(0.65, "best"),),
            ),
            Row(f"fan-out to {size:,} members", "deliveries/s", f"fanout/{size}/rate"),
        )
    ]


FANOUT = Scenario(name="fanout", subjects=(OURS, BEST), talks=talks, run=run, rows=rows)
