"""What servers remember of messages and sockets, asked over the bus by staff on any of them."""

import asyncio
from typing import Any

import pytest

from conversations.models import Conversation
from messaging.models import Message
from stoory.accounts.models import User
from stoory.realtime.answers import handle_of
from stoory.realtime.application import Application
from stoory.realtime.database import database
from stoory.realtime.events import Typing
from stoory.realtime.inquiries import Asked, Inquiries, desk
from stoory.realtime.trace import Trace
from stoory.times import utc_now
from tests.realtime.conftest import Open
from tests.sockets import SocketClient
from tests.talk import say


def hello(conversation: Conversation, key: str = "t1") -> dict[str, str]:
    return {"tempId": key, "clientNonce": f"nonce-{key}", "conversationId": str(conversation.pk), "text": "Hi"}


async def asked(topic: str, *others: Application, of: Application, **about: Any) -> dict[str, Any]:
    """What all servers say, by server, asked of one."""
    return await of.node.inquiries.ask(topic, about, {other.node.bus.node for other in others})


def sids(of: Application, user: User) -> list[str]:
    return [session.sid for session in of.node.server.sessions.of_user(user.pk)]


def handle(of: Application, user: User) -> str:
    """What staff calls the only socket that a user has on a server."""
    [sid] = sids(of, user)
    return handle_of(sid)


async def test_a_messages_way_is_remembered_by_each_server(
    connect: Open, server: Application, other_server: Application, alice: User, bob: User, direct: Conversation
) -> None:
    sender, reader = await connect(alice, direct), await connect(bob, direct, on=other_server)
    await sender.emit("chat:send", hello(direct))
    message_id = (await reader.expect("chat:new"))["message"]["id"]
    for key in (message_id, "t1", "nonce-t1"):
        answers = await asked("trace", of=server, key=key)
        here = answers[server.node.bus.node]["record"]
        assert here["message_id"] == message_id
        assert here["received_at"] <= here["stored_at"] <= here["delivered_at"] <= here["published_at"]
    answers = await asked("trace", other_server, of=server, key=message_id)
    there = answers[other_server.node.bus.node]["record"]
    assert (there["received_at"], there["stored_at"]) == (None, None)
    [told] = [emit["sockets"] for emit in there["emits"] if emit["event"] == "chat:new"]
    assert [tuple(socket) for socket in told] == [(bob.pk, handle(other_server, bob))]


async def test_a_message_of_rest_is_remembered_too(
    connect: Open, server: Application, alice: User, bob: User, direct: Conversation
) -> None:
    reader = await connect(bob, direct)
    await database(say, alice, direct, "Hi")
    await reader.expect("chat:new")
    message = await database(Message.objects.get)
    record = (await asked("trace", of=server, key=str(message.pk)))[server.node.bus.node]["record"]
    assert (record["received_at"], record["seq"]) == (None, 1)
    assert "chat:new" in {emit["event"] for emit in record["emits"]}


async def test_what_was_refused_is_found_by_its_name(
    connect: Open, server: Application, alice: User, charlie: User, direct: Conversation, bid: Conversation
) -> None:
    for who, conversation, code in ((charlie, direct, "not_found"), (alice, bid, "automated_mode")):
        socket = await connect(who)
        await socket.emit("chat:send", hello(conversation, code))
        [answer] = (await asked("trace", of=server, key=code)).values()
        assert answer["record"] is None
        [refusal] = answer["refusals"]
        assert (refusal["user_id"], refusal["event"], refusal["code"]) == (who.pk, "chat:send", code)


async def test_sockets_are_listed_without_their_ids(connect: Open, server: Application, alice: User, bob: User) -> None:
    await connect(alice)
    await connect(bob)
    [all_of_them] = (await asked("sockets", of=server)).values()
    assert all_of_them["count"] == 2
    [mine] = (await asked("sockets", of=server, user_id=alice.pk)).values()
    [line] = mine["sockets"]
    assert (line["handle"], line["family"], line["transport"]) == (handle(server, alice), "chat", "websocket")
    assert sids(server, alice)[0] not in str(mine)


