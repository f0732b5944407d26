"""Our end of the load generator: what it is told, and what it says came of it."""

import contextlib
import subprocess
from collections.abc import Iterator, Sequence
from typing import Any, TypeVar

import msgspec

from benchmarks.processes import HERE, BenchmarkError, end, killed_after, pinned
from benchmarks.subjects import token
from benchmarks.world import Seat

AT_ONCE = 100
PATIENCE_SECONDS = 60.0  # with a load generator that is late

Answer = TypeVar("Answer")


class CheckFailedError(BenchmarkError):
    """A server did something else than it was asked: its figures mean nothing."""


class Opened(msgspec.Struct):
    """What came of connecting."""

    opened: int
    seconds: float
    load: float


class Heard(msgspec.Struct):
    """How much of a kind a group has heard, and how many of its connections the server closed."""

    heard: int
    lost: int


class Operated(msgspec.Struct):
    """What came of operations: times in ms, `load` the share of a core that the generator took."""

    issued: int
    acknowledged: int
    twice: int
    refused: int
    did: dict[str, int]
    expected: dict[str, int]
    heard: dict[str, int]
    unknown: int
    lost: int
    error: str
    p50: float
    p99: float
    seconds: float
    load: float

    @property
    def deliveries(self) -> int:
        """How many events the clients heard."""
        return sum(self.heard.values())

    @property
    def rate(self) -> float:
        """Acknowledged operations a second."""
        return self.acknowledged / self.seconds

    def check(self) -> None:
        """Fail unless each operation was acknowledged once, and each delivery heard."""
        faults = {
            "not acknowledged": self.issued - self.acknowledged,
            "acknowledged twice": self.twice,
            "refused": self.refused,
            "connections lost": self.lost,
            "unknown events": self.unknown,
        }
        for kind, count in self.expected.items():
            faults[f"{kind} heard too often or not at all"] = abs(self.heard[kind] - count)
        found = ", ".join(f"{count} {fault}" for fault, count in faults.items() if count)
        if found or not self.issued:
            raise CheckFailedError(f"{self.issued} operations: {found or 'nothing was done'} {self.error}".rstrip())


class Answered(msgspec.Struct):
    """What came of REST requests: times in ms, and the first answer of each path."""

    answered: int
    bytes: int
    wrong: str
    first: dict[str, Any]
    p50: float
    p99: float
    seconds: float
    load: float

    def check(self) -> None:
        """Fail unless each answer brought the rows that it had to."""
        if self.wrong or not self.answered:
            raise CheckFailedError(self.wrong or "nothing was answered")


class Load:
    """A load generator that runs."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self._process = process

    def open(self, group: str, url: str, seats: Sequence[Seat], contracts: Sequence[str] = ("chat",)) -> Opened:
        """Connect, authenticate and join a group of clients; each has been answered then."""
        opened = self._ask(
            "open",
            Opened,
            60 + len(seats) / 50,
            group=group,
            url=url,
            seats=[{"token": token(seat.user), "conversation": seat.conversation} for seat in seats],
            contracts=contracts,
            atOnce=AT_ONCE,
        )
        if opened.opened != len(seats):
            raise CheckFailedError(f"{opened.opened} of {len(seats)} clients have joined")
        return opened

    def close(self, group: str) -> None:
        """Have a group of clients vanish."""
        self._ask("close", dict, 60, group=group)

    def operate(self, group: str, seconds: float, **load: Any) -> Operated:
        """Have a group do something, for `seconds` at most; the result is checked."""
        operated = self._ask("operate", Operated, seconds, group=group, **load)
        operated.check()
        return operated

    def hear(self, group: str, kind: str, count: int, seconds: float) -> Heard:
        """Wait until a group has heard `count` events of a kind."""
        return self._ask("hear", Heard, seconds, group=group, kind=kind, count=count)

    def request(self, seconds: float, **load: Any) -> Answered:
        """Read by REST, for `seconds` at most; the answers are checked."""
        answered = self._ask("request", Answered, seconds, **load)
        answered.check()
        return answered

    def _ask(self, command: str, answer_kind: type[Answer], seconds: float, **parameters: Any) -> Answer:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(msgspec.json.encode({"do": command, "seconds": seconds, **parameters}) + b"\n")
        self._process.stdin.flush()
        with killed_after(seconds + PATIENCE_SECONDS, self._process):
            answer = self._process.stdout.readline()
        if not answer:
            raise BenchmarkError(f"The load generator ended while it was to {command}")
        if answer.startswith(b'{"failed"'):
            raise CheckFailedError(msgspec.json.decode(answer)["failed"])
        return msgspec.json.decode(answer, type=answer_kind)


@contextlib.contextmanager
def load_generator(core: int) -> Iterator[Load]:
    """Run a load generator on one core."""
    command = [*pinned(core), "node", str(HERE / "load" / "generator.mjs")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        try:
            yield Load(process)
        finally:
            end(process)
