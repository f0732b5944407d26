"""`serve --demo` in a new database: what it holds can be played to its end."""

import json
import os
from pathlib import Path

import pytest

from tests.e2e.conftest import Stage, Tell
from tests.e2e.servers import environment, fresh_database, manage, serve

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("transport", ["websocket"], indirect=True)
def test_it_plays_on(tell: Tell, worker_id: str, tmp_path: Path) -> None:
    redis_url = os.environ.get("REDIS_URL", "")
    given = os.environ.get("DATABASE_URL", "") if redis_url else ""
    with fresh_database(given, f"demo_{worker_id}", tmp_path) as url:
        env = environment(url, redis_url if given else "", SANDBOX_ANSWERS="1")
        manage(env, "migrate", "-v", "0")
        with serve(env, tmp_path / "demo.log", "--demo") as server:
            cast = json.loads(manage(env, "demo", "--json"))
            tell("demo_plays", on=Stage(env, [server], cast, tmp_path))
