"""What clients may say, event by event, from the documents: valid payloads and what each asks for, and their faults."""

from typing import Any

import msgspec

from flows.commands import PerformAction
from messaging.commands import AddReaction, MarkRead, RemoveReaction, SendMessage
from stoory.commands import Command
from stoory.http import parse
from stoory.payloads import check_identity
from stoory.realtime.contracts.base import (
    Authenticate,
    Follow,
    Join,
    Leave,
    Request,
    SetTyping,
    SetUserRoom,
    Sync,
    Unfollow,
)
from tests.contracts.golden import FAMILIES
from tests.contracts.samples import ALICE, BID, CAMPAIGN, CHANNEL, DIRECT, MESSAGE, REPLY

Asked = Command[Any] | Request
PROMISED = "0197f000-0000-7000-8000-0000000e00ff"  # the id that the workspace contract promises, in these tests

FILES = [{"url": "https://files.example.org/a.png", "name": "a.png", "size": 1024}]


class Said(msgspec.Struct, frozen=True, kw_only=True):
    """An inbound event: payloads with what they ask for, keys it can't do without, values of a wrong type."""

    valid: list[tuple[Any, Asked]]
    required: tuple[str, ...] = ()
    wrong: dict[str, list[Any]] = {}


NOT_TEXT: list[Any] = [None, 7, ["text"]]
NOT_OPTIONAL_TEXT = NOT_TEXT[1:]
CONVERSATION = {"conversationId": DIRECT}
OF_BID = {"conversationId": BID}
OF_CONVERSATION = {"conversationId": NOT_TEXT}


def send(**fields: Any) -> SendMessage:
    return SendMessage(actor=ALICE, conversation_id=DIRECT, **fields)


def typing(is_typing: bool) -> Said:
    asked = SetTyping(conversation_id=DIRECT, is_typing=is_typing)
    return Said(
        valid=[(CONVERSATION, asked), (CONVERSATION | {"userId": ALICE}, asked)],
        required=("conversationId",),
        wrong=OF_CONVERSATION | {"userId": NOT_OPTIONAL_TEXT},
    )


def user_room(is_heard: bool) -> Said:
    return Said(
        valid=[({"userId": ALICE}, SetUserRoom(is_heard=is_heard))],
        required=("userId",),
        wrong={"userId": NOT_TEXT},
    )


CHAT: dict[str, Said] = {
    "authenticate": Said(
        valid=[
            ({"token": "eyJ.e30.c2ln"}, Authenticate(token="eyJ.e30.c2ln")),
            ({"token": 7}, Authenticate(token=7)),  # refused as a token, with `auth_error`
            ({}, Authenticate(token=None)),
        ],
    ),
    "chat:join": Said(
        valid=[
            (CONVERSATION, Join(conversation_id=DIRECT)),
            (CONVERSATION | {"afterSeq": 7}, Join(conversation_id=DIRECT, after_seq=7)),
        ],
        required=("conversationId",),
        wrong=OF_CONVERSATION | {"afterSeq": ["7", 7.5, True, [7]]},
    ),
    "chat:leave": Said(
        valid=[(CONVERSATION, Leave(conversation_id=DIRECT))], required=("conversationId",), wrong=OF_CONVERSATION
    ),
    "chat:send": Said(
        valid=[
            (CONVERSATION | {"tempId": "temp-1", "text": "Hi"}, send(temp_id="temp-1", text="Hi")),
            (
                CONVERSATION
                | {"tempId": "temp-1", "text": "Hi", "attachments": None, "metadata": None, "clientNonce": "nonce-1"},
                send(temp_id="temp-1", text="Hi", client_nonce="nonce-1"),
            ),
            (
                CONVERSATION
                | {"tempId": "temp-1", "text": "", "attachments": FILES, "metadata": {"a": [1]}, "replyToId": MESSAGE},
                send(temp_id="temp-1", attachments=FILES, metadata={"a": [1]}, reply_to_id=MESSAGE),
            ),
            (
                CONVERSATION | {"tempId": "temp-1", "attachments": FILES[0], "clientNonce": "nonce-1"},
                send(temp_id="temp-1", attachments=FILES[0], client_nonce="nonce-1"),
            ),
        ],
        required=("conversationId",),
        wrong=OF_CONVERSATION
        | {
            "tempId": NOT_OPTIONAL_TEXT,
            "text": NOT_OPTIONAL_TEXT,
            "metadata": ["text", 7, True, [1]],
            "clientNonce": NOT_OPTIONAL_TEXT,
            "replyToId": NOT_OPTIONAL_TEXT,
        },
    ),
    "chat:read": Said(
        valid=[
            (
                CONVERSATION | {"messageIds": [MESSAGE, REPLY]},
                MarkRead(actor=ALICE, conversation_id=DIRECT, message_ids=[MESSAGE, REPLY]),
            ),
            (
                CONVERSATION | {"upToMessageId": MESSAGE},
                MarkRead(actor=ALICE, conversation_id=DIRECT, up_to_message_id=MESSAGE),
            ),
            (CONVERSATION, MarkRead(actor=ALICE, conversation_id=DIRECT)),
        ],
        required=("conversationId",),
        wrong=OF_CONVERSATION | {"messageIds": ["text", 7, {"0": MESSAGE}], "upToMessageId": NOT_OPTIONAL_TEXT},
    ),
    "chat:action": Said(
        valid=[
            (
                OF_BID | {"action": "accept_connection", "clientNonce": "nonce-1"},
                PerformAction(actor=ALICE, conversation_id=BID, action="accept_connection", client_nonce="nonce-1"),
            ),
            (
                OF_BID | {"action": "negotiate_price", "data": {"price": "11500.00"}, "stateSeq": 5},
                PerformAction(
                    actor=ALICE,
                    conversation_id=BID,
                    action="negotiate_price",
                    data={"price": "11500.00"},
                    state_seq=5,
                ),
            ),
        ],
        required=("conversationId", "action"),
        wrong=OF_CONVERSATION
        | {"action": NOT_TEXT, "stateSeq": ["5", 5.5, True, [5]], "clientNonce": NOT_OPTIONAL_TEXT},
    ),
    "chat:sync": Said(
        valid=[
            (CONVERSATION | {"afterSeq": 7}, Sync(conversation_id=DIRECT, after_seq=7, limit=100)),
            (CONVERSATION | {"afterSeq": 0, "limit": 20}, Sync(conversation_id=DIRECT, after_seq=0, limit=20)),
        ],
        required=("conversationId", "afterSeq"),
        wrong=OF_CONVERSATION | {"afterSeq": [None, "7", 7.5, True], "limit": [None, "20", True]},
    ),
    "typing_start": typing(True),
    "typing_stop": typing(False),
}

