"""What a scenario has to work with: one server that runs, its meters, and the load generator."""

import contextlib
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import Any

import msgspec
import psycopg
from psycopg import sql

from benchmarks.load import CheckFailedError, Load, Operated
from benchmarks.meters import Meter
from benchmarks.options import Options
from benchmarks.processes import Running
from benchmarks.subjects import Subject
from benchmarks.world import Seat

WARM_UP = 400  # operations before the first measurement: caches, prepared statements, compiled JavaScript
SETTLE_SECONDS = 60.0
MICRO = 1e6


class Usage(msgspec.Struct):
    """What one measurement used: seconds."""

    server: float = 0.0
    postgres: float = 0.0
    seconds: float = 0.0


class Stage(msgspec.Struct, frozen=True):
    """A server under test, at work for one scenario after the other."""

    options: Options
    subject: Subject
    server: Running
    load: Load
    postgres: Meter
    database: psycopg.Connection
    another: Callable[[], AbstractContextManager[Running]]
    name: str
    loads: list[float]

    @contextlib.contextmanager
    def measured(self, server: Meter | None = None) -> Iterator[Usage]:
        """Measure what the server and PostgreSQL use in the block; what was written before is on disk already."""
        with contextlib.suppress(psycopg.errors.InsufficientPrivilege):
            self.database.execute("CHECKPOINT")
        meter, usage = server or self.server.meter, Usage()
        began, of_server, of_postgres = time.monotonic(), meter.cpu(), self.postgres.cpu()
        yield usage
        usage.server = meter.cpu() - of_server
        usage.postgres = self.postgres.cpu() - of_postgres
        usage.seconds = time.monotonic() - began

    @contextlib.contextmanager
    def clients(self, seats: list[Seat], group: str = "clients", url: str = "") -> Iterator[None]:
        """Have clients connected and joined, and the server at rest, in the block."""
        self.load.open(group, url or self.server.url, seats)
        self.settle()
        yield
        self.load.close(group)
        self.settle()

    def settle(self) -> None:
        """Wait until the server has finished what it does in the background."""
        self.server.meter.wait_until_still(self.options.settle, SETTLE_SECONDS)

    def warm_up(self, group: str, mix: dict[str, int], count: int = WARM_UP, in_flight: int = 10) -> None:
        """Do a little of everything, unmeasured."""
        few = min(count, self.options.messages)
        self._operate(group, f"{self.name}-{group}-warm-up", count=few, inFlight=in_flight, mix=mix)

    def operate(self, group: str, name: str, *, mix: dict[str, int], **load: float) -> tuple[Operated, Usage]:
        """Have a group of clients do something, and check that as many messages were stored as sent."""
        stored = self._stored()
        with self.measured() as usage:
            operated = self._operate(group, f"{self.name}-{name}", mix=mix, **load)
        self.loads.append(operated.load)
        if (rows := self._stored() - stored) != operated.did["send"]:
            raise CheckFailedError(f"{operated.did['send']} sends, {rows} rows")
        return operated, usage

    def _operate(self, group: str, name: str, **load: object) -> Operated:
        options = self.options
        given: dict[str, Any] = {"count": options.messages, "seconds": options.seconds, "sizes": options.sizes, **load}
        return self.load.operate(group, name=name, **given)

    def _stored(self) -> int:
        count = sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(self.subject.messages))
        row = self.database.execute(count).fetchone()
        return int(row[0]) if row else 0
