"""Three ways to say who one is, and every way to fail."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import jwt
import pytest
from django.conf import settings
from rest_framework_simplejwt.tokens import RefreshToken

from conversations.models import Conversation
from stoory.accounts.models import User
from stoory.auth import issue_token
from stoory.realtime.application import Application
from stoory.realtime.database import database
from stoory.realtime.transports import BadPacket
from stoory.times import utc_now
from tests.sockets import Refused, SocketClient

pytestmark = pytest.mark.slow

Open = Callable[..., Awaitable[SocketClient]]


def token_of(user: User, lifetime: timedelta | None = None) -> str:
    return issue_token(user, lifetime)["token"]


def unsigned(user: User) -> str:
    claims = {"token_type": "access", "exp": 4_000_000_000, "iat": 0, "jti": "x", "user_id": user.pk}
    return jwt.encode(claims, key="", algorithm="none")


BAD_TOKENS: dict[str, tuple[Callable[[User], Any], str]] = {
    "empty": (lambda user: "", "not_authenticated"),
    "null": (lambda user: None, "not_authenticated"),
    "a number": (lambda user: 42, "invalid_token"),
    "an object": (lambda user: {"a": 1}, "invalid_token"),
    "garbage": (lambda user: "garbage", "invalid_token"),
    "too long": (lambda user: "x" * 10_000, "invalid_token"),
    "expired": (lambda user: token_of(user, timedelta(seconds=-1)), "token_expired"),
    "unsigned": (unsigned, "invalid_token"),
    "a refresh token": (lambda user: str(RefreshToken.for_user(user)), "invalid_token"),
    "of somebody unknown": (lambda user: token_of(User(username="nobody")), "invalid_token"),
}


@pytest.mark.parametrize("prefix", ["", "Bearer "])
async def test_it_takes_a_token_by_event(connect: Open, alice: User, prefix: str) -> None:
    socket = await connect()
    assert await socket.emit("authenticate", {"token": prefix + token_of(alice)}) == {"ok": True, "userId": alice.pk}
    assert await socket.expect("authenticated") == {"userId": alice.pk}


async def test_it_takes_a_token_in_the_handshake(connect: Open, alice: User) -> None:
    socket = await connect(token=f"Bearer {token_of(alice)}")
    assert await socket.expect("authenticated") == {"userId": alice.pk}


async def test_it_takes_a_token_in_the_header(server: Application, alice: User) -> None:
    socket = SocketClient(server, headers={"Authorization": f"Bearer {token_of(alice)}"})
    await socket.connect()
    assert await socket.expect("authenticated") == {"userId": alice.pk}
    await socket.close()


@pytest.mark.parametrize("name", BAD_TOKENS)
async def test_it_refuses_a_bad_token_by_event_and_disconnects(connect: Open, alice: User, name: str) -> None:
    make, code = BAD_TOKENS[name]
    socket = await connect()
    ack = await socket.emit("authenticate", {"token": await database(make, alice)})
    assert ack["error"]["code"] == code
    assert await socket.expect("auth_error") == {"message": ack["error"]["message"], "code": code}
    await asyncio.wait_for(socket.disconnected.wait(), 2)


@pytest.mark.parametrize("name", BAD_TOKENS)
async def test_it_refuses_a_bad_token_in_the_handshake(connect: Open, alice: User, name: str) -> None:
    make, code = BAD_TOKENS[name]
    with pytest.raises(Refused, match="Authentication error: ") as refused:
        await connect(token=await database(make, alice))
    assert refused.value.data["data"] == {"code": code}


async def test_a_namespace_is_connected_to_once_whatever_comes_at_once(
    server: Application, connect: Open, alice: User
) -> None:
    """A client that changes its transport can have two packets under way."""
    socket, engine = await connect(), server.node.server.eio
    (connection,) = engine.sockets.values()
    packet = f'0/api/socket.io,{{"token": "{await database(token_of, alice)}"}}'

    taken = await asyncio.gather(*(engine.take(connection, packet) for _ in range(2)), return_exceptions=True)

    assert [type(each) for each in taken] == [type(None), BadPacket]
    await socket.close()
    assert list(server.node.server.sessions) == []


async def test_it_refuses_a_deactivated_user(connect: Open, alice: User) -> None:
    token = token_of(alice)
    alice.is_active = False
    await database(alice.save)
    with pytest.raises(Refused) as refused:
        await connect(token=token)
    assert refused.value.data["data"] == {"code": "invalid_token"}


async def test_it_disconnects_who_does_not_authenticate_in_time(connect: Open, settings: Any) -> None:
    settings.AUTH_DEADLINE_SECONDS = 0.05
    socket = await connect()
    assert await socket.expect("auth_error") == {"message": "Authentication timeout", "code": "not_authenticated"}
    await asyncio.wait_for(socket.disconnected.wait(), 2)
    await asyncio.wait_for(socket.closed.wait(), 3)


async def test_it_lets_who_authenticated_in_time_stay(connect: Open, alice: User, settings: Any) -> None:
    settings.AUTH_DEADLINE_SECONDS = 0.05
    early, late = await connect(alice), await connect()
    await late.expect("auth_error")
    assert await early.fence() == []


@pytest.mark.parametrize("name", ["chat:join", "chat:send", "chat:read", "chat:sync", "chat:leave", "typing_start"])
async def test_it_takes_nothing_before_authentication(connect: Open, direct: Conversation, name: str) -> None:
    socket = await connect()
    ack = await socket.emit(name, {"conversationId": str(direct.pk), "tempId": "t", "text": "Hi", "afterSeq": 0})
    assert ack["error"]["code"] == "not_authenticated"


async def test_it_renews_the_token_of_a_live_socket(connect: Open, alice: User) -> None:
    socket = await connect(alice)
    assert (await socket.emit("authenticate", {"token": token_of(alice)}))["ok"]


async def test_it_does_not_change_the_user_of_a_socket(connect: Open, alice: User, bob: User) -> None:
    socket = await connect(alice)
    ack = await socket.emit("authenticate", {"token": token_of(bob)})
    assert ack["error"]["code"] == "forbidden"
    await asyncio.wait_for(socket.disconnected.wait(), 2)


async def test_it_warns_before_a_token_expires(connect: Open, alice: User) -> None:
    expires = utc_now() + timedelta(seconds=30)
    socket = await connect(token=token_of(alice, timedelta(seconds=30)))
    warning = await socket.expect("auth:expiring")
    assert warning["expiresAt"][:16] == expires.isoformat()[:16] or warning["expiresAt"] > expires.isoformat()


async def test_it_ends_a_socket_half_a_minute_after_its_token(
    connect: Open, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("stoory.realtime.server.EXPIRY_GRACE", timedelta(seconds=-30))
    socket = await connect(token=token_of(alice, timedelta(seconds=30)))
    assert (await socket.expect("auth_error"))["code"] == "token_expired"
    await asyncio.wait_for(socket.disconnected.wait(), 2)


async def test_a_renewed_token_moves_the_end(connect: Open, alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("stoory.realtime.server.EXPIRY_GRACE", timedelta(seconds=-28.5))
    socket = await connect(token=token_of(alice, timedelta(seconds=30)))
    assert (await socket.emit("authenticate", {"token": token_of(alice)}))["ok"]
    witness = await connect(token=token_of(alice, timedelta(seconds=30)))
    await witness.expect("auth_error")
    assert "auth_error" not in [name for name, _ in await socket.fence()]


def test_tokens_are_signed_with_a_key_of_their_own() -> None:
    assert settings.SIMPLE_JWT["SIGNING_KEY"] != settings.SECRET_KEY


async def test_a_deactivated_user_is_sent_away(fast_repair: None, connect: Open, alice: User, bob: User) -> None:
    socket, other = await connect(alice), await connect(bob)
    await database(User.objects.filter(pk=alice.pk).update, is_active=False)
    assert (await socket.expect("auth_error"))["code"] == "invalid_token"
    await asyncio.wait_for(socket.disconnected.wait(), 2)
    assert await other.fence() == []


async def test_a_fault_of_ours_refuses_the_handshake_in_words(
    server: Application, connect: Open, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(token: object) -> None:
        raise ConnectionError("the database is away")

    monkeypatch.setattr(server.node.server.places, "identify", fail)
    with pytest.raises(Refused) as refused:
        await connect(alice)
    assert refused.value.data["data"] == {"code": "internal"}
    assert "database" not in str(refused.value)
