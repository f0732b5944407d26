"""The clients of seeds 002, 003 and 004 and the work rooms of 001, each in its own words."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from conversations.commands import PublishCampaignUpdate, SetChatStatus
from conversations.models import Conversation, Participant
from messaging.commands import AddReaction, PostNotice, SendMessage
from messaging.models import Message, Reaction
from messaging.services import send_message
from stoory.accounts.models import User
from stoory.commands import execute
from stoory.realtime.application import Application
from stoory.realtime.database import database
from tests.realtime.conftest import PATH
from tests.sockets import SocketClient

pytestmark = pytest.mark.slow

Open = Callable[..., Awaitable[SocketClient]]


async def say(user: User, conversation: Conversation, text: str = "Hi") -> str:
    command = SendMessage(actor=user.pk, conversation_id=str(conversation.pk), text=text)
    return (await database(send_message, command)).message.id


# feed


async def test_feed_hears_messages_notifications_and_updates(
    connect: Open, alice: User, bob: User, direct: Conversation
) -> None:
    socket = await connect(bob)
    assert (await socket.emit("join_conversation", {"conversationId": str(direct.pk)}))["ok"]
    await say(alice, direct)
    assert (await socket.expect("new_message"))["message"]["message"] == "Hi"
    assert (await socket.expect("notification"))["data"]["sender_id"] == alice.pk
    assert (await socket.expect("conversation_updated"))["conversation_id"] == str(direct.pk)


async def test_feed_leaves(connect: Open, alice: User, bob: User, direct: Conversation) -> None:
    socket = await connect(bob)
    await socket.emit("join_conversation", {"conversationId": str(direct.pk)})
    await socket.emit("leave_conversation", {"conversationId": str(direct.pk)})
    await say(alice, direct)
    await socket.expect("notification")
    assert socket.heard("new_message") == []


async def test_feed_user_room_is_ones_own(connect: Open, alice: User, bob: User, direct: Conversation) -> None:
    socket = await connect(bob)
    assert (await socket.emit("join_user_room", {"userId": alice.pk}))["error"]["code"] == "forbidden"
    assert (await socket.expect("error"))["event"] == "join_user_room"
    assert (await socket.emit("leave_user_room", {"userId": bob.pk}))["ok"]
    await say(alice, direct, "one")
    await socket.expect("conversation_list_updated")
    assert (await socket.emit("join_user_room", {"userId": bob.pk}))["ok"]
    await say(alice, direct, "two")
    assert (await socket.expect("notification"))["data"]["body"] == "two"


async def test_feed_faults_are_errors(connect: Open, charlie: User, direct: Conversation) -> None:
    socket = await connect(charlie)
    ack = await socket.emit("join_conversation", {"conversationId": str(direct.pk)})
    assert ack["error"]["code"] == "not_found"
    assert await socket.expect("error") == {
        "message": "Conversation not found",
        "code": "not_found",
        "event": "join_conversation",
    }


async def test_a_typing_fault_is_told_in_the_family_the_socket_speaks(
    connect: Open, alice: User, bob: User, direct: Conversation
) -> None:
    feed, chat = await connect(alice), await connect(alice, direct)
    await feed.emit("join_user_room", {"userId": alice.pk})
    for socket in (feed, chat):
        await socket.emit("typing_start", {"conversationId": str(direct.pk), "userId": bob.pk})
    await feed.expect("error")
    await chat.expect("chat:error")


# messenger


async def test_messenger_hears_bare_messages_and_its_own_unread(
    connect: Open, alice: User, bob: User, direct: Conversation
) -> None:
    sender, receiver = await connect(alice), await connect(bob)
    assert (await receiver.emit("join_conversation", str(direct.pk)))["ok"]
    await say(alice, direct, "one")
    message = await receiver.expect("new_message")
    assert (message["content"], message["senderId"], message["isRead"]) == ("one", alice.pk, False)
    theirs, mine = await receiver.expect("conversation_updated"), await sender.expect("conversation_updated")
    assert (theirs["lastMessage"], theirs["unread"], theirs["unreadCount"]) == ("one", True, 1)
    assert (mine["lastMessage"], mine["unread"], mine["unreadCount"]) == ("one", False, 0)


async def test_messenger_leaves(connect: Open, alice: User, bob: User, direct: Conversation) -> None:
    socket = await connect(bob)
    await socket.emit("join_conversation", str(direct.pk))
    await socket.emit("leave_conversation", str(direct.pk))
    await say(alice, direct)
    await socket.expect("conversation_updated")
    assert socket.heard("new_message") == []


# workspace


@pytest.mark.parametrize("where", [{"path": f"{PATH}/"}, {"path": "/socket.io/", "namespace": PATH}])
async def test_workspace_is_greeted_with_its_channels(
    workspace: Open, alice: User, direct: Conversation, channel: Conversation, where: dict[str, str]
) -> None:
    socket = await workspace(alice, **where)
    greeting = await socket.expect("connection:success")
    assert greeting["userId"] == alice.pk
    assert set(greeting["channels"]) == {str(direct.pk), str(channel.pk)}


async def test_workspace_refuses_another_users_id(workspace: Open, alice: User, bob: User) -> None:
    attempts = []
    for _ in range(2):
        socket = await workspace(alice, userId=bob.pk)
        error = await socket.expect("connection:error")
        attempts.append(error["reconnectAttempt"])
        assert error["reason"] == "auth_error"
        await asyncio.wait_for(socket.disconnected.wait(), 2)
    echoed = await workspace(alice, userId=bob.pk, reconnectAttempt=7)
    attempts.append((await echoed.expect("connection:error"))["reconnectAttempt"])
    assert attempts == [1, 2, 7]


async def test_workspace_refuses_who_brings_no_token(server: Application) -> None:
    socket = SocketClient(server, path=f"{PATH}/")
    await socket.connect()
    assert (await socket.expect("connection:error"))["reason"] == "auth_error"
    await asyncio.wait_for(socket.disconnected.wait(), 2)
    await socket.close()


async def test_workspace_sends_in_two_steps(workspace: Open, alice: User, bob: User, channel: Conversation) -> None:
    sender, receiver = await workspace(alice), await workspace(bob)
    await sender.emit("message:send", {"content": "Hi", "channelId": str(channel.pk), "tempId": "t"})
    sent, delivered = await sender.expect("message:delivered"), await sender.expect("message:delivered")
    created = await receiver.expect("message:created")
    assert (sent["status"], delivered["status"]) == ("SENT", "DELIVERED")
    assert sent["messageId"] == delivered["messageId"] == created["message"]["id"]
    assert created["message"]["user"] == {"id": alice.pk, "name": "Alice", "imageUrl": None}
    assert created["tempId"] == "t"


async def test_workspace_refuses_what_is_under_way(workspace: Open, alice: User, channel: Conversation) -> None:
    socket = await workspace(alice)
    payload = {"content": "Hi", "channelId": str(channel.pk), "tempId": "t"}
    answers = [await answer for answer in [socket.emit("message:send", payload) for _ in range(2)]]
    assert [answer["ok"] for answer in answers] == [False, True] or [answer["ok"] for answer in answers] == [
        True,
        False,
    ]
    failed = await socket.expect("message:failed")
    assert (failed["error"], failed["tempId"], failed["status"]) == ("Message already being processed", "t", "FAILED")
    assert await database(Message.objects.count) == 1


async def test_workspace_send_of_an_outsider_fails_without_a_sent(
    workspace: Open, charlie: User, channel: Conversation
) -> None:
    socket = await workspace(charlie)
    await socket.emit("message:send", {"content": "Hi", "channelId": str(channel.pk), "tempId": "t"})
    assert (await socket.expect("message:failed"))["error"] == "Conversation not found"
    assert socket.heard("message:delivered") == []


async def test_workspace_hears_no_user_level_events(
    workspace: Open, alice: User, bob: User, direct: Conversation
) -> None:
    socket = await workspace(bob)
    await socket.expect("connection:success")
    await say(alice, direct)
    await socket.expect("message:created")
    assert await socket.fence() == []


async def test_workspace_reacts_once(workspace: Open, alice: User, bob: User, direct: Conversation) -> None:
    message_id = await say(alice, direct)
    socket, other = await workspace(bob), await workspace(alice)
    reaction = {"messageId": message_id, "type": "👍"}
    first, again = await socket.emit("reaction:add", reaction), await socket.emit("reaction:add", reaction)
    assert first["reaction"] == again["reaction"]
    assert (await other.expect("reaction:added"))["reaction"] == first["reaction"]
    assert (await socket.emit("reaction:remove", reaction))["ok"]
    assert (await other.expect("reaction:removed"))["type"] == "👍"
    assert (await socket.emit("reaction:remove", reaction))["ok"]
    await other.fence()
    assert other.heard("reaction:added") == other.heard("reaction:removed") == []
    assert await database(Reaction.objects.count) == 0


async def test_joining_a_public_channel_makes_a_member(
    workspace: Open, alice: User, charlie: User, channel: Conversation
) -> None:
    insider, newcomer = await workspace(alice), await workspace(charlie)
    assert (await newcomer.emit("channel:join", {"channelId": str(channel.pk)}))["ok"]
    joined = await insider.expect("channel:user_joined")
    assert (joined["userId"], joined["channelId"]) == (charlie.pk, str(channel.pk))
    await newcomer.emit("message:send", {"content": "Hi", "channelId": str(channel.pk)})
    assert (await insider.expect("message:created"))["message"]["userId"] == charlie.pk


async def test_a_private_channel_is_for_members(
    workspace: Open, charlie: User, bob: User, channel: Conversation
) -> None:
    await database(Conversation.objects.update, is_public=False)
    outsider, member = await workspace(charlie), await workspace(bob)
    assert (await outsider.emit("channel:join", {"channelId": str(channel.pk)}))["error"]["code"] == "not_found"
    assert (await member.emit("channel:join", {"channelId": str(channel.pk)}))["ok"]
    assert await database(Participant.objects.filter(user=charlie).count) == 0


async def test_leaving_a_channel_is_not_leaving_its_members(
    workspace: Open, alice: User, bob: User, channel: Conversation
) -> None:
    socket = await workspace(bob)
    await socket.expect("connection:success")
    assert (await socket.emit("channel:leave", {"channelId": str(channel.pk)}))["ok"]
    await say(alice, channel)
    assert await socket.fence() == []
    assert await database(Participant.objects.filter(user=bob).count) == 1


async def test_any_read_is_told_to_the_channel(
    connect: Open, workspace: Open, alice: User, bob: User, direct: Conversation
) -> None:
    ids = [await say(alice, direct, text) for text in ("one", "two")]
    author, chat, reader = await workspace(alice), await connect(bob), await workspace(bob)
    assert (await reader.emit("message:read", {"messageId": ids[0]}))["ok"]
    await chat.emit("chat:read", {"conversationId": str(direct.pk)})
    reads = [await author.expect("message:read") for _ in ids]
    assert [(read["messageId"], read["userId"], read["status"]) for read in reads] == [
        (message_id, bob.pk, "READ") for message_id in ids
    ]


# work


async def test_work_hears_states_and_updates(
    connect: Open, alice: User, bob: User, staff: User, bid: Conversation
) -> None:
    await database(Conversation.objects.update, campaign_id="c1")
    socket = await connect(bob)
    await socket.emit("work:join", {"campaignId": "c1"})
    assert await socket.expect("work:joined") == {"campaignId": "c1"}
    await database(execute, PublishCampaignUpdate(actor=alice.pk, campaign_id="c1", kind="brief", data={"a": 1}))
    assert (await socket.expect("work:updated"))["kind"] == "brief"
    closing = SetChatStatus(actor=staff.pk, conversation_id=str(bid.pk), chat_status="closed", reason="spam")
    await database(execute, closing)
    update = await socket.expect("work:updated")
    assert (update["kind"], update["chat_status"], update["conversationId"]) == ("state_changed", "closed", str(bid.pk))
    await socket.emit("work:leave", {"campaignId": "c1"})
    await database(execute, PublishCampaignUpdate(actor=alice.pk, campaign_id="c1", kind="late"))
    assert "work:updated" not in [name for name, _ in await socket.fence()]


async def test_work_is_closed_to_outsiders_as_if_it_were_not_there(
    connect: Open, charlie: User, bid: Conversation
) -> None:
    await database(Conversation.objects.update, campaign_id="c1")
    socket = await connect(charlie)
    answers = [await socket.emit("work:join", {"campaignId": campaign}) for campaign in ("c1", "c2", "\x00", "x" * 99)]
    assert {str(answer["error"]) for answer in answers} == {"{'code': 'not_found', 'message': 'Campaign not found'}"}
    assert await socket.expect("work:error") == {"message": "Campaign not found", "code": "not_found"}


async def test_staff_may_follow_any_campaign(connect: Open, staff: User) -> None:
    socket = await connect(staff)
    assert (await socket.emit("work:join", {"campaignId": "any"}))["ok"]


# one message, five readers

FAMILIES = ("chat", "feed", "messenger", "workspace")
ROOM_EVENTS = {"chat": "chat:new", "feed": "new_message", "messenger": "new_message", "workspace": "message:created"}


async def listeners(connect: Open, workspace: Open, user: User, direct: Conversation) -> dict[str, SocketClient]:
    """Connect a client of each family as `user`, joined in its own way and hearing its own user-level events only."""
    sockets = {name: await connect(user, contracts=[name]) for name in FAMILIES[:3]}
    await sockets["chat"].emit("chat:join", {"conversationId": str(direct.pk)})
    await sockets["chat"].expect("chat:joined")
    await sockets["feed"].emit("join_conversation", {"conversationId": str(direct.pk)})
    await sockets["messenger"].emit("join_conversation", str(direct.pk))
    sockets["workspace"] = await workspace(user)
    await sockets["workspace"].expect("connection:success")
    return sockets


def seen(family: str, payload: dict[str, Any]) -> tuple[str, int]:
    message = payload if family == "messenger" else payload["message"]
    return message["id"], message["seq"]


@pytest.mark.parametrize("entrance", ["chat", "workspace", "service", "notice"])
async def test_every_family_hears_one_message_once(
    connect: Open,
    workspace: Open,
    system_user: User,
    alice: User,
    bob: User,
    staff: User,
    direct: Conversation,
    entrance: str,
) -> None:
    readers = await listeners(connect, workspace, bob, direct)
    where = {"conversationId": str(direct.pk), "channelId": str(direct.pk), "tempId": "t"}
    match entrance:
        case "chat":
            await (await connect(alice)).emit("chat:send", {**where, "text": "Hi"})
        case "workspace":
            await (await workspace(alice)).emit("message:send", {**where, "content": "Hi"})
        case "service":
            await say(alice, direct)
        case "notice":
            await database(execute, PostNotice(actor=staff.pk, conversation_id=str(direct.pk), text="Hi"))
    automated = entrance == "notice"
    for family, socket in readers.items():
        name = "chat:automated" if automated and family == "chat" else ROOM_EVENTS[family]
        user_level = {"chat": ["conversation_list_updated"], "feed": ["notification", "conversation_updated"]}
        user_level |= {"messenger": ["conversation_updated"], "workspace": []}
        heard = {name: await socket.expect(name) for name in (name, *user_level[family])}
        assert await socket.fence() == []
        assert seen(family, heard[name]) == (str((await database(Message.objects.get)).pk), 1)


async def test_reactions_reach_the_chat_log_without_a_hole(
    connect: Open, alice: User, bob: User, direct: Conversation
) -> None:
    message_id = await say(alice, direct)
    socket = await connect(alice, direct)
    await database(execute, AddReaction(actor=bob.pk, message_id=message_id, type=":wave:"))
    assert (await socket.expect("chat:reaction_added"))["seq"] == 2
    synced = await socket.emit("chat:sync", {"conversationId": str(direct.pk), "afterSeq": 0})
    assert [event["event"] for event in synced["events"]] == ["chat:new", "chat:reaction_added"]
