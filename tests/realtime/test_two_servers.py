"""Two servers on one database behave as one, also when the bus loses, doubles and reorders."""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from typing import Any

import pytest

from conversations.commands import CreateConversation
from conversations.models import Conversation
from conversations.selectors import memberships
from messaging.commands import SendMessage
from messaging.selectors import events_between
from messaging.services import send_message
from stoory.accounts.models import User
from stoory.commands import execute
from stoory.events import Event
from stoory.realtime.application import Application
from stoory.realtime.database import database
from stoory.realtime.health import Health
from tests.sockets import SocketClient

pytestmark = pytest.mark.slow

Open = Callable[..., Awaitable[SocketClient]]


def hello(conversation: Conversation, text: str = "Hi") -> dict[str, str]:
    return {"tempId": text, "conversationId": str(conversation.pk), "text": text}


async def heard(socket: SocketClient, count: int) -> list[dict[str, Any]]:
    return [(await socket.expect("chat:new"))["message"] for _ in range(count)]


async def test_rooms_and_user_rooms_span_both(
    connect: Open, other_server: Application, alice: User, bob: User, direct: Conversation
) -> None:
    sender, receiver = await connect(alice, direct), await connect(bob, direct, on=other_server)
    await sender.emit("chat:send", hello(direct))
    assert (await receiver.expect("chat:new"))["message"]["message"] == "Hi"
    assert (await receiver.expect("conversation_list_updated"))["action"] == "message_received"


async def test_typing_spans_both(
    connect: Open, other_server: Application, alice: User, bob: User, direct: Conversation
) -> None:
    typist, other = await connect(alice, direct), await connect(bob, direct, on=other_server)
    await typist.emit("typing_start", {"conversationId": str(direct.pk)})
    assert (await other.expect("user_typing"))["isTyping"] is True


async def test_every_reader_hears_the_same_order(
    connect: Open, other_server: Application, alice: User, bob: User, direct: Conversation
) -> None:
    here, there = await connect(alice, direct), await connect(bob, direct, on=other_server)
    sends = [
        socket.emit("chat:send", hello(direct, f"{socket is here}{n}")) for n in range(40) for socket in (here, there)
    ]
    for send in sends:
        assert (await send)["ok"]
    orders = [[message["seq"] for message in await heard(socket, 80)] for socket in (here, there)]
    assert orders == [list(range(1, 81))] * 2


async def test_a_conversation_that_is_opened_later_is_heard_on_both(
    connect: Open, other_server: Application, alice: User, bob: User
) -> None:
    sender, receiver = await connect(alice), await connect(bob, on=other_server)
    command = CreateConversation(actor=alice.pk, type="direct", participant_ids=[bob.pk])
    created = await database(execute, command)
    await sender.emit("chat:send", hello(created.conversation))
    assert (await receiver.expect("conversation_list_updated"))["action"] == "message_received"


class FaultyBus:
    """Loses, doubles and delays what one server would hear; seeded."""

    def __init__(self, deliver: Callable[[Sequence[Event]], None], seed: int) -> None:
        self.deliver = deliver
        self.random = random.Random(seed)
        self.delayed: list[Sequence[Event]] = []

    def __call__(self, events: Sequence[Event]) -> None:
        fate = self.random.random()
        if fate < 0.2:
            return
        if fate < 0.4:
            self.delayed.append(events)
            return
        for batch in (events, *self.delayed, *([events] if fate < 0.6 else [])):
            self.deliver(batch)
        self.delayed.clear()


@pytest.mark.parametrize("seed", range(5))
async def test_what_the_bus_loses_is_read_from_the_log(
    fast_repair: None,
    connect: Open,
    other_server: Application,
    alice: User,
    bob: User,
    direct: Conversation,
    seed: int,
) -> None:
    node = other_server.node
    node.bus._deliver = FaultyBus(node.relay.accept, seed)
    sender, receiver = await connect(alice, direct), await connect(bob, direct, on=other_server)
    for n in range(40):
        await sender.emit("chat:send", hello(direct, str(n)))
    messages = await heard(receiver, 40)
    assert [message["seq"] for message in messages] == list(range(1, 41))
    assert receiver.heard("chat:new") == []


