"""Sockets: who asks too often hears `rate_limited` and when to come back; nobody else notices."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from rest_framework.test import APIClient

from conversations.models import Conversation
from messaging.models import Message
from stoory.accounts.models import User
from stoory.realtime.application import Application
from stoory.realtime.contracts import CONTRACTS
from stoory.realtime.database import database
from tests.sockets import SocketClient

pytestmark = [pytest.mark.usefixtures("limited"), pytest.mark.slow]

Open = Callable[..., Awaitable[SocketClient]]
Api = Callable[[User | None], APIClient]

COUNTED = {
    "chat:send": ("send", "chat:error"),
    "message:send": ("send", "message:failed"),
    "chat:join": ("join", "chat:error"),
    "work:join": ("join", "work:error"),
    "join_conversation": ("join", "error"),
    "channel:join": ("join", "error"),
    "chat:read": ("read", "chat:error"),
    "message:read": ("read", "error"),
    "typing_start": ("typing", "chat:error"),
    "typing_stop": ("typing", "chat:error"),
    "reaction:add": ("reaction", "error"),
    "reaction:remove": ("reaction", "error"),
    "chat:action": ("action", "chat:error"),
    "chat:sync": ("history", "chat:error"),
    "chat:leave": ("other", "chat:error"),
    "work:leave": ("other", "work:error"),
    "leave_conversation": ("other", "error"),
    "channel:leave": ("other", "error"),
    "join_user_room": ("other", "error"),
    "leave_user_room": ("other", "error"),
    "nonsense": ("other", "chat:error"),
}
AUTHENTICATE = {"authenticate": ("other", "auth_error")}


def send(direct: Conversation, text: str) -> dict[str, Any]:
    return {"tempId": text, "conversationId": str(direct.pk), "text": text}


def texts() -> list[str]:
    return list(Message.objects.order_by("seq").values_list("text", flat=True))


def is_refused(answer: dict[str, Any]) -> bool:
    return bool(answer.get("error", {}).get("code") == "rate_limited")


@pytest.mark.parametrize("name", COUNTED)
async def test_it_refuses_what_is_asked_too_often(connect: Open, alice: User, bob: User, name: str) -> None:
    greedy, other = await connect(alice), await connect(bob)
    assert not any([is_refused(await greedy.emit(name, {})) for _ in range(3)])
    greedy.events.clear()
    answer = await greedy.emit(name, {"tempId": "t"})
    assert is_refused(answer)
    assert answer["error"]["message"] == "Too many requests"
    assert 0 < answer["error"]["retryAfter"] <= 1_200
    told = await greedy.expect(COUNTED[name][1])
    assert (told["code"], told["retryAfter"]) == ("rate_limited", answer["error"]["retryAfter"])
    assert not is_refused(await other.emit(name, {}))


def test_every_event_is_counted() -> None:
    routes = {name: route.limit for contract in CONTRACTS for name, route in contract.inbound.items()}
    assert routes | {"nonsense": "other"} == {name: limit for name, (limit, _) in (COUNTED | AUTHENTICATE).items()}


async def test_what_is_refused_is_not_stored(connect: Open, alice: User, bob: User, direct: Conversation) -> None:
    greedy, other = await connect(alice, direct), await connect(bob, direct)
    answers = [greedy.emit("chat:send", send(direct, f"{number}")) for number in range(5)]
    assert [is_refused(await answer) for answer in answers] == [False] * 3 + [True] * 2
    assert [error["tempId"] for error in greedy.heard("chat:error")] == ["3", "4"]
    assert (await other.emit("chat:send", send(direct, "Calm down")))["ok"]
    assert await database(texts) == ["0", "1", "2", "Calm down"]
    assert len([name for name, _ in await other.fence() if name == "chat:new"]) == 4


async def test_sockets_and_rest_count_together(connect: Open, api: Api, alice: User, direct: Conversation) -> None:
    phone, laptop = await connect(alice), await connect(alice)
    assert (await phone.emit("chat:send", send(direct, "1")))["ok"]
    assert (await laptop.emit("message:send", {"content": "2", "channelId": str(direct.pk)}))["ok"]
    post = api(alice).post
    route, body = f"/api/messages/conversations/{direct.pk}/messages", {"message": "3"}
    assert (await database(post, route, body, "json")).status_code == 201
    assert (await database(post, route, body, "json")).status_code == 429
    assert is_refused(await laptop.emit("chat:send", send(direct, "4")))


@pytest.mark.parametrize("per_address", [1])
async def test_who_has_not_said_who_they_are_is_counted_by_address(server: Application) -> None:
    first, second, elsewhere = SocketClient(server), SocketClient(server), SocketClient(server, address="203.0.113.9")
    for socket in (first, second, elsewhere):
        await socket.connect()
    codes = [(await first.emit("chat:join", {}))["error"]["code"] for _ in range(4)]
    assert codes == ["not_authenticated"] * 3 + ["rate_limited"]
    assert is_refused(await second.emit("chat:join", {}))
    assert not is_refused(await elsewhere.emit("chat:join", {}))
    for socket in (first, second, elsewhere):
        await socket.close()
