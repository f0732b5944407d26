"""A worker in a server, and one beside it: what they commit is heard at once, once, whatever is killed."""

import asyncio
import os
import signal
import subprocess
import threading
from collections.abc import Awaitable, Callable
from urllib.request import Request, urlopen

import pytest
from pytest_django import Settings

from conversations.commands import CreateConversation
from conversations.models import Conversation
from flows import work
from stoory.accounts.models import User
from stoory.commands import execute
from stoory.realtime import health
from stoory.realtime.application import Application
from stoory.realtime.database import database
from stoory.realtime.health import Health
from stoory.realtime.worker import Worker
from tests.e2e.servers import Environment
from tests.sockets import SocketClient
from tests.worker.bank import Bank
from tests.worker.playing import agree, effects, let_pass, pay, press, states
from tests.worker.processes import here, manage, process

pytestmark = pytest.mark.slow

Open = Callable[..., Awaitable[SocketClient]]

# A process that is killed between the commit and the telling.
KILL_BEFORE_TELLING = """
import os, signal
from stoory import events
events._notify = lambda told: os.kill(os.getpid(), signal.SIGKILL)
"""
SERVE = "from django.core.management import call_command\ncall_command('serve', port=0)\n"
WORK = "from django.core.management import call_command\ncall_command('worker', once=True)\n"


