"""A cluster of child processes that can be killed, held still and cut off: databases, servers, and a proxy between.

`cluster(settings)` gives three servers on PostgreSQL and Valkey; `embedded()` one on SQLite. Servers reach Valkey
through `bus`, a `Proxy`. A scenario takes a group of people of its own, and ends with `Crowd.verdict`.
"""

import asyncio
import contextlib
import json
import signal
import sqlite3
import sys
from collections import defaultdict
from collections.abc import AsyncIterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import psycopg

from tests.chaos.history import Row, Stored
from tests.chaos.insides import last_told
from tests.chaos.processes import Postgres, Valkey
from tests.chaos.proxy import Proxy
from tests.e2e.servers import READY, ROOT, Environment, environment, tail
from tests.services import free_port, scratch_folder

SERVE = (sys.executable, "-m", "tests.chaos.serve", "--port")
PEOPLE = (sys.executable, "-m", "tests.chaos.people")
START_SECONDS = 60.0
SETTINGS = {"LOG_LEVEL": "WARNING", "RATE_LIMITS": "0", "WORKER": "0", "PRESENCE_GRACE_SECONDS": "2"}

MESSAGES = "SELECT id, conversation_id, seq, sender_id, client_nonce, created_at FROM messaging_message"
ONLINE = "SELECT user_id FROM accounts_connection"
LOGS = "SELECT conversation_id, seq FROM conversations_conversationevent ORDER BY id"


class ServerProcess:
    """A server on one port, through all its lives."""

    def __init__(self, env: Environment, log: Path) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.log_path = log
        self._env = env
        self._settings: dict[str, str] = {}
        self._process: asyncio.subprocess.Process | None = None

    @property
    def log(self) -> str:
        """All that it has logged in all its lives."""
        return self.log_path.read_text(errors="replace")

    @property
    def pid(self) -> int:
        """The process of this life."""
        assert self._process is not None
        return self._process.pid

    @property
    def is_well(self) -> bool:
        """Whether it runs, and with the cluster's own settings."""
        return self._process is not None and self._process.returncode is None and not self._settings

    async def start(self, **settings: str) -> None:
        """Start it with these settings beside the cluster's, and return when it listens."""
        self._settings = settings
        with self.log_path.open("a") as log:
            self._process = await asyncio.create_subprocess_exec(
                *SERVE,
                str(self.port),
                cwd=ROOT,
                env={**self._env, **settings},
                stdout=asyncio.subprocess.PIPE,
                stderr=log,
            )
        assert self._process.stdout is not None
        async with asyncio.timeout(START_SECONDS):
            while line := await self._process.stdout.readline():
                if READY.match(line.decode()):
                    return
        raise AssertionError(f"A server did not start:\n{tail(self.log)}")

    async def kill(self) -> None:
        """End it as `kill -9` does."""
        await self._end(signal.SIGKILL)

    async def insides(self) -> dict[str, Any]:
        """Return what it holds."""
        before = len(self.log)
        self.send_signal(signal.SIGUSR1)
        async with asyncio.timeout(START_SECONDS):
            while not (told := last_told(self.log[before:])):
                await asyncio.sleep(0.05)
        return told

    async def terminate(self) -> int:
        """End it politely; return its status."""
        return await self._end(signal.SIGTERM)

    async def restart(self, **settings: str) -> None:
        """Kill it and start it anew."""
        await self.kill()
        await self.start(**settings)

    async def crashed(self, seconds: float) -> int | None:
        """Wait until it ends by itself; return its status, or None where it goes on."""
        assert self._process is not None
        with contextlib.suppress(TimeoutError):
            return await asyncio.wait_for(self._process.wait(), seconds)
        return None

    def suspend(self) -> None:
        """Hold it still."""
        self.send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        """Let it go on."""
        self.send_signal(signal.SIGCONT)

    def send_signal(self, number: signal.Signals) -> None:
        """Send it a signal, if it runs."""
        if self._process is not None and self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                self._process.send_signal(number)

    async def _end(self, number: signal.Signals) -> int:
        self.resume()
        self.send_signal(number)
        assert self._process is not None
        return await self._process.wait()


