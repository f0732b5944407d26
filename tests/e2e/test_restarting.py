"""Servers end in order, and a restart of all of them in turn is not noticed."""

import http.client
import json
import signal
import socket
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from functools import partial
from typing import Any
from urllib.request import Request, urlopen

import pytest
from websockets.sync.client import connect

from tests.e2e.balancer import Balancer, balancing
from tests.e2e.conftest import Stage, Tell
from tests.e2e.servers import Server, serve

pytestmark = pytest.mark.slow

NAMES = ("web1", "web2")
END_SECONDS = 15.0
PATIENCE_SECONDS = 10.0
CLIENTS = 4
QUICK = {"DRAIN_NOTICE_SECONDS": "0.5", "DRAIN_SECONDS": "1", "REPAIR_SECONDS": "1"}


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
        return port


class Fleet:
    """Servers with names, behind a balancer, that can be restarted one by one."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.ports = {name: free_port() for name in NAMES}
        self.running: dict[str, AbstractContextManager[Server]] = {}

    def start(self, name: str) -> None:
        env = self.stage.env | QUICK | {"NODE_NAME": name}
        log = self.stage.folder / f"{name}.{time.monotonic_ns()}.log"
        self.running[name] = serve(env, log, "--port", str(self.ports[name]))
        self.running[name].__enter__()

    def stop(self, name: str) -> float:
        began = time.monotonic()
        self.running.pop(name).__exit__(None, None, None)
        return time.monotonic() - began

    def roll(self, balancer: Balancer) -> None:
        """Restart each in turn while the clients talk, and have them told when it is done."""
        wait_until(lambda: sum(balancer.connections.values()) >= CLIENTS)
        for name in NAMES:
            assert self.stop(name) < END_SECONDS
            self.start(name)
            wait_until(partial(balancer.is_ready, name))
        alice = self.stage.cast["users"]["alice"]
        body = {"conversation_id": self.stage.cast["conversations"]["direct"], "message": "all servers are back"}
        post(f"{balancer.url}/api/messages", alice["token"], body)


def wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def post(url: str, token: str, body: Any) -> None:
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    with urlopen(Request(url, json.dumps(body).encode(), headers)) as response:
        assert response.status == 201


@pytest.mark.parametrize("transport", ["websocket"], indirect=True)
def test_a_rolling_restart_loses_and_doubles_nothing(tell: Tell, stage: Stage) -> None:
    if len(stage.servers) < 2:
        pytest.skip("needs a database and a bus that servers share")
    fleet = Fleet(stage)
    try:
        for name in NAMES:
            fleet.start(name)
        with balancing(fleet.ports) as balancer, ThreadPoolExecutor(1) as thread:
            rolled = thread.submit(fleet.roll, balancer)
            behind = Stage(
                stage.env,
                [Server(stage.servers[0].process, stage.servers[0].log_path, balancer.url)],
                stage.cast,
                stage.folder,
            )
            tell("rolling_restart", on=behind, seconds=45)
            rolled.result()
    finally:
        for name in list(fleet.running):
            fleet.stop(name)


def status(url: str, path: str) -> tuple[int, str | None]:
    client = http.client.HTTPConnection(url.removeprefix("http://"), timeout=PATIENCE_SECONDS)
    client.request("GET", path)
    response = client.getresponse()
    client.close()
    return response.status, response.headers["Retry-After"]


def test_a_second_signal_ends_a_server_at_once(stage: Stage) -> None:
    env = stage.env | {"DRAIN_NOTICE_SECONDS": "600"}
    handshake = "/socket.io/?EIO=4&transport=polling"
    with (
        serve(env, stage.folder / "leaving.log") as server,
        connect(f"{server.url.replace('http', 'ws')}/socket.io/?EIO=4&transport=websocket", proxy=None),
    ):
        server.process.send_signal(signal.SIGTERM)
        wait_until(lambda: status(server.url, "/readyz")[0] == 503)
        assert status(server.url, "/healthz")[0] == 200
        assert status(server.url, handshake) == (503, "1")
        server.process.send_signal(signal.SIGTERM)
        assert server.process.wait(PATIENCE_SECONDS) == -signal.SIGTERM
