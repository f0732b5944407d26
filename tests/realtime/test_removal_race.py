"""Removals amid sends: nothing behind a removal is heard by the removed, and nothing that they say is stored.

`REMOVAL_TRIALS` says how often; half of the time the removed user's server does not hear of it over the bus.
"""

import asyncio
import os
from collections.abc import Awaitable, Callable, Iterable
from typing import Any

import pytest

from conversations.commands import AddMember, RemoveMember
from conversations.events import MemberRemoved
from conversations.models import Conversation, ConversationEvent
from messaging.models import Message
from stoory.accounts.models import User
from stoory.commands import execute
from stoory.events import Event
from stoory.realtime.application import Application
from stoory.realtime.database import database
from tests.sockets import SocketClient

Open = Callable[..., Awaitable[SocketClient]]

TRIALS = int(os.environ.get("REMOVAL_TRIALS", "10"))
SENDS = 20
OWN_SENDS = 5

pytestmark = [pytest.mark.slow, pytest.mark.timeout(60 + TRIALS)]


class Deafness:
    """Has one server, while it is on, hear of removals from the log alone."""

    def __init__(self, accept: Callable[[Iterable[Event]], None]) -> None:
        self.accept = accept
        self.is_on = False

    def __call__(self, events: Iterable[Event]) -> None:
        self.accept([event for event in events if not (self.is_on and isinstance(event, MemberRemoved))])


def places(socket: SocketClient) -> list[int]:
    """Return the places in the log of what a socket has heard in the channel's room."""
    said = [payload["message"]["seq"] for payload in socket.heard("chat:new")]
    return said + [payload["seq"] for payload in socket.heard("chat:member_removed")]


async def test_nothing_behind_a_removal_is_heard_or_said(
    connect: Open,
    other_server: Application,
    alice: User,
    bob: User,
    channel: Conversation,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    await database(Conversation.objects.update, is_public=False)
    deafness = Deafness(other_server.node.relay.accept)
    monkeypatch.setattr(other_server.node, "_accept", deafness)
    key = str(channel.pk)
    sender, removed = await connect(alice, channel), await connect(bob, channel, on=other_server)
    change = {"actor": alice.pk, "conversation_id": key, "user_id": bob.pk}

    for trial in range(TRIALS):
        deafness.is_on = trial % 2 == 0
        removed.events.clear()
        sends = [sender.emit("chat:send", hello(key, f"{trial}/{number}")) for number in range(SENDS)]
        own = [removed.emit("chat:send", hello(key, f"{trial}/own/{number}")) for number in range(OWN_SENDS)]
        removal = asyncio.create_task(database(execute, RemoveMember(**change)))
        acks = await asyncio.gather(*sends)
        own_acks = await asyncio.gather(*own)
        assert await removal
        assert all(ack["ok"] for ack in acks)
        assert (await sender.emit("chat:send", hello(key, f"{trial}/last")))["ok"]

        place = await database(place_of_removal)
        await removed.expect("chat:member_removed")
        await removed.fence()
        assert max(places(removed), default=0) < place
        check_own(own_acks, place)
        assert not await database(Message.objects.filter(sender=bob, seq__gt=place).exists)

        await database(execute, AddMember(**change))
        assert (await removed.emit("chat:join", {"conversationId": key}))["ok"]


def hello(key: str, text: str) -> dict[str, str]:
    return {"tempId": text, "clientNonce": text, "conversationId": key, "text": text}


def place_of_removal() -> int:
    return ConversationEvent.objects.filter(kind="member_removed").order_by("-seq").values_list("seq", flat=True)[0]


def check_own(acks: list[Any], place: int) -> None:
    """Fail unless each send of the removed was stored before, or refused."""
    for ack in acks:
        if ack["ok"]:
            assert ack["message"]["seq"] < place
        else:
            assert ack["error"]["code"] == "not_found"
