"""The launcher: its command is given both URLs, and its end leaves nothing behind."""

import os
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest
import redis

from tests.services import free_port, services

PRINT_URLS = "import os; print(os.environ['DATABASE_URL'], os.environ['REDIS_URL'], flush=True)"
PRINT_URLS_AND_STAY = f"{PRINT_URLS}; import time; time.sleep(60)"
GIVEN = {"DATABASE_URL": "postgres://given/database", "REDIS_URL": "redis://given/0"}
NOT_GIVEN = {"DATABASE_URL": "", "REDIS_URL": ""}


def launcher(*command: str, scratch: Path, **environment: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "tests.services", "--", *command],
        env={**os.environ, **environment, "TMPDIR": str(scratch)},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        process_group=0,
    )


def test_it_keeps_urls_that_are_given(tmp_path: Path) -> None:
    with launcher(sys.executable, "-c", PRINT_URLS, scratch=tmp_path, **GIVEN) as process:
        printed, _ = process.communicate()

    assert printed.split() == list(GIVEN.values())


def test_it_ends_with_the_status_of_its_command(tmp_path: Path) -> None:
    with launcher(sys.executable, "-c", "exit(7)", scratch=tmp_path, **GIVEN) as process:
        pass

    assert process.returncode == 7


@pytest.fixture
def no_urls(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in NOT_GIVEN:
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def scratch() -> Iterator[Path]:
    """A folder that every user can reach, unlike pytest's own."""
    with tempfile.TemporaryDirectory() as path:
        Path(path).chmod(0o755)
        yield Path(path)


@pytest.mark.slow
@pytest.mark.usefixtures("no_urls")
@pytest.mark.parametrize(("durable", "fsync"), [(False, "off"), (True, "on")])
def test_both_servers_answer(durable: bool, fsync: str) -> None:
    with services(durable=durable) as urls:
        with psycopg.connect(urls.database) as connection:
            assert connection.execute("SHOW fsync").fetchone() == (fsync,)
            assert connection.execute("SHOW max_connections").fetchone() == ("300",)
        with redis.Redis.from_url(urls.redis) as client:
            assert client.ping()


@pytest.mark.slow
@pytest.mark.parametrize("ending", [None, signal.SIGTERM, signal.SIGINT])
def test_it_leaves_nothing_behind(scratch: Path, ending: signal.Signals | None) -> None:
    code = PRINT_URLS_AND_STAY if ending else PRINT_URLS
    with launcher(sys.executable, "-c", code, scratch=scratch, **NOT_GIVEN) as process:
        assert process.stdout
        urls = process.stdout.readline().split()
        if ending == signal.SIGINT:
            os.killpg(process.pid, ending)  # as a terminal does
        elif ending:
            process.send_signal(ending)

    assert process.returncode == (128 + ending if ending else 0)
    assert [url for url in urls if answers(url)] == []
    assert list(scratch.iterdir()) == []


def answers(url: str) -> bool:
    address = urlsplit(url)
    with socket.socket() as probe:
        return probe.connect_ex((address.hostname, address.port)) == 0


@pytest.mark.slow
@pytest.mark.usefixtures("no_urls")
def test_it_takes_another_port_if_one_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other_program:
        taken = other_program.getsockname()[1]
        ports = iter([taken, free_port(), taken, free_port()])
        monkeypatch.setattr("tests.services.free_port", lambda: next(ports))

        with services() as urls:
            chosen = {urlsplit(url).port for url in urls}

    assert taken not in chosen
    assert len(chosen) == 2
