"""Real servers for the stories: a database of their own, and processes that are started and ended politely."""

import contextlib
import fcntl
import json
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit
from uuid import uuid4

import psycopg
from psycopg import sql

ROOT = Path(__file__).resolve().parents[2]
READY = re.compile(r"(?:Listening on|stoory is running:) (http\S+)")
STOP_SECONDS = 20.0
CLEAN_EXITS = (0, -signal.SIGTERM)
SERVE = ("manage.py", "serve", "--port", "0")

SETTINGS = {
    "DEBUG": "1",
    "LOG_LEVEL": "INFO",
    "REPAIR_SECONDS": "1",  # the stories wait for repairs and for presence
    "PRESENCE_GRACE_SECONDS": "1",
    "SECRET_KEY": "a key for the stories only, long enough to be taken for a real one",
    "DJANGO_SETTINGS_MODULE": "stoory.settings",  # not the one of pytest
}
OF_THE_TESTS = ("DATABASE_POOL_SIZE",)  # tests/settings.py writes it into the environment

# One process for both.
MAKE_DEMO = """
from django.core.management import call_command
call_command("migrate", verbosity=0)
call_command("demo", json=True)
"""

Environment = dict[str, str]


class Server:
    """A running `manage.py serve`; what it says on stderr goes to a file."""

    def __init__(self, process: subprocess.Popen[str], log: Path, url: str) -> None:
        self.process = process
        self.log_path = log
        self.url = url

    @property
    def log(self) -> str:
        """All that it has logged so far."""
        return self.log_path.read_text(errors="replace")


def environment(database_url: str, redis_url: str, **settings: str) -> Environment:
    """Return the environment of a server's process."""
    inherited = {name: value for name, value in os.environ.items() if name not in OF_THE_TESTS}
    bus = {"REDIS_URL": redis_url, "REDIS_PREFIX": urlsplit(database_url).path.strip("/") or "tests"}
    return {**inherited, **SETTINGS, "DATABASE_URL": database_url, **bus, **settings}


def manage(env: Environment, *arguments: str) -> str:
    """Run a management command to its end and return what it prints."""
    command = [sys.executable, "manage.py", *arguments]
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"manage.py {arguments[0]} failed:\n{done.stdout}{done.stderr}"
    return done.stdout


def demo(env: Environment, shared: Path) -> dict[str, Any]:
    """Make the tables and the demo data; return its users and conversations.

    On SQLite that is done once, in a folder that the workers of a run share, and copied.
    """
    scheme, _, path = env["DATABASE_URL"].partition(":///")
    if scheme != "sqlite":
        return _make_demo(env)
    made, cast = shared / "demo.sqlite3", shared / "demo.json"
    with (shared / "demo.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not cast.exists():
            cast.write_text(json.dumps(_make_demo(env | {"DATABASE_URL": f"sqlite:///{made}"})))
    shutil.copyfile(made, path)
    known: dict[str, Any] = json.loads(cast.read_text())
    return known


def _make_demo(env: Environment) -> dict[str, Any]:
    made: dict[str, Any] = json.loads(manage(env, "shell", "-v", "0", "-c", MAKE_DEMO))
    return made


@contextlib.contextmanager
def serve(
    env: Environment, log: Path, *options: str, ends: Sequence[int] = CLEAN_EXITS, command: Sequence[str] = SERVE
) -> Iterator[Server]:
    """Run a server on a free port, which is yielded once it says that it listens; its end must be one of `ends`."""
    started = [sys.executable, *command, *options]
    with (
        log.open("w") as errors,
        subprocess.Popen(started, cwd=ROOT, env=env, stdout=subprocess.PIPE, stderr=errors, text=True) as process,
    ):
        try:
            yield Server(process, log, _wait_until_ready(process, log))
        finally:
            _stop(process)
    written = log.read_text(errors="replace")
    assert process.returncode in ends, f"A server ended with status {process.returncode}:\n{tail(written)}"
    assert "Traceback" not in written, f"A server left a traceback:\n{tail(written)}"


def _wait_until_ready(process: subprocess.Popen[str], log: Path) -> str:
    assert process.stdout is not None
    for line in process.stdout:
        if ready := READY.match(line):
            return ready[1]
    raise AssertionError(f"A server did not start:\n{tail(log.read_text(errors='replace'))}")


def _stop(process: subprocess.Popen[str]) -> None:
    process.terminate()
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()


def tail(text: str, lines: int = 40) -> str:
    """Return the end of a log."""
    return "\n".join(text.splitlines()[-lines:])


@contextlib.contextmanager
def fresh_database(given: str, name: str, folder: Path) -> Iterator[str]:
    """Yield the URL of an empty database: on the PostgreSQL at `given`, or where none is given an SQLite file."""
    if not given:
        yield f"sqlite:///{folder / 'stories.sqlite3'}"
        return
    unique = f"{name}_{uuid4().hex[:8]}"
    _administer(given, "CREATE DATABASE {}", unique)
    try:
        yield urlunsplit(urlsplit(given)._replace(path=f"/{unique}"))
    finally:
        _administer(given, "DROP DATABASE {} WITH (FORCE)", unique)


def _administer(url: str, statement: str, database: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(sql.SQL(statement).format(sql.Identifier(database)))
