"""Many come back at once: what they missed is remembered here, and the database is asked only who they are."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from django.db.backends.utils import CursorWrapper

from conversations.models import Conversation
from messaging.commands import DeleteMessage, EditMessage
from stoory.accounts.models import User
from stoory.commands import execute
from stoory.realtime import requests
from stoory.realtime.application import Application
from stoory.realtime.database import database
from tests.sockets import SocketClient

Open = Callable[..., Awaitable[SocketClient]]

CHAT: dict[str, Any] = {"contracts": ["chat"]}  # the lists of others ask for what is unread, when they come to it
LOCK = 'SELECT "accounts_user"."id"'  # on SQLite it does not say so
OF_PRESENCE = ("BEGIN", "accounts_server", "accounts_connection", "ROW_NUMBER", 'UPDATE "accounts_user"', LOCK)
QUERIES_EACH = 3  # whose token it is, where they take part, and whether still here


def texts(socket: SocketClient) -> list[str]:
    return [new["message"]["message"] for new in socket.heard("chat:new")]


async def say(socket: SocketClient, conversation: Conversation, *numbers: int) -> list[Any]:
    sends = [
        socket.emit("chat:send", {"tempId": f"t{n}", "conversationId": str(conversation.pk), "text": str(n)})
        for n in numbers
    ]
    return [(await send)["message"]["id"] for send in sends]


@pytest.fixture(autouse=True)
def no_looks(settings: Any) -> None:
    """No server looks into the log by itself meanwhile."""
    settings.REPAIR_SECONDS = 3_600


@pytest.fixture
def queries(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """All that the database is asked, by whichever thread; but not for presence, at any time."""
    asked: list[str] = []
    execute_one = CursorWrapper.execute

    def counted(self: CursorWrapper, sql: str, params: Any = None) -> Any:
        if not any(table in sql for table in OF_PRESENCE):
            asked.append(sql)
        return execute_one(self, sql, params)

    monkeypatch.setattr(CursorWrapper, "execute", counted)
    return asked


@pytest.fixture
def no_log(monkeypatch: pytest.MonkeyPatch) -> None:
    """A log that can't be read."""

    def fail(*args: Any, **options: Any) -> Any:
        raise AssertionError("The log was read.")

    monkeypatch.setattr(requests, "read_log", fail)


async def test_a_storm_of_connections_costs_three_queries_each(
    connect: Open, alice: User, bob: User, direct: Conversation, no_log: None, queries: list[str]
) -> None:
    speaker = await connect(alice, direct, **CHAT)
    await connect(bob, **CHAT)  # who comes online is told, once
    await say(speaker, direct, *range(40))
    queries.clear()

    async def come_back() -> SocketClient:
        socket = await connect(bob, **CHAT)
        assert (await socket.emit("chat:join", {"conversationId": str(direct.pk), "afterSeq": 10}))["ok"]
        return socket

    sockets = await asyncio.gather(*(come_back() for _ in range(10)))
    assert len(queries) <= 10 * QUERIES_EACH, queries
    assert [texts(socket) for socket in sockets] == [[str(n) for n in range(10, 40)]] * 10


async def test_asking_costs_one_query_and_pages_as_the_log_does(
    connect: Open, alice: User, bob: User, direct: Conversation, server: Application, queries: list[str]
) -> None:
    speaker, reader = await connect(alice, direct, **CHAT), await connect(bob, **CHAT)
    await say(speaker, direct, *range(10))
    asked = [{"conversationId": str(direct.pk), "afterSeq": after, "limit": 4} for after in (0, 4, 8)]
    queries.clear()
    remembered = [await reader.emit("chat:sync", payload) for payload in asked]
    assert len(queries) == len(asked), queries
    for place in list(server.node.relay.recent._events):
        server.node.relay.recent.forget(place)
    assert [await reader.emit("chat:sync", payload) for payload in asked] == remembered
    assert [part["hasMore"] for part in remembered] == [True, True, False]


async def test_an_outsider_is_told_nothing_that_is_remembered(
    connect: Open, alice: User, charlie: User, direct: Conversation
) -> None:
    speaker, outsider = await connect(alice, direct, **CHAT), await connect(charlie)
    await say(speaker, direct, 1, 2)
    for name in ("chat:join", "chat:sync"):
        answer = await outsider.emit(name, {"conversationId": str(direct.pk), "afterSeq": 0})
        assert answer["error"]["code"] == "not_found"


async def test_what_was_changed_since_is_told_as_it_is_now(
    connect: Open, alice: User, bob: User, direct: Conversation
) -> None:
    speaker = await connect(alice, direct, **CHAT)
    edited, deleted, _ = await say(speaker, direct, 1, 2, 3)
    await database(execute, EditMessage(actor=alice.pk, message_id=edited, text="one"))
    await database(execute, DeleteMessage(actor=alice.pk, message_id=deleted))
    await speaker.expect("chat:deleted")
    reader = await connect(bob, **CHAT)
    await reader.emit("chat:join", {"conversationId": str(direct.pk), "afterSeq": 0})
    assert texts(reader) == ["one", "", "3"]
