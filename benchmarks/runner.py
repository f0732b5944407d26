"""Rounds: each server has its turn at each scenario, then each again, so that a slow minute meets all of them."""

import contextlib
import os
import resource
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import msgspec
import psycopg

from benchmarks.databases import Databases, databases
from benchmarks.load import load_generator
from benchmarks.meters import Meter, machine_cpu
from benchmarks.options import Options
from benchmarks.processes import BenchmarkError, Running, pinned, running
from benchmarks.scenarios import SCENARIOS
from benchmarks.scenarios.scenario import Scenario
from benchmarks.stage import Stage
from benchmarks.subjects import OURS, PEERS, Subject
from benchmarks.table import Row, Samples
from benchmarks.world import Talk
from tests.services import services

Tell = Callable[[str], None]

BUSY = 0.9  # of a core: a load generator that takes more holds the server up
NOISY = 0.1  # of a core: other programs that take more make the figures worse


class Outcome(msgspec.Struct):
    """What a run has brought."""

    samples: Samples
    rows: list[Row]
    faults: list[str]
    busy: list[str]
    strangers: list[float]
    postgres: str
    durability: dict[str, str]


class Turn(msgspec.Struct, frozen=True):
    """One server at work on some scenarios, in one round."""

    number: int
    subject: Subject
    scenarios: list[Scenario]

    def __str__(self) -> str:
        return f"round {self.number + 1}: {self.subject.name}: {', '.join(one.name for one in self.scenarios)}"


def run(options: Options, tell: Tell) -> Outcome:
    """Run what the options ask for."""
    chosen = [scenario for name, scenario in SCENARIOS.items() if not options.only or name in options.only]
    _lift_limit_of_files()
    tell("PostgreSQL and Valkey start, and are filled")
    with (
        services(durable=True) as urls,
        databases(urls.database, OURS.name, [peer.name for peer in PEERS], _world(chosen, options)) as made,
        tempfile.TemporaryDirectory(prefix="stoory-bench-") as folder,
    ):
        outcome = Outcome(
            samples=Samples(),
            rows=[row for scenario in chosen for row in scenario.rows(options)],
            faults=[],
            busy=[],
            strangers=[],
            postgres=made.version,
            durability=made.durability,
        )
        turns = list(_turns(chosen, options))
        for number, turn in enumerate(turns, 1):
            tell(f"[{number}/{len(turns)}] {turn}")
            _Taker(options, made, urls.redis, Path(folder), outcome).take(turn)
    return outcome


def _turns(chosen: Sequence[Scenario], options: Options) -> Iterator[Turn]:
    """Yield the turns in order: all servers on one scenario, round after round; a quick run starts each server once."""
    blocks = [list(chosen)] if options.is_quick else [[scenario] for scenario in chosen]
    for block in blocks:
        for number in range(options.rounds):
            for subject in (OURS, *PEERS):
                scenarios = [scenario for scenario in block if subject in scenario.subjects]
                if scenarios:
                    yield Turn(number, subject, scenarios)


def _world(chosen: Sequence[Scenario], options: Options) -> list[Talk]:
    """Return the talks that the scenarios need, each once."""
    talks = {talk.id: talk for scenario in chosen for talk in scenario.talks(options)}
    return list(talks.values())


def _lift_limit_of_files() -> None:
    """Let the servers and the load generator open as many sockets as the system grants."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


class _Taker:
    """Takes turns: starts a server, runs the scenarios on it, keeps what they bring."""

    def __init__(self, options: Options, databases: Databases, redis_url: str, folder: Path, outcome: Outcome) -> None:
        self._options = options
        self._databases = databases
        self._redis_url = redis_url
        self._folder = folder
        self._outcome = outcome

    def take(self, turn: Turn) -> None:
        """Run a turn, and note how much of a core other programs took meanwhile, if it was much."""
        ours = Meter(os.getpid(), *self._databases.server.pids)
        began, of_machine, of_ours = time.monotonic(), machine_cpu(), ours.cpu()
        self._run(turn)
        strangers = machine_cpu() - of_machine - (ours.cpu() - of_ours)
        share = strangers / (time.monotonic() - began)
        if share > NOISY:
            self._outcome.strangers.append(share)

    def _run(self, turn: Turn) -> None:
        """Run a turn; what fails is noted, and the next one begins."""
        try:
            with (
                self._server(turn.subject) as server,
                load_generator(self._options.load_core) as load,
                psycopg.connect(self._databases.urls[turn.subject.name], autocommit=True) as connection,
            ):
                for scenario in turn.scenarios:
                    stage = Stage(
                        options=self._options,
                        subject=turn.subject,
                        server=server,
                        load=load,
                        postgres=self._databases.server,
                        database=connection,
                        another=lambda: self._server(turn.subject),
                        name=f"{scenario.name}-{time.time_ns()}",
                        loads=[],
                    )
                    self._keep(turn, scenario, stage)
        except BenchmarkError as error:
            self._outcome.faults.append(f"{turn}: {error}")

    def _keep(self, turn: Turn, scenario: Scenario, stage: Stage) -> None:
        for key, value in scenario.run(stage).items():
            self._outcome.samples.add(turn.number, turn.subject.name, key, value)
        if stage.loads and max(stage.loads) > BUSY:
            self._outcome.busy.append(f"{turn.subject.name} in {scenario.name}: {max(stage.loads):.0%} of a core")

    @contextlib.contextmanager
    def _server(self, subject: Subject) -> Iterator[Running]:
        command = [*pinned(self._options.server_core), *subject.command]
        environment = subject.environment(self._databases.urls[subject.name], self._redis_url, self._options.settings)
        log = self._folder / f"{subject.name}-{time.time_ns()}.log"
        with running(command, environment, log) as server:
            yield server
        if "Traceback" in (written := log.read_text(errors="replace")):
            raise BenchmarkError(f"{subject.name} left a traceback:\n{written[-2000:]}")
