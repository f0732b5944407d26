"""The stage of the pages: one server with the demo data, and the Chromium of npm, which Node drives.

The pages are seen once, on SQLite: what they show of another database is what REST and the sockets show.
"""

import fcntl
import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.playing import play
from tests.e2e.servers import Environment, Server, demo, environment, fresh_database, serve, tail

HERE = Path(__file__).resolve().parent
CACHE = HERE / "node_modules" / ".cache"
STORY_SECONDS = 50.0
UNPACK = 'import chromium from "@sparticuz/chromium"; console.log(await chromium.executablePath());'

Show = Callable[..., str]


class Site:
    """A server whose demo data can be played to its end, and who is in it."""

    def __init__(self, env: Environment, server: Server, cast: dict[str, Any], folder: Path) -> None:
        self.env = env
        self.server = server
        self.cast = cast
        self.folder = folder


@pytest.fixture(scope="session")
def site(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The server of all stories."""
    if os.environ.get("DATABASE_URL"):
        pytest.skip("The pages are seen once, on SQLite.")
    folder = tmp_path_factory.mktemp("pages")
    with fresh_database("", "pages", folder) as url:
        env = environment(url, "", SANDBOX_ANSWERS="1")
        cast = demo(env, shared)
        with serve(env, folder / "server.log", "--demo") as server:
            yield Site(env, server, cast, folder)


@pytest.fixture(scope="session")
def chromium(site: Site) -> dict[str, str]:
    """The environment in which Chromium runs: npm's package unpacks it, once, and brings a font."""
    assert (HERE / "node_modules" / "playwright-core").exists(), "playwright-core is missing: run `make setup`."
    CACHE.mkdir(exist_ok=True)
    told = {"TMPDIR": str(CACHE), "XDG_DATA_HOME": str(CACHE / "fonts")}
    with (CACHE / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        command = ["node", "--input-type=module", "-e", UNPACK]
        done = subprocess.run(command, cwd=HERE, env=os.environ | told, capture_output=True, text=True, check=True)
    return told | {"CHROMIUM": done.stdout.strip()}


@pytest.fixture
def show(site: Site, chromium: dict[str, str]) -> Show:
    """Run a story of `stories/`, with `inputs` beside the cast; return what the server logged meanwhile.

    With `SCREENSHOTS` in the environment, what the story looks at is kept in that folder.
    """

    def run(story: str, on: Site = site, seconds: float = STORY_SECONDS, **inputs: Any) -> str:
        before = len(on.server.log)
        given = {**on.cast, "url": on.server.url, **inputs}
        failure = play(HERE / "stories" / f"{story}.mjs", given, seconds, **chromium)
        logged = on.server.log[before:]
        if failure:
            pytest.fail(f"{failure}\nThe server said at last:\n{tail(logged)}", pytrace=False)
        return logged

    return run
