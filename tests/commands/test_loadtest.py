"""`loadtest`: bounded, for one's own servers, and nothing is left behind."""

import json
import re
import signal
import subprocess
import sys
from collections.abc import Callable
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from conversations.models import Conversation
from messaging.models import Message
from stoory.accounts.models import User
from stoory.management.load import make_pairs, remove, websocket_url
from tests.e2e.servers import ROOT
from tests.worker.processes import here, manage, process


@pytest.mark.parametrize(
    ("given", "fault"),
    [
        (["--url", "http://example.org"], "example.org is not this machine. If it is yours: --host-i-own example.org"),
        (["--url", "http://example.org", "--host-i-own", "example.com"], "example.org is not this machine"),
        (["--url", "http://127.0.0.1.example.org"], "is not this machine"),
        (["--url", "ftp://127.0.0.1"], "is no address of a server"),
        (["--pairs", "0"], "--pairs: takes a whole number from 1 to 500, not '0'"),
        (["--seconds", "601"], "--seconds: takes a number from 0.1 to 600, not '601'"),
        (["--seconds", "nan"], "--seconds: takes a number from 0.1 to 600, not 'nan'"),
        (["--messages", "1000001"], "--messages: takes a whole number from 1 to 1,000,000, not '1000001'"),
        (["--in-flight", "1001"], "--in-flight: takes a whole number from 1 to 1,000, not '1001'"),
    ],
)
def test_it_refuses(given: list[str], fault: str) -> None:
    with pytest.raises(CommandError, match=re.escape(fault)):
        call_command("loadtest", *given, stdout=StringIO())


def test_sockets_are_where_the_server_is() -> None:
    assert websocket_url("https://chat.example.org") == ("wss://chat.example.org/socket.io/?EIO=4&transport=websocket")


def test_its_people_go_with_all_they_wrote(alice: User, system_user: User) -> None:
    pairs = make_pairs(2)
    assert (User.objects.count(), Conversation.objects.count()) == (6, 2)
    remove(pairs)
    assert (User.objects.count(), Conversation.objects.count()) == (2, 0)


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_it_measures_a_running_server_until_it_is_stopped(
    system_user: User, eventually: Callable[[Callable[[], bool]], None]
) -> None:
    with process(here(LOG_LEVEL="WARNING"), "serve", "--port", "0") as (_, url):
        done = manage(here(), "loadtest", "--url", url, "--pairs", "2", "--messages", "40", "--json")
        figures = json.loads(done.stdout)
        assert (figures["sends"], figures["deliveries"], figures["errors"]) == (40, 80, {})
        assert 0 < figures["ack_p50_ms"] <= figures["ack_p99_ms"]

        command = [sys.executable, "manage.py", "loadtest", "--url", url, "--pairs", "1", "--seconds", "60"]
        with subprocess.Popen(command, cwd=ROOT, env=here(), stdout=subprocess.PIPE, text=True) as running:
            eventually(lambda: Message.objects.count() > 100)  # ten at a time: the first are long answered
            running.send_signal(signal.SIGINT)
            said, _ = running.communicate(timeout=20)
        assert (running.returncode, said.count("\n")) == (0, 1)
        assert re.search(r"[1-9]\d* sends, .* ms, [1-9]\d* deliveries$", said.strip())
    assert User.objects.count() == 1
