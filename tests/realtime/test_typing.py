"""Typing: told to the others, ended by the server, never stored."""

from collections.abc import Awaitable, Callable

import pytest

from conversations.models import Conversation, ConversationEvent
from stoory.accounts.models import User
from stoory.realtime.database import database
from tests.sockets import SocketClient

Open = Callable[..., Awaitable[SocketClient]]


async def test_it_tells_the_others_and_not_the_typist(
    connect: Open, alice: User, bob: User, direct: Conversation
) -> None:
    typist, tab, other = await connect(alice, direct), await connect(alice, direct), await connect(bob, direct)
    where = {"conversationId": str(direct.pk)}
    assert await typist.emit("typing_start", where | {"userId": alice.pk}) == {"ok": True}
    assert await typist.emit("typing_start", where) == {"ok": True}
    assert await typist.emit("typing_stop", where) == {"ok": True}
    assert await other.fence() == [
        ("user_typing", {"conversationId": str(direct.pk), "userId": alice.pk, "isTyping": True}),
        ("user_typing", {"conversationId": str(direct.pk), "userId": alice.pk, "isTyping": False}),
    ]
    assert await typist.fence() == await tab.fence() == []
    assert await database(ConversationEvent.objects.count) == 0


async def test_it_refuses_to_type_for_somebody_else(
    connect: Open, alice: User, bob: User, direct: Conversation
) -> None:
    typist, other = await connect(alice, direct), await connect(bob, direct)
    ack = await typist.emit("typing_start", {"conversationId": str(direct.pk), "userId": bob.pk})
    assert ack["error"]["code"] == "forbidden"
    assert await other.fence() == []


async def test_the_server_ends_it_after_silence(
    connect: Open, alice: User, bob: User, direct: Conversation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("stoory.realtime.typing.SILENCE_SECONDS", 0.05)
    typist, other = await connect(alice, direct), await connect(bob, direct)
    await typist.emit("typing_start", {"conversationId": str(direct.pk)})
    assert (await other.expect("user_typing"))["isTyping"] is True
    assert (await other.expect("user_typing"))["isTyping"] is False


async def test_it_ends_when_the_typing_socket_goes(connect: Open, alice: User, bob: User, direct: Conversation) -> None:
    typist, _, other = await connect(alice, direct), await connect(alice), await connect(bob, direct)
    await typist.emit("typing_start", {"conversationId": str(direct.pk)})
    await typist.close()
    assert (await other.expect("user_typing"))["isTyping"] is True
    assert (await other.expect("user_typing"))["isTyping"] is False


async def test_a_read_or_typing_needs_no_join(connect: Open, alice: User, bob: User, direct: Conversation) -> None:
    typist, other = await connect(alice), await connect(bob, direct)
    assert await typist.emit("typing_start", {"conversationId": str(direct.pk)}) == {"ok": True}
    assert (await other.expect("user_typing"))["isTyping"] is True


async def test_it_lasts_while_another_socket_of_the_user_types(
    connect: Open, alice: User, bob: User, direct: Conversation
) -> None:
    one, two, other = await connect(alice), await connect(alice), await connect(bob, direct)
    for socket in (one, two):
        await socket.emit("typing_start", {"conversationId": str(direct.pk)})
    await one.close()
    await two.emit("chat:sync", {"conversationId": str(direct.pk), "afterSeq": 0})
    assert [payload["isTyping"] for _, payload in await other.fence()] == [True]
    await two.emit("typing_stop", {"conversationId": str(direct.pk)})
    assert [payload["isTyping"] for _, payload in await other.fence()] == [True, False]
