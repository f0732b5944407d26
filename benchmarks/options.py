"""What a run measures, and how much of it: the command line."""

from argparse import ArgumentParser, ArgumentTypeError
from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec

RESULTS = Path(__file__).parent / "results.md"
OPERATIONS = ("send", "typing", "read")


class Options(msgspec.Struct, frozen=True, kw_only=True):
    """One run. The defaults are those of the goals."""

    only: tuple[str, ...] = ()
    rounds: int = 3
    seconds: float = 8.0
    settle: float = 1.0
    messages: int = 30_000
    clients: int = 400
    conversations: int = 200
    in_flight: tuple[int, ...] = (1, 10, 100)
    sizes: tuple[int, ...] = (60,)
    mix: dict[str, int] = msgspec.field(default_factory=lambda: {"send": 70, "typing": 20, "read": 10})
    members: tuple[int, ...] = (200, 2_000)
    deliveries: int = 400_000
    sockets: int = 5_000
    connections: tuple[int, ...] = (1_000, 5_000, 10_000)
    depths: tuple[int, ...] = (0, 1_000, 100_000)
    paging: str = "cursor"
    listed: int = 1_000
    requests: int = 3_000
    foreign_rate: int = 1_000
    settings: dict[str, str] = {}
    server_core: int = 0
    load_core: int = 1
    is_quick: bool = False
    as_json: bool = False
    results: Path | None = None


QUICK = {
    "rounds": 1,
    "seconds": 0.5,
    "settle": 0.2,
    "messages": 60,
    "clients": 20,
    "conversations": 10,
    "in_flight": (1, 10),
    "members": (10, 20),
    "deliveries": 400,
    "sockets": 100,
    "connections": (20, 100),
    "depths": (0, 100),
    "listed": 60,
    "requests": 20,
    "foreign_rate": 200,
}
"""What `--quick` takes instead of the defaults: enough to see that everything runs, not to trust a figure."""


def parse(arguments: Sequence[str], scenarios: Sequence[str]) -> Options:
    """Return the options of a command line; ends the program where it makes no sense."""
    parser = _parser(scenarios)
    given = {name: value for name, value in vars(parser.parse_args(arguments)).items() if value is not None}
    given["settings"] = dict(given.pop("settings", []))
    if given.get("is_quick"):
        given = QUICK | given
    if "only" not in given and not given.get("is_quick"):
        given.setdefault("results", RESULTS)
    options = Options(**given)
    if options.clients > 2 * options.conversations:
        parser.error("a conversation has two people: at most twice as many clients as conversations")
    return options


def _parser(scenarios: Sequence[str]) -> ArgumentParser:
    parser = ArgumentParser(
        prog="python -m benchmarks",
        description="Compare stoory with two Node servers on the same work, in turns and on the same core.",
    )
    add = parser.add_argument
    add("--only", type=_names(scenarios), metavar="NAMES", help=f"some of {','.join(scenarios)}")
    add("--quick", dest="is_quick", action="store_true", default=None, help="a tiny round, to see that all of it runs")
    add("--rounds", type=_positive, help="how often each server has its turn (3)")
    add("--seconds", type=float, help="longest time of one measurement (8)")
    add("--settle", type=float, help="time at rest by which a server has finished its work in the background (1)")
    add("--messages", type=_positive, help="most operations of one measurement (30000)")
    add("--clients", type=_positive, help="clients that send (400)")
    add("--conversations", type=_positive, help="conversations that they are in (200)")
    add("--in-flight", type=_numbers, help="sends under way at a time (1,10,100)")
    add("--sizes", type=_numbers, help="characters of a message; several take turns (60)")
    add("--mix", type=_mix, help="shares of operations in the mix (send=70,typing=20,read=10)")
    add("--members", type=_numbers, help="members of the channels of the fan-out (200,2000)")
    add("--deliveries", type=_positive, help="most deliveries of one fan-out (400000)")
    add("--sockets", type=_positive, help="idle sockets (5000)")
    add("--connections", type=_numbers, help="sockets that come and go at once (1000,5000,10000)")
    add("--depths", type=_depths, help="how many messages deep the pages of history lie (0,1000,100000)")
    add("--paging", choices=("cursor", "page"), help="how history is asked for: by place or by page number (cursor)")
    add("--listed", type=_positive, help="conversations of the user whose list is read (1000)")
    add("--requests", type=_positive, help="most requests of one measurement (3000)")
    add("--foreign-rate", type=_positive, help="foreign events a second (1000)")
    add(
        "--set",
        dest="settings",
        type=_setting,
        action="append",
        metavar="NAME=VALUE",
        help="a setting of our server; may be repeated",
    )
    add("--server-core", type=int, help="core of the server that is measured (0)")
    add("--load-core", type=int, help="core of the load generator (1)")
    add("--json", dest="as_json", action="store_true", default=None, help="print every sample as JSON, not the table")
    add("--results", type=Path, help="where to write the table; benchmarks/results.md for a whole run")
    return parser


def _names(known: Sequence[str]) -> Callable[[str], tuple[str, ...]]:
    def names(text: str) -> tuple[str, ...]:
        given = tuple(text.split(","))
        if unknown := set(given) - set(known):
            raise ArgumentTypeError(f"there is no {', '.join(sorted(unknown))}; there is {', '.join(known)}")
        return given

    return names


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise ArgumentTypeError("at least 1")
    return number


def _numbers(text: str) -> tuple[int, ...]:
    return tuple(_positive(part) for part in text.split(","))


def _depths(text: str) -> tuple[int, ...]:
    depths = tuple(int(part) for part in text.split(","))
    if min(depths) < 0:
        raise ArgumentTypeError("at least 0")
    return depths


def _mix(text: str) -> dict[str, int]:
    shares = {name: _positive(share or "1") for name, _, share in (part.partition("=") for part in text.split(","))}
    if unknown := set(shares) - set(OPERATIONS):
        raise ArgumentTypeError(f"there is no {', '.join(sorted(unknown))}; there is {', '.join(OPERATIONS)}")
    return shares


def _setting(text: str) -> tuple[str, str]:
    name, separator, value = text.partition("=")
    if not separator:
        raise ArgumentTypeError("NAME=VALUE")
    return name, value
