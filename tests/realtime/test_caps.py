"""How many there may be: connections, sockets that have not said who they are, rooms, sends that wait."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest

from conversations.models import Conversation
from messaging.models import Message
from stoory.accounts.models import User
from stoory.addresses import networks
from stoory.auth import issue_token
from stoory.realtime.application import Application
from stoory.realtime.database import database
from tests.sockets import Refused, SocketClient

pytestmark = [pytest.mark.usefixtures("limited"), pytest.mark.slow]

Open = Callable[..., Awaitable[SocketClient]]
Dial = Callable[..., Awaitable[SocketClient]]

ELSEWHERE, PROXY = "203.0.113.9", "10.0.0.1"
FULL = {"code": "rate_limited", "message": "Too many requests", "retryAfter": 10}


@pytest.fixture
def rates() -> dict[str, str]:
    """None: numbers alone are limited here."""
    return {}


@pytest.fixture
async def dial(server: Application) -> AsyncIterator[Dial]:
    """Connect from an address; raises `Refused`."""
    opened: list[SocketClient] = []

    async def open_socket(
        address: str = "127.0.0.1", user: User | None = None, headers: dict[str, str] | None = None, **options: Any
    ) -> SocketClient:
        socket = SocketClient(server, address=address, headers=headers, **options)
        opened.append(socket)
        token = (await database(issue_token, user))["token"] if user else None
        return await socket.connect({"token": token} if token else None)

    yield open_socket
    for socket in opened:
        await socket.close()


async def refusal(dialed: Awaitable[SocketClient]) -> dict[str, Any]:
    with pytest.raises(Refused) as refused:
        await dialed
    return refused.value.data


async def poll(server: Application, address: str = "127.0.0.1") -> tuple[int, dict[bytes, bytes]]:
    """Ask for a connection by polling; return the status and the headers."""
    return await get(server, "/socket.io/", address)


async def get(server: Application, path: str, address: str, **headers: str) -> tuple[int, dict[bytes, bytes]]:
    """Ask for a page."""
    scope = {
        "type": "http",
        "method": "GET",
        "path": path,
        "query_string": b"EIO=4&transport=polling",
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
        "client": (address, 50_000),
    }
    sent: list[Any] = []
    received: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
    received.put_nowait({"type": "http.request", "body": b"", "more_body": False})

    async def send(message: Any) -> None:
        sent.append(message)

    await server(scope, received.get, send)
    return sent[0]["status"], dict(sent[0]["headers"])


# Connections of an address


@pytest.fixture
def two_an_address(settings: Any) -> None:
    settings.CONNECTIONS_PER_ADDRESS = 2


@pytest.mark.usefixtures("two_an_address")
async def test_an_address_has_so_many_connections(dial: Dial, server: Application, alice: User) -> None:
    first = await dial()
    await dial(user=alice)
    assert await refusal(dial(user=alice)) == FULL
    status, headers = await poll(server)
    assert (status, headers[b"retry-after"]) == (429, b"10")
    await dial(ELSEWHERE, alice)
    await first.close()
    await dial(user=alice)


@pytest.mark.usefixtures("two_an_address")
async def test_of_many_at_once_as_many_connect_as_may(dial: Dial, alice: User) -> None:
    answers = await asyncio.gather(*(dial(user=alice) for _ in range(10)), return_exceptions=True)
    refused = [answer.data for answer in answers if isinstance(answer, Refused)]
    assert len(refused) == 8
    told = {"message": "Too many requests", "data": {"code": "rate_limited", "retryAfter": 10}}
    assert all(data in (FULL, told) for data in refused)


@pytest.mark.usefixtures("two_an_address")
async def test_the_addresses_of_one_subscriber_are_one(dial: Dial) -> None:
    await dial("2001:db8:1:2::1")
    await dial("2001:db8:1:2::2")
    assert await refusal(dial("2001:db8:1:2::3")) == FULL
    await dial("2001:db8:1:3::1")


@pytest.mark.usefixtures("two_an_address")
@pytest.mark.parametrize("header", ["X-Forwarded-For", "X_Forwarded_For", "Forwarded", "X-Real-IP"])
async def test_a_strangers_word_for_another_address_does_not_count(dial: Dial, settings: Any, header: str) -> None:
    settings.TRUSTED_PROXIES = networks([PROXY])
    for number in range(2):
        await dial(ELSEWHERE, headers={header: f"198.51.100.{number}"})
    assert await refusal(dial(ELSEWHERE, headers={header: "198.51.100.3"})) == FULL


@pytest.mark.usefixtures("two_an_address")
async def test_behind_a_proxy_it_is_the_clients_address(dial: Dial, settings: Any) -> None:
    settings.TRUSTED_PROXIES = networks([PROXY])
    for number in range(3):
        await dial(PROXY, headers={"X-Forwarded-For": f"198.51.100.{number}"})
    await dial(PROXY, headers={"X-Forwarded-For": "8.8.8.1, 198.51.100.0"})
    assert await refusal(dial(PROXY, headers={"X-Forwarded-For": "8.8.8.2, 198.51.100.0"})) == FULL


@pytest.mark.parametrize(("rates", "per_address"), [({"other": "3/h"}, 1)])
async def test_rest_sees_the_same_address(server: Application, settings: Any) -> None:
    settings.TRUSTED_PROXIES = networks([PROXY])

    async def ask(peer: str, forwarded: str) -> int:
        headers = {"host": "localhost", "authorization": "Bearer guessed", "x-forwarded-for": forwarded}
        return (await get(server, "/api/messages/unread-count", peer, **headers))[0]

    assert [await ask(PROXY, f"8.8.8.{number}, {ELSEWHERE}") for number in range(4)] == [401, 401, 401, 429]
    assert await ask(ELSEWHERE, "198.51.100.7") == 429
    assert await ask(PROXY, "198.51.100.7") == 401


@pytest.mark.parametrize(("rates", "per_address"), [({"connect": "3/h"}, 1)])
async def test_an_address_opens_connections_so_fast(dial: Dial, server: Application) -> None:
    for _ in range(3):
        await (await dial()).close()
    assert 0 < (await refusal(dial()))["retryAfter"] <= 1_200
    status, headers = await poll(server)
    assert (status, int(headers[b"retry-after"]) <= 1_200) == (429, True)
    await dial(ELSEWHERE)


async def test_a_flood_of_handshakes_leaves_room_for_others(server: Application, dial: Dial, alice: User) -> None:
    statuses = [(await poll(server, ELSEWHERE))[0] for _ in range(1_000)]
    assert (statuses.count(200), statuses.count(429)) == (50, 950)
    await dial(user=alice)


# Connections of a user


@pytest.fixture
def two_a_user(settings: Any) -> None:
    settings.CONNECTIONS_PER_USER = 2


@pytest.mark.usefixtures("two_a_user")
async def test_a_user_has_so_many_connections(dial: Dial, alice: User, bob: User) -> None:
    first = await dial(user=alice)
    await dial(ELSEWHERE, alice)
    told = {"message": "Too many requests", "data": {"code": "rate_limited", "retryAfter": 10}}
    assert await refusal(dial(user=alice)) == told
    await dial(user=bob)
    await first.close()
    await dial(user=alice)


@pytest.mark.usefixtures("two_a_user")
async def test_a_user_has_no_more_by_authenticating_late(dial: Dial, alice: User) -> None:
    token = {"token": (await database(issue_token, alice))["token"]}
    await dial(user=alice)
    second, third = await dial(), await dial()
    assert (await second.emit("authenticate", token))["ok"]
    assert (await second.emit("authenticate", token))["ok"]
    assert (await third.emit("authenticate", token))["error"] == FULL
    assert await third.expect("auth_error") == FULL
    await asyncio.wait_for(third.disconnected.wait(), 5)


@pytest.mark.usefixtures("two_a_user")
async def test_a_workspace_client_is_told_in_its_words(dial: Dial, alice: User) -> None:
    for _ in range(2):
        await dial(user=alice)
    third = await dial(user=alice, path="/api/socket.io/")
    told = await third.expect("connection:error")
    assert told == {
        "error": "Too many requests",
        "reason": "rate_limited",
        "reconnectAttempt": 1,
        "retryAfter": 10,
    }
    await asyncio.wait_for(third.disconnected.wait(), 5)


@pytest.mark.parametrize("rates", [{"connect": "3/h"}])
async def test_a_user_connects_so_often(dial: Dial, alice: User, bob: User) -> None:
    for _ in range(3):
        await (await dial(user=alice)).close()
    assert (await refusal(dial(user=alice)))["data"]["code"] == "rate_limited"
    await dial(user=bob)


# Who does not say who they are


async def test_an_address_has_so_many_strangers(dial: Dial, alice: User, settings: Any) -> None:
    settings.STRANGERS_PER_ADDRESS = 2
    first, _ = await dial(), await dial()
    told = {"message": "Too many requests", "data": {"code": "rate_limited", "retryAfter": 10}}
    assert await refusal(dial()) == told
    await dial(ELSEWHERE)
    await dial(user=alice)
    assert (await first.emit("authenticate", {"token": (await database(issue_token, alice))["token"]}))["ok"]
    await dial()


# The lane


@pytest.mark.parametrize(("name", "event"), [("chat:send", "chat:error"), ("message:send", "message:failed")])
async def test_a_full_lane_takes_nothing_more(
    connect: Open, alice: User, direct: Conversation, settings: Any, name: str, event: str
) -> None:
    socket, place = await connect(alice), str(direct.pk)
    payload = {"conversationId": place, "channelId": place, "tempId": "t", "text": "Hi", "content": "Hi"}
    settings.LANE_SIZE = 0
    assert (await socket.emit(name, payload))["error"] == FULL | {"retryAfter": 1}
    assert (await socket.expect(event))["retryAfter"] == 1
    assert socket.heard("message:delivered") == []
    settings.LANE_SIZE = 1
    assert (await socket.emit(name, payload))["ok"]
    assert await database(Message.objects.count) == 1


async def test_a_lane_takes_as_many_as_fit(
    server: Application, connect: Open, alice: User, bob: User, direct: Conversation, settings: Any
) -> None:
    settings.LANE_SIZE = 3
    socket, place = await connect(alice), str(direct.pk)
    answers = [socket.emit("chat:send", {"conversationId": place, "text": f"{number}"}) for number in range(50)]
    accepted = [answer["ok"] for answer in [await answer for answer in answers]]
    assert accepted[:3] == [True] * 3
    assert await database(Message.objects.count) == accepted.count(True)


# Rooms


@pytest.fixture
def two_rooms(settings: Any) -> None:
    settings.ROOMS_PER_SOCKET = 2


def place(conversation: Conversation) -> dict[str, str]:
    return {"conversationId": str(conversation.pk), "campaignId": "campaign-1"}


@pytest.mark.usefixtures("two_rooms")
async def test_a_socket_is_in_so_many_rooms(
    connect: Open, alice: User, direct: Conversation, channel: Conversation, bid: Conversation
) -> None:
    socket = await connect(alice, direct, channel)
    full = await socket.emit("chat:join", place(bid))
    message = "Too many rooms on one socket: leave another first"
    assert full["error"] == {"code": "rate_limited", "message": message, "retryAfter": 60}
    assert (await socket.emit("work:join", place(bid)))["error"]["code"] == "rate_limited"
    assert (await socket.emit("chat:join", place(direct)))["ok"]
    assert (await socket.emit("chat:leave", place(direct)))["ok"]
    assert (await socket.emit("chat:join", place(bid)))["ok"]


@pytest.mark.usefixtures("two_rooms")
async def test_what_a_workspace_joins_by_connecting_is_not_counted(
    dial: Dial, alice: User, direct: Conversation, channel: Conversation, bid: Conversation
) -> None:
    socket = await dial(user=alice, path="/api/socket.io/")
    assert len((await socket.expect("connection:success"))["channels"]) == 3
    assert (await socket.emit("channel:join", {"channelId": str(channel.pk)}))["ok"]


# All of it


async def test_all_caps_can_be_switched_off(dial: Dial, alice: User, direct: Conversation, settings: Any) -> None:
    settings.RATE_LIMITS = False
    for name in ("CONNECTIONS_PER_USER", "CONNECTIONS_PER_ADDRESS", "STRANGERS_PER_ADDRESS", "ROOMS_PER_SOCKET"):
        setattr(settings, name, 0)
    settings.LANE_SIZE = 0
    await dial()
    socket = await dial(user=alice)
    assert (await socket.emit("chat:join", place(direct)))["ok"]
    assert (await socket.emit("chat:send", {**place(direct), "text": "Hi"}))["ok"]