class Cluster:
    """Servers on one database. `postgres`, `valkey` and `bus` are None in the embedded mode."""

    def __init__(
        self,
        folder: Path,
        postgres: Postgres | None,
        valkey: Valkey | None,
        bus: Proxy | None,
        servers: int,
        settings: Mapping[str, str],
    ) -> None:
        self.postgres = postgres
        self.valkey = valkey
        self.bus = bus
        self._sqlite = folder / "chaos.sqlite3"
        redis_url = f"redis://127.0.0.1:{bus.port}/0" if bus else ""
        database_url = postgres.url if postgres else f"sqlite:///{self._sqlite}"
        self.env = environment(database_url, redis_url, **{**SETTINGS, **settings})
        self.servers = [ServerProcess(self.env, folder / f"server{number}.log") for number in range(servers)]

    @property
    def urls(self) -> list[str]:
        """Where the servers are."""
        return [server.url for server in self.servers]

    async def people(self, groups: int, users: int, channels: int, members: int) -> list[dict[str, Any]]:
        """Make the tables, and for each scenario its people."""
        numbers = map(str, (groups, users, channels, members))
        process = await asyncio.create_subprocess_exec(
            *PEOPLE, *numbers, cwd=ROOT, env=self.env, stdout=asyncio.subprocess.PIPE
        )
        made, _ = await process.communicate()
        assert process.returncode == 0, "The people could not be made."
        found: list[dict[str, Any]] = json.loads(made)
        return found

    async def start(self, **settings: str) -> None:
        """Start every server."""
        await asyncio.gather(*(server.start(**settings) for server in self.servers))

    async def restart(self, **settings: str) -> None:
        """Kill every server and start it anew, all at once."""
        await asyncio.gather(*(server.restart(**settings) for server in self.servers))

    async def heal(self) -> None:
        """Put right what a scenario has left broken."""
        if self.valkey is not None and self.bus is not None:
            self.valkey.resume()
            if not self.valkey.is_running:
                await asyncio.to_thread(self.valkey.start)
            self.bus.heal()
        for server in self.servers:
            server.resume()
        await asyncio.gather(*(server.restart() for server in self.servers if not server.is_well))

    async def stop(self) -> None:
        """Kill every server."""
        started = [server for server in self.servers if server._process is not None]
        await asyncio.gather(*(server.kill() for server in started))

    def stored(self, conversations: set[str]) -> Stored:
        """Return what the database holds of some conversations."""
        messages = [
            Row(id=_id(row[0]), conversation=_id(row[1]), seq=row[2], sender=row[3], nonce=row[4], at=_seconds(row[5]))
            for row in self._rows(MESSAGES)
            if _id(row[1]) in conversations
        ]
        logs = defaultdict(list)
        for conversation, seq in self._rows(LOGS):
            if _id(conversation) in conversations:
                logs[_id(conversation)].append(seq)
        return Stored(messages=messages, logs=dict(logs))

    def online(self) -> set[str]:
        """Return who is noted as connected to some server."""
        return {str(row[0]) for row in self._rows(ONLINE)}

    def _rows(self, query: str) -> list[Any]:
        if self.postgres is not None:
            with psycopg.connect(self.postgres.url) as connection:
                return list(connection.execute(query))
        with contextlib.closing(sqlite3.connect(self._sqlite)) as connection:
            return list(connection.execute(query))


def _id(value: Any) -> str:
    """Return a UUID in the wire's spelling; SQLite keeps it without hyphens."""
    text = str(value)
    return text if "-" in text else f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def _seconds(value: Any) -> float:
    moment = value if isinstance(value, datetime) else datetime.fromisoformat(f"{value}+00:00")
    return moment.timestamp()


@contextlib.asynccontextmanager
async def cluster(settings: Mapping[str, str], servers: int = 3) -> AsyncIterator[Cluster]:
    """Yield a cluster on PostgreSQL and Valkey, its servers yet to be started, all with these settings."""
    with scratch_folder("chaos") as folder:
        folder.chmod(0o755)  # PostgreSQL runs as another user
        postgres, valkey = Postgres(folder / "postgres"), Valkey(folder / "valkey")
        bus = Proxy(valkey.port)
        made: Cluster | None = None
        try:
            postgres.start()
            valkey.start()
            await bus.start()
            made = Cluster(folder, postgres, valkey, bus, servers, settings)
            yield made
        finally:
            if made is not None:
                await made.stop()
            await bus.stop()
            valkey.kill()
            postgres.kill()


@contextlib.asynccontextmanager
async def embedded() -> AsyncIterator[Cluster]:
    """Yield one server on SQLite and in memory, yet to be started."""
    with scratch_folder("chaos") as folder:
        made = Cluster(folder, None, None, None, 1, {})
        try:
            yield made
        finally:
            await made.stop()
