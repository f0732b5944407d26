"""Two people chat through the published contract (seeds 000 and 001)."""

from collections.abc import Awaitable, Callable

from conversations.models import Conversation
from messaging.models import Message
from stoory.accounts.models import User
from stoory.realtime.database import database
from tests.sockets import SocketClient

Open = Callable[..., Awaitable[SocketClient]]


async def test_it_acknowledges_broadcasts_and_updates_lists_in_order(
    connect: Open, alice: User, bob: User, direct: Conversation
) -> None:
    sender, receiver = await connect(alice, direct), await connect(bob, direct)

    ack = await sender.emit("chat:send", {"tempId": "t1", "conversationId": str(direct.pk), "text": "Hi"})

    await sender.fence()
    assert sender.names()[:3] == ["chat:ack", "chat:new", "conversation_list_updated"]
    await receiver.fence()
    assert receiver.names()[:2] == ["chat:new", "conversation_list_updated"]
    [stored] = await database(list, Message.objects.all())
    message = ack["message"]
    assert (message["id"], message["seq"], message["message"]) == (str(stored.pk), 1, "Hi")
    assert sender.heard("chat:ack") == [{"tempId": "t1", "message": message}]
    assert receiver.heard("chat:new") == [{"message": message}]
    assert [update["action"] for update in sender.heard("conversation_list_updated")] == ["message_sent"]
    assert [update["action"] for update in receiver.heard("conversation_list_updated")] == ["message_received"]


async def test_it_updates_the_list_of_a_receiver_who_has_not_joined(
    connect: Open, alice: User, bob: User, direct: Conversation
) -> None:
    sender, receiver = await connect(alice, direct), await connect(bob)
    await sender.emit("chat:send", {"tempId": "t1", "conversationId": str(direct.pk), "text": "Hi"})
    await receiver.fence()
    assert receiver.names()[:1] == ["conversation_list_updated"]
    assert "chat:new" not in receiver.names()


async def test_it_shows_reads_to_the_room_once(connect: Open, alice: User, bob: User, direct: Conversation) -> None:
    sender, reader = await connect(alice, direct), await connect(bob, direct)
    sent = await sender.emit("chat:send", {"tempId": "t1", "conversationId": str(direct.pk), "text": "Hi"})
    message_id = sent["message"]["id"]

    ack = await reader.emit("chat:read", {"conversationId": str(direct.pk), "upToMessageId": message_id})
    again = await reader.emit("chat:read", {"conversationId": str(direct.pk), "messageIds": [message_id]})

    assert ack == {"ok": True, "messageIds": [message_id], "unreadCount": 0}
    assert again == {"ok": True, "messageIds": [], "unreadCount": 0}
    await sender.fence()
    [read] = sender.heard("chat:read")
    assert read["readerId"] == bob.pk
    assert read["messageIds"] == [message_id]
    assert read["upToMessageId"] == message_id


async def test_it_stops_telling_a_socket_that_left(connect: Open, alice: User, bob: User, direct: Conversation) -> None:
    sender, receiver = await connect(alice, direct), await connect(bob, direct)
    assert await receiver.emit("chat:leave", {"conversationId": str(direct.pk)}) == {"ok": True}
    await sender.emit("chat:send", {"tempId": "t1", "conversationId": str(direct.pk), "text": "Hi"})
    await receiver.fence()
    assert "chat:new" not in receiver.names()


async def test_it_refuses_free_chat_in_automated_mode(connect: Open, alice: User, bid: Conversation) -> None:
    sender = await connect(alice, bid)
    ack = await sender.emit("chat:send", {"tempId": "t1", "conversationId": str(bid.pk), "text": "Hi"})
    assert ack["error"]["code"] == "automated_mode"
    assert await sender.expect("chat:error") == {
        "message": "Chat is in automated mode. Use action buttons to respond.",
        "code": "automated_mode",
        "event": "chat:send",
        "tempId": "t1",
    }
