"""The published clients, old and new, and what the newest does by itself when a server dies."""

import signal

import pytest

from tests.e2e.conftest import Stage, Tell
from tests.e2e.servers import serve

pytestmark = [pytest.mark.slow, pytest.mark.once]


@pytest.mark.parametrize("transport", ["every"], indirect=True)
def test_every_client_of_the_protocol_is_served(tell: Tell) -> None:
    tell("clients")


@pytest.mark.parametrize("transport", ["websocket"], indirect=True)
def test_a_retry_across_a_killed_server_is_no_second_message(tell: Tell, stage: Stage) -> None:
    with serve(stage.env, stage.folder / "doomed.log", ends=[-signal.SIGKILL]) as doomed:
        tell("retries", on=Stage(stage.env, [*stage.servers, doomed], stage.cast, stage.folder), pid=doomed.process.pid)
