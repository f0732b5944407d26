"""Sockets, every event of every family: what is not yours is answered exactly as what does not exist.

A new field of an event fails here until `tests/security/events.py` says what it names, or holds.
"""

import json
import re
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from stoory.realtime.application import Application
from tests.security.events import HOLDS, NAMES, events, fields, kinds, payload
from tests.security.world import SECRET, UNKNOWN, World
from tests.sockets import SocketClient

Open = Callable[..., Awaitable[SocketClient]]

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

ID = re.compile(r"[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}")
TIME = re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+Z")
ALWAYS_WELL = {
    ("chat:leave", "conversationId"),  # not being there is no fault
    ("leave_conversation", "conversationId"),
    ("leave_conversation", ""),
    ("channel:leave", "channelId"),
    ("work:leave", "campaignId"),
    ("chat:read", "messageIds"),  # nor is what has been read, or is not there to be read
    ("chat:read", "upToMessageId"),
}


def test_every_field_is_in_the_matrix() -> None:
    found = {field for _, _, route in events() for field in fields(route)} - {""}
    assert found == set(NAMES) | set(HOLDS)


async def answer(socket: SocketClient, world: World, name: str, said: Any, ids: dict[str, str]) -> str:
    """All that a socket hears of an event, with what differs from one time to the next made alike."""
    text = json.dumps([await socket.emit(name, said), await socket.fence()])
    socket.events.clear()
    for kind in ("conversation", "message", "campaign", "user"):
        text = text.replace(ids[kind], kind)
    assert not [trace for trace in world.traces() if trace in text], name
    return ID.sub("new id", TIME.sub("now", text))


@pytest.mark.parametrize("who", ["non-member", "ex-member", "other role", "staff"])
async def test_what_is_foreign_is_not_there(server: Application, connect: Open, world: World, who: str) -> None:
    user = world.outsiders[who]
    own = world.own | {"user": user.pk}
    outsider, witness = await connect(user), await connect(world.insider)
    for conversation in world.foreign["conversation"]:
        assert (await witness.emit("chat:join", {"conversationId": conversation}))["ok"]
    witness.events.clear()

    for name, contract, route in events():
        for field, kind in kinds(route).items():
            if who == "staff" and kind == "campaign":
                continue  # staff follows every campaign
            ids = own | {kind: UNKNOWN[kind]}
            nowhere = await answer(outsider, world, name, payload(route, ids, naming=field), ids)
            for foreign in world.foreign[kind]:
                ids = own | {kind: foreign}
                there = await answer(outsider, world, name, payload(route, ids, naming=field), ids)
                assert there == nowhere, (contract.name, name, field)
    assert await witness.fence() == []

    for conversation in world.foreign["conversation"][:2]:
        said = {"conversationId": conversation, "text": SECRET}
        assert (await witness.emit("chat:send", said))["ok"]
    assert await outsider.fence() == []


async def test_strangers_are_not_answered(server: Application, connect: Open, world: World) -> None:
    stranger = await connect()
    everything = {kind: ids[0] for kind, ids in world.foreign.items()}
    for name, _, route in events():
        if not route.public:
            acknowledged = await stranger.emit(name, payload(route, everything))
            assert acknowledged["error"] == {"code": "not_authenticated", "message": "Not authenticated"}, name
    assert [name for name, _, route in events() if route.public] == ["authenticate"]
    assert not any(world.insider.pk in str(event) for event in await stranger.fence())


async def test_the_matrix_says_what_insiders_are_answered(connect: Open, world: World) -> None:
    """Otherwise all of the above could pass because no event makes sense."""
    insider = await connect(world.insider)
    silent = set()
    for name, _, route in events():
        for field, kind in kinds(route).items():
            answers = [
                await insider.emit(name, payload(route, ids, naming=field))
                != await insider.emit(name, payload(route, ids | {kind: UNKNOWN[kind]}, naming=field))
                for ids in world.insights()
            ]
            if not any(answers):
                silent.add((name, field))
    assert silent == ALWAYS_WELL