WORK: dict[str, Said] = {
    "work:join": Said(
        valid=[({"campaignId": CAMPAIGN}, Follow(campaign_id=CAMPAIGN, room=f"room:work:{CAMPAIGN}"))],
        required=("campaignId",),
        wrong={"campaignId": NOT_TEXT},
    ),
    "work:leave": Said(
        valid=[({"campaignId": CAMPAIGN}, Unfollow(campaign_id=CAMPAIGN, room=f"room:work:{CAMPAIGN}"))],
        required=("campaignId",),
        wrong={"campaignId": NOT_TEXT},
    ),
}

FEED: dict[str, Said] = {
    "join_conversation": Said(
        valid=[(CONVERSATION, Join(conversation_id=DIRECT))], required=("conversationId",), wrong=OF_CONVERSATION
    ),
    "leave_conversation": Said(
        valid=[(CONVERSATION, Leave(conversation_id=DIRECT))], required=("conversationId",), wrong=OF_CONVERSATION
    ),
    "join_user_room": user_room(True),
    "leave_user_room": user_room(False),
    "typing_start": typing(True),
    "typing_stop": typing(False),
}

MESSENGER: dict[str, Said] = {
    "join_conversation": Said(valid=[(DIRECT, Join(conversation_id=DIRECT))]),
    "leave_conversation": Said(valid=[(DIRECT, Leave(conversation_id=DIRECT))]),
}


def hello(**fields: Any) -> SendMessage:
    return SendMessage(actor=ALICE, conversation_id=CHANNEL, text="Hello world", message_id=PROMISED, **fields)


def reaction(asked: Asked) -> Said:
    return Said(
        valid=[({"messageId": MESSAGE, "type": "👍"}, asked)],
        required=("messageId", "type"),
        wrong={"messageId": NOT_TEXT, "type": NOT_TEXT},
    )


HELLO = {"content": "Hello world", "channelId": CHANNEL}
WORKSPACE: dict[str, Said] = {
    "message:send": Said(
        valid=[
            (HELLO | {"tempId": "temp-123"}, hello(temp_id="temp-123")),
            (HELLO, hello()),
            (
                HELLO | {"tempId": "temp-123", "replyToId": MESSAGE, "clientNonce": "nonce-1"},
                hello(temp_id="temp-123", reply_to_id=MESSAGE, client_nonce="nonce-1"),
            ),
        ],
        required=("content", "channelId"),
        wrong={
            "content": NOT_TEXT,
            "channelId": NOT_TEXT,
            "tempId": NOT_OPTIONAL_TEXT,
            "replyToId": NOT_OPTIONAL_TEXT,
            "clientNonce": NOT_OPTIONAL_TEXT,
        },
    ),
    "message:read": Said(
        valid=[({"messageId": MESSAGE}, MarkRead(actor=ALICE, message_ids=[MESSAGE]))],
        required=("messageId",),
        wrong={"messageId": NOT_TEXT},
    ),
    "reaction:add": reaction(AddReaction(actor=ALICE, message_id=MESSAGE, type="👍")),
    "reaction:remove": reaction(RemoveReaction(actor=ALICE, message_id=MESSAGE, type="👍")),
    "channel:join": Said(
        valid=[({"channelId": CHANNEL}, Join(conversation_id=CHANNEL, as_member=True))],
        required=("channelId",),
        wrong={"channelId": NOT_TEXT},
    ),
    "channel:leave": Said(
        valid=[({"channelId": CHANNEL}, Leave(conversation_id=CHANNEL))],
        required=("channelId",),
        wrong={"channelId": NOT_TEXT},
    ),
}

INBOUND = {"chat": CHAT, "work": WORK, "feed": FEED, "messenger": MESSENGER, "workspace": WORKSPACE}


def ask(family: str, event: str, payload: Any, actor: str = ALICE) -> Asked:
    """Return what a client asks for, by the steps of the dispatcher; raises `DomainError`s."""
    route = FAMILIES[family].inbound[event]
    checked = parse(route.payload, payload)
    check_identity(payload, actor)
    return route.request(actor, checked)
