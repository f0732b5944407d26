"""A client that was away asks for what came after the last it saw: everything, in order, once, or an explicit gap."""

from collections.abc import Awaitable, Callable

from conversations.models import Conversation
from messaging.commands import SendMessage
from messaging.services import send_message
from stoory.accounts.models import User
from stoory.realtime.database import database
from tests.sockets import SocketClient

Open = Callable[..., Awaitable[SocketClient]]


async def say(user: User, conversation: Conversation, *texts: str) -> None:
    for text in texts:
        await database(send_message, SendMessage(actor=user.pk, conversation_id=str(conversation.pk), text=text))


async def test_it_replays_what_was_missed_before_joined(
    connect: Open, alice: User, bob: User, direct: Conversation
) -> None:
    await say(alice, direct, "one", "two", "three")
    socket = await connect(bob)
    ack = await socket.emit("chat:join", {"conversationId": str(direct.pk), "afterSeq": 1})
    assert ack == {"ok": True, "lastSeq": 3}
    assert socket.names() == ["chat:new", "chat:new", "chat:joined"]
    assert [new["message"]["message"] for new in socket.heard("chat:new")] == ["two", "three"]
    assert socket.heard("chat:joined") == [{"conversationId": str(direct.pk), "lastSeq": 3}]


async def test_it_misses_nothing_that_is_said_while_it_joins(
    connect: Open, alice: User, bob: User, direct: Conversation
) -> None:
    await say(alice, direct, *map(str, range(20)))
    sender, socket = await connect(alice, direct), await connect(bob)
    sends = [
        sender.emit("chat:send", {"tempId": f"t{n}", "conversationId": str(direct.pk), "text": str(n)})
        for n in range(20, 60)
    ]
    joined = socket.emit("chat:join", {"conversationId": str(direct.pk), "afterSeq": 0})
    for answer in (*sends, joined):
        assert (await answer)["ok"]
    await socket.fence()
    assert [new["message"]["message"] for new in socket.heard("chat:new")] == [str(n) for n in range(60)]


async def test_it_tells_a_gap_where_the_log_was_pruned(
    connect: Open, alice: User, bob: User, direct: Conversation
) -> None:
    await say(alice, direct, "one", "two")
    await database(Conversation.objects.update, pruned_seq=1)
    socket = await connect(bob)
    ack = await socket.emit("chat:join", {"conversationId": str(direct.pk), "afterSeq": 0})
    assert ack == {"ok": True, "lastSeq": 2, "gap": True}
    assert socket.names() == ["chat:joined"]


async def test_sync_pages_through_the_log_as_it_was_told_live(
    connect: Open, alice: User, bob: User, direct: Conversation
) -> None:
    sender, reader = await connect(alice, direct), await connect(bob, direct)
    for n in range(3):
        await sender.emit("chat:send", {"tempId": f"t{n}", "conversationId": str(direct.pk), "text": str(n)})
    await reader.emit("chat:read", {"conversationId": str(direct.pk)})
    await sender.fence()
    live = [(name, payload) for name, payload in sender.events if name in ("chat:new", "chat:read")]

    first = await reader.emit("chat:sync", {"conversationId": str(direct.pk), "afterSeq": 0, "limit": 3})
    rest = await reader.emit("chat:sync", {"conversationId": str(direct.pk), "afterSeq": 3})

    assert (first["hasMore"], first["lastSeq"], first["gap"], rest["hasMore"]) == (True, 4, False, False)
    replayed = first["events"] + rest["events"]
    assert [event["seq"] for event in replayed] == [1, 2, 3, 4]
    assert [(event["event"], event["payload"]) for event in replayed] == live


async def test_two_hundred_sends_fired_at_once_keep_their_order(
    connect: Open, alice: User, bob: User, direct: Conversation
) -> None:
    sender, receiver = await connect(alice, direct), await connect(bob, direct)
    sends = [
        sender.emit("chat:send", {"tempId": f"t{n}", "conversationId": str(direct.pk), "text": f"{n}"})
        for n in range(200)
    ]
    seqs = [(await send)["message"]["seq"] for send in sends]
    assert seqs == list(range(1, 201))
    await receiver.fence()
    assert [new["message"]["message"] for new in receiver.heard("chat:new")] == [str(n) for n in range(200)]
    assert [ack["tempId"] for ack in sender.heard("chat:ack")] == [f"t{n}" for n in range(200)]
