"""A send that is repeated is stored once, told once, and acknowledged every time with the stored message."""

from collections.abc import Awaitable, Callable

import pytest

from conversations.models import Conversation
from messaging.models import Message
from stoory.accounts.models import User
from stoory.realtime.application import Application
from stoory.realtime.database import database
from tests.sockets import SocketClient

Open = Callable[..., Awaitable[SocketClient]]


def hello(conversation: Conversation, **fields: str) -> dict[str, str]:
    return {"tempId": "t", "conversationId": str(conversation.pk), "text": "Hi", **fields}


async def test_a_repeated_nonce_is_one_message(connect: Open, alice: User, bob: User, direct: Conversation) -> None:
    sender, receiver = await connect(alice, direct), await connect(bob, direct)
    first = await sender.emit("chat:send", hello(direct, clientNonce="n"))
    again = await sender.emit("chat:send", hello(direct, clientNonce="n", tempId="t2"))
    assert again == {"ok": True, "duplicate": True, "message": first["message"]}
    assert sender.heard("chat:ack")[1] == {"tempId": "t2", "message": first["message"]}
    await receiver.fence()
    assert len(receiver.heard("chat:new")) == 1


async def test_a_nonce_with_other_content_is_refused(connect: Open, alice: User, direct: Conversation) -> None:
    sender = await connect(alice, direct)
    await sender.emit("chat:send", hello(direct, clientNonce="n"))
    ack = await sender.emit("chat:send", hello(direct, clientNonce="n", text="Other"))
    assert ack["error"]["code"] == "nonce_reused"


async def test_the_same_nonce_at_once_on_two_servers_is_one_message(
    connect: Open, other_server: Application, alice: User, bob: User, direct: Conversation
) -> None:
    here, there = await connect(alice, direct), await connect(alice, direct, on=other_server)
    receiver = await connect(bob, direct)
    sends = [socket.emit("chat:send", hello(direct, clientNonce="n")) for socket in (here, there) * 10]
    answers = [await send for send in sends]
    assert {answer["message"]["id"] for answer in answers} == {answers[0]["message"]["id"]}
    assert sum("duplicate" not in answer for answer in answers) == 1
    assert await database(Message.objects.count) == 1
    await receiver.expect("chat:new")
    await receiver.fence()
    assert receiver.heard("chat:new") == []


async def test_the_same_temp_id_and_text_is_a_repeat(connect: Open, alice: User, direct: Conversation) -> None:
    sender = await connect(alice, direct)
    first = await sender.emit("chat:send", hello(direct))
    again = await sender.emit("chat:send", hello(direct))
    other = await sender.emit("chat:send", hello(direct, text="Other"))
    assert again["duplicate"] is True
    assert again["message"] == first["message"]
    assert other["message"]["seq"] == 2


async def test_the_same_temp_id_is_forgotten_after_ten_minutes(
    connect: Open, alice: User, direct: Conversation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("stoory.realtime.repeats.REMEMBER_SECONDS", 0.0)
    sender = await connect(alice, direct)
    seqs = [(await sender.emit("chat:send", hello(direct)))["message"]["seq"] for _ in range(2)]
    assert seqs == [1, 2]
