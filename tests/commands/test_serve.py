"""`serve`: what it prints lets one try it, and a port that is taken is said."""

import re
import socket
import sys

import pytest
from django.core.management import CommandError, call_command

from stoory import welcome
from stoory.auth import identify
from stoory.management.listening import UNTAKEN_SECONDS, listen


def test_the_summary_has_tokens_that_work(db: None) -> None:
    summary = welcome.summary("http://localhost:8000")

    tokens = re.findall(r"eyJ[\w-]+\.[\w-]+\.[\w-]+", summary)
    assert {identify(token).user.username for token in tokens} == {"alice", "bob"}
    assert "curl -X POST http://localhost:8000/api/messages" in summary
    assert 'io("http://localhost:8000")' in summary


@pytest.mark.skipif(sys.platform != "linux", reason="an option of Linux")
def test_the_kernel_gives_up_who_takes_nothing() -> None:
    with listen("127.0.0.1", 0) as listener:
        listener.listen()
        with socket.create_connection(listener.getsockname()):
            accepted, _ = listener.accept()
            with accepted:
                timeout = accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT)
    assert timeout == UNTAKEN_SECONDS * 1_000


def test_a_port_that_is_taken_is_said(db: None) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(CommandError, match=rf"Can't listen on 127\.0\.0\.1:{port}.*Is another server there\?"):
            call_command("serve", host="127.0.0.1", port=port)


def test_a_port_that_there_is_not_is_said(db: None) -> None:
    with pytest.raises(CommandError, match=r"There is no port 70000: the last one is 65535\."):
        call_command("serve", host="127.0.0.1", port=70_000)
    with pytest.raises(CommandError, match="--port: takes a whole number from 0 to 65,535, not '70000'"):
        call_command("serve", "--port", "70000")
