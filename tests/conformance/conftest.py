"""The echo servers: ours with prepared frames and without, and servers that know nothing of frames."""

import os
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from typing import NamedTuple

import pytest

from tests.conformance.clients import Polling, WebSocket
from tests.e2e.servers import ROOT

WAYS = ("prepared", "plain", "uvicorn-websockets", "uvicorn-wsproto", "hypercorn", "granian")
STOP_SECONDS = 10.0

Open = Callable[..., Awaitable[WebSocket]]


class Suite(NamedTuple):
    """Which protocol's server is asked for, and on which path it listens."""

    name: str
    path: str


@pytest.fixture(scope="module", params=WAYS)
def url(request: pytest.FixtureRequest) -> Iterator[str]:
    """Where the module's `SUITE` is served."""
    suite: Suite = request.module.SUITE
    server = request.param if request.param in WAYS[2:] else "uvicorn"
    frames = "plain" if request.param == "plain" else "prepared"
    command = [sys.executable, "-m", "tests.conformance.serve", "--suite", suite.name, "--port", "0"]
    with subprocess.Popen(
        [*command, "--server", server],
        cwd=ROOT,
        env={**os.environ, "STOORY_FRAMES": frames},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        said = process.stdout.readline()
        try:
            yield said.removeprefix("Listening on ").strip() + suite.path
        finally:
            process.terminate()
            try:
                _, errors = process.communicate(timeout=STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                _, errors = process.communicate()
    assert "Traceback" not in errors, errors


@pytest.fixture
def polling(url: str) -> Polling:
    return Polling(url)


@pytest.fixture
async def websocket(url: str) -> AsyncIterator[Open]:
    """Open WebSockets: for a new session, or with a `sid` for one that polls."""
    opened: list[WebSocket] = []

    async def open_websocket(query: str = "EIO=4&transport=websocket", sid: str = "") -> WebSocket:
        opened.append(await WebSocket.open(url, query + (f"&sid={sid}" if sid else "")))
        return opened[-1]

    yield open_websocket
    for socket in opened:
        await socket.close()