@pytest.fixture
def working(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the server work; to be asked for before it."""
    settings.WORKER = True
    monkeypatch.setattr("stoory.realtime.worker.POLL_SECONDS", 0.05)


class Hanging:
    """Lets every call of a bank wait until it may answer."""

    def __init__(self, bank: Bank) -> None:
        self._loop = asyncio.get_running_loop()
        self._calls = asyncio.Semaphore(0)
        self.answer = threading.Event()
        bank.meanwhile = self._wait

    def _wait(self) -> None:
        self._loop.call_soon_threadsafe(self._calls.release)
        assert self.answer.wait(20)

    async def called(self, times: int = 1) -> None:
        for _ in range(times):
            await asyncio.wait_for(self._calls.acquire(), 5)


async def changes_to(socket: SocketClient, state: str) -> None:
    """Wait until a socket hears of a state."""
    while (await socket.expect("conversation_state_changed"))["new_state"] != state:
        pass


# In a server


async def test_a_deadline_is_heard(working: None, connect: Open, bid: Conversation, bob: User) -> None:
    socket = await connect(bob, bid)
    await database(let_pass, bid, days=3)
    await changes_to(socket, "expired")


async def test_what_the_provider_answers_is_heard(
    working: None, connect: Open, bid: Conversation, alice: User, bob: User, settings: Settings
) -> None:
    settings.SANDBOX_ANSWERS = True
    socket = await connect(bob, bid)
    await database(agree, bid, alice, bob)
    await database(press, alice, bid, "proceed_to_payment")
    await changes_to(socket, "work_in_progress")


@pytest.fixture
def campaign(alice: User, bob: User, shipped_flows: None) -> Conversation:
    """Another conversation of theirs."""
    command = CreateConversation(actor=alice.pk, type="campaign", participant_ids=[bob.pk], source_id="spring")
    return execute(command).conversation


async def test_a_provider_that_hangs_holds_up_no_deadline_and_no_other_call(
    bank: Bank, working: None, connect: Open, bid: Conversation, campaign: Conversation, alice: User, bob: User
) -> None:
    socket = await connect(bob, bid, campaign)
    hanging = Hanging(bank)
    await database(pay, bid, alice, bob)
    await database(press, bob, bid, "report_problem", problem="Nobody answers.")
    await hanging.called(times=2)  # the order and, beside it, the ticket
    await database(let_pass, campaign, days=4)
    await changes_to(socket, "expired")
    hanging.answer.set()
    assert sorted(bank.methods[:2]) == ["create_order", "open_ticket"]


async def test_it_stops_when_the_call_under_way_is_written_down(
    bank: Bank, transactional_db: None, bid: Conversation, alice: User, bob: User
) -> None:
    await database(pay, bid, alice, bob)
    worker, hanging = Worker(), Hanging(bank)
    await worker.start()
    await hanging.called()
    stopped = asyncio.create_task(worker.stop())
    await asyncio.sleep(0)
    hanging.answer.set()
    await stopped
    assert await database(effects, bid) == [("escrow.create_order", "done"), ("escrow.hold", "pending")]


async def test_a_call_that_does_not_end_is_left_to_its_lease(
    bank: Bank,
    transactional_db: None,
    bid: Conversation,
    alice: User,
    bob: User,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("stoory.realtime.worker.STOP_SECONDS", 0.1)
    await database(pay, bid, alice, bob)
    worker, hanging = Worker(), Hanging(bank)
    await worker.start()
    await hanging.called()
    await worker.stop()
    left = await database(effects, bid)
    hanging.answer.set()
    await asyncio.gather(*worker._calls)
    assert left == [("escrow.create_order", "pending"), ("escrow.hold", "pending")]


async def test_the_server_says_how_its_worker_is(
    working: None, server: Application, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert (await database(health.readiness))["worker"] == Health.OK
    monkeypatch.setattr("stoory.realtime.worker.ILL_AFTER_SECONDS", -1.0)
    assert (await database(health.readiness))["worker"] == Health.DEGRADED


async def test_a_server_without_a_worker_says_nothing_of_it(server: Application) -> None:
    assert "worker" not in await database(health.readiness)


async def test_it_survives_a_database_that_is_away(
    working: None, connect: Open, bid: Conversation, bob: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    loop, failures = asyncio.get_running_loop(), asyncio.Semaphore(0)
    socket = await connect(bob, bid)
    with monkeypatch.context() as patch:

        def fail(*args: object) -> None:
            loop.call_soon_threadsafe(failures.release)
            raise ConnectionError

        patch.setattr(work, "fire_timers", fail)
        for _ in range(2):
            await asyncio.wait_for(failures.acquire(), 5)
    await database(let_pass, bid, days=3)
    await changes_to(socket, "expired")


# Beside it


@pytest.fixture
def slow_repair(settings: Settings) -> None:
    """Let servers look into the log so rarely that only the bus can have brought what they hear."""
    settings.REPAIR_SECONDS = 60


@pytest.mark.slow
async def test_the_bus_brings_what_a_worker_commits(
    slow_repair: None, connect: Open, bid: Conversation, bob: User
) -> None:
    if not os.environ.get("REDIS_URL"):
        pytest.skip("needs a bus between processes")
    socket = await connect(bob, bid)
    await database(let_pass, bid, days=3)
    await run(here(), "worker", "--once")
    await changes_to(socket, "expired")


@pytest.mark.slow
async def test_without_a_bus_it_is_found_in_the_log(
    fast_repair: None, connect: Open, bid: Conversation, bob: User
) -> None:
    socket = await connect(bob, bid)
    await database(let_pass, bid, days=3)
    await run({**here(), "REDIS_URL": ""}, "worker", "--once")
    await changes_to(socket, "expired")


@pytest.mark.slow
async def test_a_worker_killed_after_its_commit_is_heard_once(
    fast_repair: None, connect: Open, bid: Conversation, alice: User, bob: User
) -> None:
    sockets = [await connect(alice, bid), await connect(bob, bid)]
    await database(let_pass, bid, days=3)
    killed = await run(here(), "shell", "-v", "0", "-c", KILL_BEFORE_TELLING + WORK)
    assert killed.returncode == -signal.SIGKILL
    await run(here(), "worker", "--once")
    for socket in sockets:
        await changes_to(socket, "expired")
        heard = await socket.fence()
        assert "conversation_state_changed" not in [name for name, _ in heard]
        reminders = [payload for name, payload in heard if name == "chat:automated"]
        assert len({payload["message"]["id"] for payload in reminders}) == len(reminders) > 0
    assert (await database(states, bid)).count("expired") == 1


@pytest.mark.slow
async def test_a_server_killed_after_a_press_is_heard_once_from_the_others(
    fast_repair: None, connect: Open, bid: Conversation, alice: User, bob: User
) -> None:
    sockets = [await connect(alice, bid), await connect(bob, bid)]
    env = here(WORKER="0")
    token = manage(env, "issue_token", "bob").stdout.strip()
    assert await asyncio.to_thread(press_on_doomed_server, env, token, bid) == -signal.SIGKILL
    for socket in sockets:
        await changes_to(socket, "brand_owner_details")
        heard = [name for name, _ in await socket.fence()]
        assert heard.count("chat:automated") == 1
        assert heard.count("chat:action_done") == (socket is sockets[1])


def press_on_doomed_server(env: Environment, token: str, conversation: Conversation) -> int:
    """Press a button on a server that is killed by it; return how the server ended."""
    script = KILL_BEFORE_TELLING + SERVE
    with process(env, "shell", "-v", "0", "-c", script) as (doomed, url):
        request = Request(
            f"{url}/api/messages/conversations/{conversation.pk}/actions",
            data=b'{"action": "accept_connection"}',
            headers={"Authorization": f"Bearer {token}", "Content-Type": "application/json"},
        )
        with pytest.raises(ConnectionError):
            urlopen(request, timeout=20)
        return doomed.wait(20)


async def run(env: Environment, *arguments: str) -> subprocess.CompletedProcess[str]:
    return await asyncio.to_thread(manage, env, *arguments)