async def test_readers_sockets_are_told_with_what_they_joined_and_those_that_have_gone(
    connect: Open, server: Application, bob: User, direct: Conversation
) -> None:
    await connect(bob, direct)
    apart, polite = await connect(bob), await connect(bob)
    about = {"key": "", "user_ids": [bob.pk], "conversation_id": str(direct.pk)}
    [answer] = (await asked("trace", of=server, **about)).values()
    assert [socket["joined"] for socket in answer["sockets"]] == [True, False, False]
    await apart.close()
    polite.send_text("41")  # as a client does that is closed
    await polite.close()
    [answer] = (await asked("trace", of=server, **about)).values()
    ends = [(end["user_id"], end["reason"]) for end in answer["ends"]]
    assert ends == [(bob.pk, "transport close"), (bob.pk, "client disconnect")]


@pytest.mark.parametrize("which", ["one", "all"])
async def test_staff_disconnects_a_users_sockets_wherever_they_are(
    connect: Open, server: Application, other_server: Application, alice: User, bob: User, which: str
) -> None:
    here, there, other = await connect(bob), await connect(bob, on=other_server), await connect(alice)
    about = {"user_id": bob.pk} | ({"handle": handle(other_server, bob)} if which == "one" else {})
    answers = await asked("disconnect", other_server, of=server, **about)
    assert answers == {server.node.bus.node: int(which == "all"), other_server.node.bus.node: 1}
    gone: list[SocketClient] = [there] if which == "one" else [here, there]
    for socket in gone:
        await asyncio.wait_for(socket.disconnected.wait(), 2)
    trace = (await asked("trace", of=other_server, key="", user_ids=[bob.pk]))[other_server.node.bus.node]
    assert [end["reason"] for end in trace["ends"]] == ["server disconnect"]
    assert (await asked("sockets", of=server, user_id=alice.pk))[server.node.bus.node]["count"] == 1
    assert await other.fence() is not None


async def test_who_is_silent_is_waited_for_a_moment_and_left_out(
    server: Application, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("stoory.realtime.inquiries.PATIENCE_SECONDS", 0.05)
    answers = await server.node.inquiries.ask("figures", {}, {"a server that is gone"})
    assert answers.keys() == {server.node.bus.node}


def test_what_can_not_be_answered_silences_nothing_that_came_with_it() -> None:
    told: list[Any] = []
    inquiries = Inquiries("here", told.append, {"figures": lambda about: about["what is not there"]})
    question = Asked(at=utc_now(), question="1", topic="figures", about={})
    typing = Typing(conversation_id="c", at=utc_now(), user_id="alice", is_typing=True)
    assert inquiries.take([question, typing]) == [typing]
    assert told == []


async def test_threads_ask_at_the_desk(connect: Open, server: Application, alice: User) -> None:
    await connect(alice)
    answers = await asyncio.to_thread(desk.ask, "figures", [])
    assert answers[server.node.bus.node]["stoory_sessions"] == {"chat": 1}
    await server.node.stop()
    assert await asyncio.to_thread(desk.ask, "figures", []) == {}


async def test_the_ring_keeps_the_newest(connect: Open, server: Application, alice: User, direct: Conversation) -> None:
    server.node.server.trace._size = 2
    socket = await connect(alice, direct)
    for key in ("a", "b", "c"):
        await socket.emit("chat:send", hello(direct, key))
    trace = server.node.server.trace
    assert [trace.found(key) is not None for key in ("a", "b", "c")] == [False, True, True]


def test_none_is_kept_where_none_is_wanted() -> None:
    trace = Trace(0)
    trace.refused("bob", ["t1"], "chat:send", "x")
    assert trace.refusals("t1") == []
    assert trace.reaches_back_to() is None
    assert Trace(1).reaches_back_to() is not None
