"""Who was taken out of a channel hears nothing that is behind it in the log, on any server, whatever the bus loses."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from typing import Any

import pytest

from conversations.commands import AddMember, RemoveMember
from conversations.events import MemberRemoved
from conversations.models import Conversation, ConversationEvent
from conversations.selectors import Membership
from messaging.commands import SendMessage
from messaging.services import send_message
from stoory.accounts.models import User
from stoory.commands import execute
from stoory.events import Event
from stoory.realtime.application import Application
from stoory.realtime.database import database
from tests.sockets import SocketClient

pytestmark = pytest.mark.slow

Open = Callable[..., Awaitable[SocketClient]]


@pytest.fixture
def private(channel: Conversation) -> Conversation:
    """The channel of alice and bob, private: alice's."""
    Conversation.objects.update(is_public=False)
    return channel


def remove(alice: User, who: User, where: Conversation) -> None:
    assert execute(RemoveMember(actor=alice.pk, conversation_id=str(where.pk), user_id=who.pk))


def hello(where: Conversation, text: str = "Hi") -> dict[str, str]:
    return {"tempId": text, "conversationId": str(where.pk), "text": text}


def lose_removals(application: Application, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have a server hear of removals from the log alone."""
    accept = application.node.relay.accept

    def lossy(events: Iterable[Event]) -> None:
        accept([event for event in events if not isinstance(event, MemberRemoved)])

    monkeypatch.setattr(application.node, "_accept", lossy)


async def test_the_removal_is_the_last_they_hear(
    connect: Open, other_server: Application, alice: User, bob: User, private: Conversation
) -> None:
    sender, removed = await connect(alice, private), await connect(bob, private, on=other_server)
    await database(remove, alice, bob, private)
    await sender.emit("chat:send", hello(private))
    await sender.expect("chat:new")
    told = await removed.expect("chat:member_removed")
    assert told == {"conversationId": str(private.pk), "userId": bob.pk, "seq": 1}
    assert await removed.fence() == []


async def test_it_holds_in_every_family(
    connect: Open, workspace: Open, server: Application, alice: User, bob: User, private: Conversation
) -> None:
    key = str(private.pk)
    sender, removed, by_workspace = await connect(alice, private), await connect(bob), await workspace(bob)
    await by_workspace.expect("connection:success")
    for name, payload in (("chat:join", {"conversationId": key}), ("join_conversation", key)):
        assert (await removed.emit(name, payload))["ok"]
    assert (await removed.emit("join_conversation", {"conversationId": key}))["ok"]
    await removed.fence()
    removed.events.clear()
    await database(remove, alice, bob, private)
    await sender.emit("chat:send", hello(private))
    await sender.expect("chat:new")

    assert [name for name, _ in await removed.fence()] == ["chat:member_removed"]
    assert await by_workspace.fence() == []
    assert not any(key in room for room in server.node.server.rooms._members if bob.pk in room)


async def test_they_can_do_nothing_more(connect: Open, alice: User, bob: User, private: Conversation) -> None:
    sender, removed = await connect(alice, private), await connect(bob, private)
    message = (await sender.emit("chat:send", hello(private)))["message"]["id"]
    await database(remove, alice, bob, private)
    key = {"conversationId": str(private.pk)}
    asked: dict[str, dict[str, Any]] = {
        "chat:send": hello(private),
        "chat:read": key,
        "chat:join": key,
        "chat:sync": key | {"afterSeq": 0},
        "chat:action": key | {"action": "accept"},
        "typing_start": key,
        "message:send": {"channelId": str(private.pk), "content": "Hi"},
        "message:read": {"messageId": message},
        "reaction:add": {"messageId": message, "type": "👍"},
        "channel:join": {"channelId": str(private.pk)},
    }
    for name, payload in asked.items():
        assert (await removed.emit(name, payload))["error"]["code"] == "not_found", name
    assert await database(ConversationEvent.objects.count) == 2
    assert sender.heard("user_typing") == []


async def test_what_the_bus_loses_changes_nothing(
    connect: Open,
    other_server: Application,
    alice: User,
    bob: User,
    private: Conversation,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    lose_removals(other_server, monkeypatch)
    sender, removed = await connect(alice, private), await connect(bob, private, on=other_server)
    await database(remove, alice, bob, private)
    for number in range(3):
        await sender.emit("chat:send", hello(private, str(number)))
    await removed.expect("chat:member_removed")
    assert await removed.fence() == []


async def test_a_lost_removal_behind_which_nothing_is_said_is_found(
    fast_repair: None,
    connect: Open,
    other_server: Application,
    alice: User,
    bob: User,
    private: Conversation,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    lose_removals(other_server, monkeypatch)
    removed = await connect(bob, private, on=other_server)
    await database(remove, alice, bob, private)
    await removed.expect("chat:member_removed")
    assert str(private.pk) not in other_server.node.server.roster


async def test_what_the_log_no_longer_has_may_have_been_it(
    connect: Open,
    other_server: Application,
    alice: User,
    bob: User,
    private: Conversation,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    lose_removals(other_server, monkeypatch)
    sender, removed = await connect(alice, private), await connect(bob, private, on=other_server)
    await database(remove, alice, bob, private)
    await database(ConversationEvent.objects.all().delete)
    await sender.emit("chat:send", hello(private))
    await sender.expect("chat:new")
    async with asyncio.timeout(5):
        while str(private.pk) in other_server.node.server.roster:  # noqa: ASYNC110  # the roster sets no event
            await asyncio.sleep(0.01)
    assert await removed.fence() == []


async def test_a_join_that_it_overtakes_fails(
    server: Application, connect: Open, alice: User, bob: User, private: Conversation, monkeypatch: pytest.MonkeyPatch
) -> None:
    find = server.node.server.places.find

    async def overtaken(user_id: str, conversation_id: str) -> Membership:
        place = await find(user_id, conversation_id)
        await database(remove, alice, bob, private)
        return place

    sender, removed = await connect(alice, private), await connect(bob)
    monkeypatch.setattr(server.node.server.places, "find", overtaken)
    ack = await removed.emit("chat:join", {"conversationId": str(private.pk)})
    assert ack["error"]["code"] == "not_found"
    await removed.expect("chat:error")
    await sender.emit("chat:send", hello(private))
    assert await removed.fence() == []


async def test_a_sync_that_it_overtakes_fails(
    server: Application, connect: Open, alice: User, bob: User, private: Conversation, monkeypatch: pytest.MonkeyPatch
) -> None:
    find = server.node.server.places.find

    async def overtaken(user_id: str, conversation_id: str) -> Membership:
        place = await find(user_id, conversation_id)
        await database(remove, alice, bob, private)
        await database(send_message, SendMessage(actor=alice.pk, conversation_id=conversation_id, text="Secret"))
        return place

    sender, removed = await connect(alice, private), await connect(bob, private)
    await sender.emit("chat:send", hello(private))
    monkeypatch.setattr(server.node.server.places, "find", overtaken)
    ack = await removed.emit("chat:sync", {"conversationId": str(private.pk), "afterSeq": 0})
    assert ack["error"]["code"] == "not_found"


async def test_a_handshake_that_it_overtakes_enters_no_room(
    server: Application,
    connect: Open,
    workspace: Open,
    alice: User,
    bob: User,
    private: Conversation,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    identify = server.node.server.places.identify

    async def overtaken(token: Any) -> Any:
        found = await identify(token)
        await database(remove, alice, bob, private)
        return found

    sender = await connect(alice, private)
    monkeypatch.setattr(server.node.server.places, "identify", overtaken)
    removed = await workspace(bob)
    await removed.expect("connection:success")
    await sender.emit("chat:send", hello(private))
    assert await removed.fence() == []


async def test_who_is_taken_back_hears_again(
    connect: Open, other_server: Application, alice: User, bob: User, private: Conversation
) -> None:
    sender, back = await connect(alice, private), await connect(bob, private, on=other_server)
    await database(remove, alice, bob, private)
    await back.expect("chat:member_removed")
    await database(execute, AddMember(actor=alice.pk, conversation_id=str(private.pk), user_id=bob.pk))
    assert (await back.emit("chat:join", {"conversationId": str(private.pk), "afterSeq": 1}))["ok"]
    await sender.emit("chat:send", hello(private))
    assert (await back.expect("chat:new"))["message"]["seq"] == 3


async def test_a_user_who_was_added_hears_of_it_without_connecting_anew(
    connect: Open, other_server: Application, alice: User, charlie: User, private: Conversation
) -> None:
    added = await connect(charlie, on=other_server)
    await database(execute, AddMember(actor=alice.pk, conversation_id=str(private.pk), user_id=charlie.pk))
    await database(send_message, SendMessage(actor=alice.pk, conversation_id=str(private.pk), text="Hi"))
    assert (await added.expect("conversation_list_updated"))["action"] == "message_received"
