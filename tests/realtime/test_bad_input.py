"""Whatever a client sends: a coded answer, a usable socket, nothing stored, nothing heard by others."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from conversations.models import Conversation, ConversationEvent
from messaging.models import Message
from stoory.accounts.models import User
from stoory.realtime.database import database
from stoory.realtime.dispatch import ROUTES
from tests.sockets import SocketClient

pytestmark = pytest.mark.slow

Open = Callable[..., Awaitable[SocketClient]]


def nested(depth: int) -> Any:
    value: Any = "deep"
    for _ in range(depth):
        value = {"a": value}
    return value


BAD_SENDS: dict[str, tuple[dict[str, Any], str, str]] = {
    "text missing": ({"text": ...}, "invalid_payload", "$.text"),
    "text null": ({"text": None}, "invalid_payload", "$.text"),
    "text empty": ({"text": ""}, "invalid_payload", "$.text"),
    "text blank": ({"text": " \n"}, "invalid_payload", "$.text"),
    "text too long": ({"text": "x" * 10_001}, "invalid_payload", "$.text"),
    "text not a string": ({"text": 42}, "invalid_payload", "$.text"),
    "text with NUL": ({"text": "a\x00b"}, "invalid_payload", "$.text"),
    "text with a lone surrogate": ({"text": "a\ud800b"}, "invalid_payload", "$.text"),
    "nonce too long": ({"clientNonce": "n" * 129}, "invalid_payload", "$.clientNonce"),
    "nonce empty": ({"clientNonce": ""}, "invalid_payload", "$.clientNonce"),
    "nonce not a string": ({"clientNonce": 7}, "invalid_payload", "$.clientNonce"),
    "nonce with NUL": ({"clientNonce": "\x00"}, "invalid_payload", "$.clientNonce"),
    "tempId too long": ({"tempId": "t" * 129}, "invalid_payload", "$.tempId"),
    "tempId not a string": ({"tempId": ["t"]}, "invalid_payload", "$.tempId"),
    "tempId a lone surrogate": ({"tempId": "\udfff"}, "invalid_payload", "$.tempId"),
    "metadata nested deep": ({"metadata": nested(200)}, "invalid_payload", "$.metadata"),
    "metadata not an object": ({"metadata": [1]}, "invalid_payload", "$.metadata"),
    "metadata too large": ({"metadata": {"a": "x" * 9_000}}, "invalid_payload", "$.metadata"),
    "metadata with a huge integer": ({"metadata": {"a": 2**53}}, "invalid_payload", "$.metadata.a"),
    "attachments nested deep": ({"attachments": nested(200)}, "invalid_payload", "$.attachments"),
    "attachments a string": ({"attachments": "a.png"}, "invalid_payload", "$.attachments"),
    "reply to a stranger's message": ({"replyToId": "no such"}, "invalid_payload", "$.replyToId"),
    "conversation missing": ({"conversationId": ...}, "invalid_payload", "$"),
    "conversation not a string": ({"conversationId": {}}, "invalid_payload", "$.conversationId"),
    "conversation unknown": ({"conversationId": "0197f000-0000-7000-8000-000000000000"}, "not_found", ""),
    "conversation no id": ({"conversationId": "'; DROP TABLE"}, "not_found", ""),
    "conversation with NUL": ({"conversationId": "\x00"}, "not_found", ""),
    "event over the limit": ({"metadata": {"a": "x" * 66_000}}, "payload_too_large", ""),
    "sent as somebody else": ({"senderId": "bob"}, "forbidden", ""),
    "sent in another role": ({"role": "influencer"}, "forbidden", ""),
}


@pytest.mark.parametrize("name", BAD_SENDS)
async def test_it_refuses_a_bad_send(connect: Open, alice: User, bob: User, direct: Conversation, name: str) -> None:
    change, code, path = BAD_SENDS[name]
    sender, witness = await connect(alice, direct), await connect(bob, direct)
    payload = {"tempId": "t", "conversationId": str(direct.pk), "text": "Hi", **change}

    ack = await sender.emit("chat:send", {key: value for key, value in payload.items() if value is not ...})

    assert (ack["ok"], ack["error"]["code"], ack["error"].get("path", "")) == (False, code, path)
    error = await sender.expect("chat:error")
    assert (error["code"], error["event"]) == (code, "chat:send")
    assert await database(Message.objects.count) == 0
    assert await witness.fence() == []
    good = await sender.emit("chat:send", {"tempId": "t", "conversationId": str(direct.pk), "text": "Hi"})
    assert good["message"]["seq"] == 1


EVERY_EVENT = [name for name in ROUTES if name != "authenticate"]
NOT_OBJECTS: dict[str, list[Any]] = {
    "nothing": [],
    "null": [None],
    "a number": [7],
    "a list": [[1, 2]],
    "a string": ["text"],
    "nested 200 deep": [nested(200)],
    "an empty object": [{}],
    "a wrong id": [{"conversationId": 1, "afterSeq": "x", "messageIds": 5}],
}


@pytest.mark.parametrize("payload", NOT_OBJECTS)
@pytest.mark.parametrize("name", EVERY_EVENT)
async def test_it_refuses_what_is_not_the_payload(
    connect: Open, alice: User, bob: User, direct: Conversation, name: str, payload: str
) -> None:
    socket, witness = await connect(alice, direct), await connect(bob, direct)
    ack = await socket.emit(name, *NOT_OBJECTS[payload])
    takes_bare_id = payload == "a string" and any(route.payload is str for _, route in ROUTES[name])
    assert ack == {"ok": True} if takes_bare_id and "leave" in name else not ack["ok"]
    if not takes_bare_id:
        assert ack["error"]["code"] == "invalid_payload"
    assert await database(ConversationEvent.objects.count) == 0
    assert await witness.fence() == []


@pytest.mark.parametrize("name", ["chat:nonsense", "", "x" * 5_000, "a\x00", "\ud800", "__proto__", "emit"])
async def test_it_answers_an_unknown_event(connect: Open, alice: User, name: str) -> None:
    socket = await connect(alice)
    ack = await socket.emit(name, {"a": 1})
    assert ack["error"]["code"] == "unknown_event"
    assert (await socket.expect("chat:error"))["code"] == "unknown_event"


@pytest.mark.parametrize("afterSeq", [-1, 1, 10**30])
async def test_it_tells_a_gap_for_a_place_that_is_not_there(
    connect: Open, alice: User, direct: Conversation, afterSeq: int
) -> None:
    socket = await connect(alice)
    ack = await socket.emit("chat:join", {"conversationId": str(direct.pk), "afterSeq": afterSeq})
    assert ack == {"ok": True, "lastSeq": 0, "gap": True}


@pytest.mark.parametrize(
    "frame",
    [
        "42",
        "42{}",
        "42[]",
        "42[1]",
        '42["connect",{}]',
        '42["disconnect","x"]',
        "4abc",
        '42["a",NaN]',
        "451-[]",
        "49",
        "40/\ud800,",
    ],
)
async def test_it_closes_a_connection_that_speaks_something_else(
    connect: Open, alice: User, bob: User, direct: Conversation, frame: str
) -> None:
    socket, witness = await connect(alice, direct), await connect(bob, direct)
    socket.send_text(frame)
    await socket.closed.wait()
    assert await witness.fence() == []


OUTSIDERS: dict[str, dict[str, Any]] = {
    "chat:join": {},
    "chat:sync": {"afterSeq": 0},
    "chat:send": {"tempId": "t", "text": "Hi"},
    "chat:read": {},
    "typing_start": {},
    "typing_stop": {},
}


@pytest.mark.parametrize("name", OUTSIDERS)
async def test_an_outsider_learns_nothing(
    connect: Open, alice: User, charlie: User, direct: Conversation, name: str
) -> None:
    outsider, insider = await connect(charlie), await connect(alice, direct)
    unknown = "0197f000-0000-7000-8000-000000000000"
    answers = [
        await outsider.emit(name, {"conversationId": conversation_id, **OUTSIDERS[name]})
        for conversation_id in (str(direct.pk), unknown)
    ]
    assert answers[0] == answers[1]
    assert answers[0]["error"] == {"code": "not_found", "message": "Conversation not found"}
    assert await insider.fence() == []
    await insider.emit("chat:send", {"tempId": "t", "conversationId": str(direct.pk), "text": "Secret"})
    assert {name for name, _ in await outsider.fence()} == {"chat:error"}
