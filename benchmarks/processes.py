"""Servers as processes: on a core of their own, ready when they say so, and surely ended."""

import contextlib
import os
import shutil
import subprocess
import threading
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import msgspec

from benchmarks.meters import Meter

HERE = Path(__file__).parent
READY = "Listening on "
START_SECONDS = 60.0
STOP_SECONDS = 20.0
LOG_LINES = 30


class BenchmarkError(Exception):
    """A process did not do what it had to."""


class Running(msgspec.Struct, frozen=True):
    """A server that listens."""

    url: str
    meter: Meter


def pinned(core: int) -> list[str]:
    """Return the words before a command that keep it on one core; none where that can't be."""
    can_pin = shutil.which("taskset") is not None and core in os.sched_getaffinity(0)
    return ["taskset", "-c", str(core)] if can_pin else []


@contextlib.contextmanager
def running(command: Sequence[str], environment: Mapping[str, str], log: Path) -> Iterator[Running]:
    """Start a server and yield it once it listens; what it says on stderr goes to `log`."""
    with (
        log.open("wb") as errors,
        subprocess.Popen(
            command, cwd=HERE.parent, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=errors
        ) as process,
    ):
        try:
            yield Running(_url(process, log), Meter(process.pid))
        finally:
            end(process)


def end(process: subprocess.Popen[bytes]) -> None:
    """End a process politely, or by force."""
    process.terminate()
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()


def _url(process: subprocess.Popen[bytes], log: Path) -> str:
    assert process.stdout is not None
    with killed_after(START_SECONDS, process):
        for line in process.stdout:
            if line.startswith(READY.encode()):
                return line.decode().removeprefix(READY).strip()
    said = "\n".join(log.read_text(errors="replace").splitlines()[-LOG_LINES:])
    raise BenchmarkError(f"A server did not start:\n{said}")


@contextlib.contextmanager
def killed_after(seconds: float, process: subprocess.Popen[bytes]) -> Iterator[None]:
    """Kill a process if the block lasts longer: whoever waits for a line of it reads its end then."""
    timer = threading.Timer(seconds, process.kill)
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
