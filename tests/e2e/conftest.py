"""The stage of the stories: two servers on PostgreSQL and Valkey where both are given, else one on SQLite."""

import contextlib
import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.playing import play
from tests.e2e.servers import Environment, Server, demo, environment, fresh_database, manage, serve, tail

HERE = Path(__file__).resolve().parent
HAS_SERVICES = bool(os.environ.get("DATABASE_URL") and os.environ.get("REDIS_URL"))
TRANSPORTS = ("websocket", "polling", "upgrade") if HAS_SERVICES else ("upgrade",)  # which begins with polling
STORY_SECONDS = 30.0
IMPATIENCE_SECONDS = "1.5"

# What no REST route gives out: tokens that were good once, and one that will not be for long.
MAKE_TOKENS = """
import json
from datetime import timedelta
from stoory.accounts.models import User
from stoory.auth import issue_token
alice = User.objects.get(username="alice")
gone, _ = User.objects.get_or_create(username="gone")
tokens = {
    "expired": issue_token(alice, timedelta(seconds=-1))["token"],
    "expiring": issue_token(alice, timedelta(seconds=60))["token"],
    "deactivated": issue_token(gone)["token"],
}
User.objects.filter(pk=gone.pk).update(is_active=False)
print(json.dumps(tokens))
"""

Tell = Callable[..., str]


class Stage:
    """Servers that share one database and one bus, and what the demo data holds."""

    def __init__(self, env: Environment, servers: list[Server], cast: dict[str, Any], folder: Path) -> None:
        self.env = env
        self.servers = servers
        self.cast = cast
        self.folder = folder

    def logs(self) -> list[str]:
        """What each server has logged so far."""
        return [server.log for server in self.servers]


@pytest.fixture(scope="session")
def stage(worker_id: str, shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """The servers and their cast."""
    given, redis_url = (os.environ["DATABASE_URL"], os.environ["REDIS_URL"]) if HAS_SERVICES else ("", "")
    folder = tmp_path_factory.mktemp("stories")
    with contextlib.ExitStack() as stack:
        url = stack.enter_context(fresh_database(given, f"stories_{worker_id}", folder))
        env = environment(url, redis_url)
        cast = demo(env, shared)
        logs = [folder / f"server{number}.log" for number in range(2 if redis_url else 1)]
        servers = [stack.enter_context(serve(env, log)) for log in logs]
        yield Stage(env, servers, cast, folder)


@pytest.fixture(scope="session")
def impatient(stage: Stage) -> Iterator[Stage]:
    """The same stage, with a server that waits less long for a client to authenticate."""
    env = stage.env | {"AUTH_DEADLINE_SECONDS": IMPATIENCE_SECONDS}
    with serve(env, stage.folder / "impatient.log") as server:
        yield Stage(env, [server], stage.cast, stage.folder)


@pytest.fixture
def strict(stage: Stage) -> Iterator[Stage]:
    """The same stage, with a server of its own that allows little, and has forgotten who has asked for what."""
    limits = {"LIMIT_SEND": "3/h", "CONNECTIONS_PER_USER": "2", "CONNECTIONS_PER_ADDRESS": "3"}
    with serve(stage.env | {"RATE_LIMITS": "1", "REDIS_URL": ""} | limits, stage.folder / "strict.log") as server:
        yield Stage(stage.env, [server], stage.cast, stage.folder)


@pytest.fixture
def tokens(stage: Stage) -> dict[str, str]:
    """Tokens by what is wrong with them."""
    made: dict[str, str] = json.loads(manage(stage.env, "shell", "-v", "0", "-c", MAKE_TOKENS))
    return made


@pytest.fixture(params=TRANSPORTS)
def transport(request: pytest.FixtureRequest) -> str:
    """How the clients connect; `upgrade` is what socket.io-client does by itself."""
    return str(request.param)


@pytest.fixture(scope="session")
def client_installed() -> None:
    """The published client, installed as package-lock.json says."""
    assert (HERE / "node_modules" / "socket.io-client").exists(), "socket.io-client is missing: run `make setup`."


@pytest.fixture
def tell(stage: Stage, transport: str, client_installed: None) -> Tell:
    """Run a story in Node; return what the servers logged meanwhile.

    A client waits 30 s for the end of a connection that it has closed. Where a server may be as slow in giving it up,
    `lingering`, the story is over with its last test.
    """

    def run(
        story: str, on: Stage = stage, seconds: float = STORY_SECONDS, lingering: bool = False, **inputs: Any
    ) -> str:
        before = [len(log) for log in on.logs()]
        given = {**on.cast, "servers": [server.url for server in on.servers], "transport": transport, **inputs}
        options = ("--test-force-exit",) if lingering else ()
        failure = play(HERE / "stories" / f"{story}.mjs", given, seconds, options)
        logged = "\n".join(log[start:] for log, start in zip(on.logs(), before, strict=True))
        if failure:
            pytest.fail(f"{failure}\nThe servers said at last:\n{tail(logged)}", pytrace=False)
        if "Traceback" in logged:
            pytest.fail(f"A server left a traceback:\n{logged}", pytrace=False)
        return logged

    return run
