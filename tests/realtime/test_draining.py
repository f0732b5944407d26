"""A server that ends gives its sockets away: nobody new comes in, who waits is answered, few go at a time."""

import asyncio
import itertools
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import pytest

from conversations.models import Conversation
from messaging.commands import SendMessage
from messaging.sending import Outcome
from stoory.accounts.models import User
from stoory.realtime import health
from stoory.realtime.application import Application
from stoory.realtime.connection import Connection
from stoory.realtime.draining import FEW, Pace, hang_up
from stoory.realtime.health import Health
from tests.sockets import Refused, SocketClient

Open = Callable[..., Awaitable[SocketClient]]


@pytest.fixture(autouse=True)
def quick(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have no time for proxies, and little for sockets."""
    settings.DRAIN_NOTICE_SECONDS = 0.0
    settings.DRAIN_SECONDS = 0.5
    monkeypatch.setattr("stoory.realtime.draining.STEP_SECONDS", 0.02)


async def test_nobody_new_comes_in(server: Application, connect: Open, alice: User) -> None:
    assert "leaving" not in health.readiness()
    await server.node.drain()
    assert health.readiness()["leaving"] == Health.FAILED
    with pytest.raises(Refused) as refused:
        await connect(alice)
    assert refused.value.data == {"code": "unavailable", "message": "Server is restarting"}


async def test_it_takes_no_time_where_there_is_nobody(server: Application, settings: Any) -> None:
    settings.DRAIN_NOTICE_SECONDS = settings.DRAIN_SECONDS = 3_600.0
    await server.node.drain()


async def test_few_go_at_a_time(
    server: Application, connect: Open, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.DRAIN_SECONDS = 3_600.0
    sockets = [await connect() for _ in range(2 * FEW + 1)]
    sizes: list[int] = []

    def count(connections: Sequence[Connection]) -> None:
        sizes.append(len(connections))
        hang_up(connections)

    monkeypatch.setattr("stoory.realtime.draining.hang_up", count)
    await server.node.drain()
    assert sizes == [FEW, FEW, 1, 0]
    for socket in sockets:
        await asyncio.wait_for(socket.closed.wait(), 2)


@pytest.mark.parametrize("late", [0.0, 0.05, 0.3])
def test_no_second_sees_more_than_a_fifth(monkeypatch: pytest.MonkeyPatch, late: float) -> None:
    monkeypatch.setattr("stoory.realtime.draining.STEP_SECONDS", 0.1)
    total, now = 100, 0.0
    pace, gone = Pace(total, ends_at=8.0, seconds=8.0), list[float]()
    for step in itertools.count():
        going = pace.due(now, total - len(gone))
        pace.note(now, going)
        gone += [now] * going
        if len(gone) == total:
            break
        now += 0.08 if step % 3 else 0.12 + late
    assert now < 8
    assert max(sum(begin <= at < begin + 1 for at in gone) for begin in gone) <= total / 5


async def test_who_waits_is_answered_first(
    server: Application, connect: Open, alice: User, direct: Conversation, settings: Any
) -> None:
    settings.DRAIN_SECONDS = 3_600.0
    socket, idle = await connect(alice, direct), await connect()
    stored = asyncio.Event()
    sender = server.node.lane._sender
    send = sender.send

    async def slow(commands: Sequence[SendMessage]) -> list[Outcome]:
        await stored.wait()
        return await send(commands)

    sender.send = slow  # type: ignore[method-assign]
    answer = socket.emit("chat:send", {"tempId": "1", "conversationId": str(direct.pk), "text": "Hi"})
    draining = asyncio.create_task(server.node.drain())
    await asyncio.wait_for(idle.closed.wait(), 2)
    assert not socket.closed.is_set()
    stored.set()
    assert (await answer)["ok"]
    await asyncio.wait_for(socket.closed.wait(), 2)
    await draining


async def test_who_waits_for_ever_goes_with_the_last(server: Application, connect: Open, alice: User) -> None:
    socket = await connect(alice)
    [session] = server.node.server.sessions.of_user(alice.pk)
    session.asked += 1
    await asyncio.wait_for(server.node.drain(), 2)
    await asyncio.wait_for(socket.closed.wait(), 2)


async def test_a_named_server_says_its_name_in_its_sessions_ids(server: Application, settings: Any) -> None:
    eio = server.node.server.eio
    assert "." not in eio.generate_id()
    settings.NODE_NAME = "web1"
    name, _, rest = eio.generate_id().partition(".")
    assert (name, len(rest)) == ("web1", 20)
