"""`manage.py worker`: it works until it is told to stop, or once; who is killed is replaced."""

import json
import signal
import socket
from collections.abc import Callable
from io import StringIO
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest
from django.core.management import CommandError, call_command

from conversations.models import Conversation
from flows.models import FlowEffect, SandboxCall
from stoory.accounts.models import User
from stoory.times import utc_now
from tests.worker.playing import agree, effects, let_pass, pay, press, states
from tests.worker.processes import here, manage, process, worker

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]


def end_of_lease(effect: FlowEffect) -> None:
    FlowEffect.objects.filter(pk=effect.pk).update(due_at=utc_now())


def get(url: str, headers: dict[str, str] | None = None) -> str:
    with urlopen(Request(url, headers=headers or {})) as answer:
        return str(answer.read().decode())


def test_once_does_what_is_due_and_stops(bid: Conversation, alice: User, bob: User) -> None:
    pay(bid, alice, bob)
    done = manage(here(), "worker", "--once")
    assert (done.returncode, done.stdout) == (0, "Timers fired: 0, effects tried: 2.\n")
    assert effects(bid) == [("escrow.create_order", "done"), ("escrow.hold", "done")]
    assert "\r" not in done.stderr


def test_once_tells_programs(bid: Conversation) -> None:
    written = StringIO()
    call_command("worker", "--once", "--json", stdout=written)
    assert written.getvalue() == '{"timers": 0, "effects": 0}\n'


def test_once_goes_on_to_what_becomes_due_by_it(bid: Conversation, alice: User, bob: User) -> None:
    agree(bid, alice, bob)
    press(alice, bid, "proceed_to_payment")
    done = manage(here(SANDBOX_ANSWERS="1"), "worker", "--once")
    assert done.stdout == "Timers fired: 0, effects tried: 2.\n"
    assert states(bid)[-1] == "work_in_progress"


def test_it_tells_its_figures_to_who_shows_the_token(bid: Conversation, alice: User, bob: User) -> None:
    pay(bid, alice, bob)
    token = {"Authorization": f"Bearer {'t' * 32}"}
    with process(here(METRICS_TOKEN="t" * 32), "worker", "--metrics-port", "0") as (running, said):
        url = said.removeprefix("Working until Ctrl-C. Figures: ")
        with pytest.raises(HTTPError, match="404"):
            get(url)
        while "stoory_effects_tried_total 2.0" not in get(url, token):
            assert running.poll() is None
        assert 'stoory_health{part="worker"} 1.0' in get(url, token)
        assert json.loads(get(url.replace("metrics", "readyz")))["checks"]["worker"] == "ok"


def test_a_port_that_is_taken_is_said() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(CommandError, match=rf"Can't listen on 127\.0\.0\.1:{port}"):
            call_command("worker", "--metrics-port", str(port), stdout=StringIO())


def test_what_works_once_has_no_port() -> None:
    with pytest.raises(CommandError, match="works once"):
        call_command("worker", "--once", "--metrics-port", "0")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_works_until_it_is_told_to_stop(
    bid: Conversation, eventually: Callable[[Callable[[], bool]], None], number: signal.Signals
) -> None:
    let_pass(bid, days=4)
    with worker(here()) as process:
        eventually(lambda: states(bid)[-1] == "expired")
        process.send_signal(number)
        said, errors = process.communicate(timeout=20)
    assert (process.returncode, said) == (0, "Timers fired: 2, effects tried: 0.\n")
    assert "Traceback" not in errors


def test_two_do_the_work_of_one(
    bid: Conversation, alice: User, bob: User, eventually: Callable[[Callable[[], bool]], None]
) -> None:
    with worker(here()) as first, worker(here()) as second:
        pay(bid, alice, bob)
        let_pass(bid, hours=1)
        eventually(lambda: {status for _, status in effects(bid)} == {"done"})
        for process in (first, second):
            process.terminate()
        said = [process.communicate(timeout=20)[0] for process in (first, second)]
    assert sum(int(line.strip(".\n").rpartition(" ")[2]) for line in said) == 2
    assert list(SandboxCall.objects.values_list("calls", flat=True)) == [1, 1]


def test_whose_worker_was_killed_is_called_again_with_the_same_key(bid: Conversation, alice: User, bob: User) -> None:
    pay(bid, alice, bob)
    killed = manage(here(FLOW_PROVIDER="tests.worker.dying.Dying"), "worker", "--once")
    assert killed.returncode == -signal.SIGKILL
    held = FlowEffect.objects.get(name="escrow.hold")
    assert (held.status, held.attempts, SandboxCall.objects.get(key=held.key).calls) == ("pending", 1, 1)

    assert manage(here(), "worker", "--once").stdout == "Timers fired: 0, effects tried: 0.\n"
    end_of_lease(held)
    assert manage(here(), "worker", "--once").stdout == "Timers fired: 0, effects tried: 1.\n"
    held.refresh_from_db()
    assert (held.status, held.attempts, SandboxCall.objects.get(key=held.key).calls) == ("done", 2, 2)
    assert SandboxCall.objects.filter(effect="escrow.hold").count() == 1
