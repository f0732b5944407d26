"""Who loses the right to be here is told and sent away, on every server, and hears nothing behind it.

`REVOKED_SOCKETS` says how many sockets go at once.
"""

import asyncio
import os
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest

from conversations.models import Conversation, Participant
from stoory.accounts.commands import RevokeTokens
from stoory.accounts.models import User
from stoory.accounts.services import tell_revoked
from stoory.auth import issue_token
from stoory.commands import execute
from stoory.realtime.application import Application
from stoory.realtime.database import database
from tests.sockets import Refused, SocketClient

Open = Callable[..., Awaitable[SocketClient]]

SOCKETS = int(os.environ.get("REVOKED_SOCKETS", "12"))
A_WHILE = 3_600


@pytest.fixture
def never_looking(settings: Any) -> None:
    """Only what is told has a server look; to be asked for before the server."""
    settings.REPAIR_SECONDS = A_WHILE


@pytest.fixture
def crowd(channel: Conversation) -> list[User]:
    """Members of the channel."""
    users = User.objects.bulk_create(User(username=f"member {number}") for number in range(SOCKETS))
    Participant.objects.bulk_create(Participant(conversation=channel, user=user) for user in users)
    return users


def deactivate(user: User) -> None:
    User.objects.filter(pk=user.pk).update(is_active=False)
    tell_revoked(user.pk)


def log_out(user: User) -> None:
    execute(RevokeTokens(actor=user.pk, user_id=user.pk))


def change_password(user: User) -> None:
    user.set_password("another secret")
    user.save()


REASONS: dict[str, tuple[Callable[[User], None], str]] = {
    "deactivated": (deactivate, "This account is deactivated"),
    "logged out": (log_out, "This token was revoked"),
    "a new password": (change_password, "This token was revoked"),
}


@pytest.mark.parametrize("reason", REASONS)
async def test_it_happens_at_once_on_every_server(
    never_looking: None, connect: Open, other_server: Application, alice: User, bob: User, reason: str
) -> None:
    revoke, message = REASONS[reason]
    sockets = [await connect(alice), await connect(alice, on=other_server)]
    witness = await connect(bob)
    await database(revoke, alice)
    for socket in sockets:
        assert await socket.expect("auth_error") == {"message": message, "code": "invalid_token"}
        await asyncio.wait_for(socket.disconnected.wait(), 2)
    assert await witness.fence() == []


async def test_a_workspace_socket_hears_it_in_its_own_words(workspace: Open, alice: User) -> None:
    socket = await workspace(alice)
    await database(log_out, alice)
    refusal = await socket.expect("connection:error")
    assert (refusal["error"], refusal["reason"]) == ("This token was revoked", "auth_error")


async def test_what_nobody_tells_is_found(fast_repair: None, connect: Open, alice: User) -> None:
    socket = await connect(alice)
    await database(User.objects.filter(pk=alice.pk).update, token_version=1)
    assert (await socket.expect("auth_error"))["code"] == "invalid_token"


async def test_who_logs_in_again_stays(never_looking: None, connect: Open, server: Application, alice: User) -> None:
    old = await connect(alice)
    await database(log_out, alice)
    await old.expect("auth_error")
    await database(alice.refresh_from_db)
    new = await connect(alice)
    await server.node.revocation.look()
    assert await new.fence() == []


async def test_a_void_token_opens_no_socket(connect: Open, alice: User) -> None:
    token = (await database(issue_token, alice))["token"]
    await database(log_out, alice)
    with pytest.raises(Refused) as refused:
        await connect(token=token)
    assert refused.value.data["data"] == {"code": "invalid_token"}


async def test_a_live_socket_takes_a_new_token_of_the_new_version(
    never_looking: None, connect: Open, server: Application, alice: User
) -> None:
    socket = await connect(alice)
    await database(User.objects.filter(pk=alice.pk).update, token_version=1)
    await database(alice.refresh_from_db)
    token = (await database(issue_token, alice))["token"]
    assert (await socket.emit("authenticate", {"token": token}))["ok"]
    await server.node.revocation.look()
    assert "auth_error" not in [name for name, _ in await socket.fence()]


async def test_many_go_at_once_and_hear_nothing_behind_it(
    never_looking: None,
    connect: Open,
    other_server: Application,
    channel: Conversation,
    alice: User,
    crowd: list[User],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sender = await connect(alice, channel)
    kinds = [deactivate, log_out]
    leaving = [
        await connect(user, channel, on=other_server if number % 2 else None) for number, user in enumerate(crowd)
    ]
    for number, user in enumerate(crowd):
        await database(kinds[number % len(kinds)], user)
    for socket in leaving:
        await asyncio.wait_for(socket.disconnected.wait(), 2)
        assert socket.names()[-1] == "auth_error"
    heard = [len(socket.events) for socket in leaving]
    await sender.emit("chat:send", {"tempId": "1", "conversationId": str(channel.pk), "text": "Hi"})
    await sender.expect("chat:new")
    await sender.fence()
    assert [len(socket.events) for socket in leaving] == heard


async def test_a_token_that_expires_ends_its_socket_and_no_other(
    connect: Open, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("stoory.realtime.server.EXPIRY_GRACE", timedelta(seconds=-60))
    short = await database(issue_token, alice, timedelta(seconds=60))
    other, socket = await connect(alice), await connect(token=short["token"])
    assert (await socket.expect("auth_error"))["code"] == "token_expired"
    await asyncio.wait_for(socket.disconnected.wait(), 2)
    assert "auth_error" not in [name for name, _ in await other.fence()]