async def test_what_nobody_published_is_found_in_the_log(
    fast_repair: None,
    connect: Open,
    alice: User,
    bob: User,
    direct: Conversation,
    server: Application,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    receiver = await connect(bob, direct)
    # As if another process had stored it, and been killed before it could tell.
    monkeypatch.setattr(server.node, "tell", lambda committed: None)
    await database(send_message, SendMessage(actor=alice.pk, conversation_id=str(direct.pk), text="Hi"))
    assert (await receiver.expect("chat:new"))["message"]["message"] == "Hi"


async def test_a_log_that_can_not_be_read_holds_up_no_other(
    fast_repair: None,
    connect: Open,
    alice: User,
    bob: User,
    direct: Conversation,
    channel: Conversation,
    server: Application,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def read(conversation_id: str, *between: int) -> list[Event]:
        if conversation_id == str(channel.pk):
            raise ValueError("a newer release wrote this")
        return events_between(conversation_id, *between)

    receiver = await connect(bob, direct, channel)
    monkeypatch.setattr(server.node, "tell", lambda committed: None)
    monkeypatch.setattr("stoory.realtime.relay.events_between", read)
    for conversation in (direct, channel):
        await database(send_message, SendMessage(actor=alice.pk, conversation_id=str(conversation.pk), text="Hi"))
    assert (await receiver.expect("chat:new"))["message"]["conversation_id"] == str(direct.pk)


async def test_a_server_that_is_deaf_alone_is_unfit_and_one_without_a_bus_is_slower(
    server: Application, monkeypatch: pytest.MonkeyPatch
) -> None:
    bus = server.node.bus
    assert bus.health() == Health.OK
    monkeypatch.setattr("stoory.realtime.bus.DEAF_AFTER_SECONDS", 0.0)
    assert bus.health() == Health.DEGRADED
    monkeypatch.setattr(bus, "_spoke_at", time.monotonic() + 60)
    assert bus.health() == Health.FAILED


async def test_sends_go_on_without_a_bus(
    connect: Open, server: Application, alice: User, bob: User, direct: Conversation, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(*args: Any) -> None:
        raise ConnectionError

    monkeypatch.setattr(server.node.bus._layer, "group_send", fail, raising=False)
    sender, receiver = await connect(alice, direct), await connect(bob, direct)
    assert (await sender.emit("chat:send", hello(direct)))["ok"]
    await receiver.expect("chat:new")


async def test_a_conversation_that_no_bus_told_of_is_found_with_what_was_said(
    fast_repair: None,
    connect: Open,
    alice: User,
    bob: User,
    server: Application,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    receiver = await connect(bob)
    monkeypatch.setattr(server.node, "tell", lambda committed: None)
    command = CreateConversation(actor=alice.pk, type="direct", participant_ids=[bob.pk])
    created = await database(execute, command)
    await database(send_message, SendMessage(actor=alice.pk, conversation_id=str(created.conversation.pk), text="Hi"))
    assert (await receiver.expect("conversation_list_updated"))["message"]["message"] == "Hi"


async def test_what_was_said_while_the_database_was_away_is_told_later(
    fast_repair: None,
    connect: Open,
    alice: User,
    bob: User,
    direct: Conversation,
    server: Application,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("stoory.realtime.relay.COMMIT_MARGIN", timedelta())
    monkeypatch.setattr(server.node, "tell", lambda committed: None)
    receiver, failures = await connect(bob, direct), asyncio.Semaphore(0)

    def fail(*args: Any, **kwargs: Any) -> None:
        loop.call_soon_threadsafe(failures.release)
        raise ConnectionError

    loop = asyncio.get_running_loop()
    monkeypatch.setattr("stoory.realtime.relay.memberships", fail)
    await database(send_message, SendMessage(actor=alice.pk, conversation_id=str(direct.pk), text="Hi"))
    for _ in range(2):
        await asyncio.wait_for(failures.acquire(), 5)
    monkeypatch.setattr("stoory.realtime.relay.memberships", memberships)
    assert (await receiver.expect("chat:new"))["message"]["message"] == "Hi"
