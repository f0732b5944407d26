"""Whatever happens in a conversation, who hears the log, live or later, holds in the end what the database holds."""

import asyncio
import contextlib
import os
import random
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import pytest

from conversations.commands import AddMember, RemoveMember, SetChatStatus
from conversations.models import ChatStatus, Conversation
from messaging.commands import AddReaction, DeleteMessage, EditMessage, MarkRead, RemoveReaction, SendMessage
from messaging.models import Message, Reaction, ReadReceipt
from stoory.accounts.models import User
from stoory.commands import Command, execute
from stoory.errors import DomainError
from stoory.events import Event
from stoory.realtime.application import Application
from stoory.realtime.database import database
from tests.sockets import SocketClient

pytestmark = pytest.mark.slow

Open = Callable[..., Awaitable[SocketClient]]

STEPS = 40
SEEDS = range(int(os.environ.get("EVERY_KIND", "3")))
EMOJI = ("👍", "🎉")
PATIENCE_SECONDS = 10.0


class Replica:
    """What a client makes of the log's events, each of which has to be the next."""

    def __init__(self, members: set[str]) -> None:
        self.seq = 0
        self.texts: dict[str, str] = {}
        self.reactions: set[tuple[str, str, str]] = set()
        self.read: set[tuple[str, str]] = set()
        self.members = members
        self.chat_status = str(ChatStatus.REAL_TIME)

    def take(self, name: str, payload: dict[str, Any]) -> None:
        """Apply an event; others than the log's say nothing here."""
        said = payload.get("message") if name == "chat:new" else None
        seq = said["seq"] if said else payload.get("seq")
        if seq is None:
            return
        assert seq == self.seq + 1, f"{name} is {seq} after {self.seq}"
        self.seq = seq
        self._apply(name, payload)

    def _apply(self, name: str, payload: Any) -> None:
        match name:
            case "chat:new" | "chat:edited":
                self.texts[payload["message"]["id"]] = payload["message"]["message"]
            case "chat:deleted":
                self.texts[payload["messageId"]] = ""
            case "chat:reaction_added":
                self.reactions.add((payload["messageId"], payload["userId"], payload["type"]))
            case "chat:reaction_removed":
                self.reactions.discard((payload["messageId"], payload["userId"], payload["type"]))
            case "chat:read":
                self.read |= {(message_id, payload["readerId"]) for message_id in payload["messageIds"]}
            case "chat:member_added":
                self.members.add(payload["userId"])
            case "chat:member_removed":
                self.members.discard(payload["userId"])
            case "conversation_state_changed":
                self.chat_status = payload["chat_status"]
            case _:
                raise AssertionError(f"nobody knows {name}")

    @property
    def state(self) -> Any:
        return self.texts, self.reactions, self.read, self.members, self.chat_status


def snapshot(conversation: Conversation) -> Any:
    """Return what the database holds, as a replica's state."""
    conversation.refresh_from_db()
    here = Message.objects.filter(conversation=conversation)
    return (
        {str(message.pk): message.text for message in here},
        {(str(r.message_id), r.user_id, r.type) for r in Reaction.objects.filter(message__in=here)},
        {(str(r.message_id), r.reader_id) for r in ReadReceipt.objects.filter(message__in=here)},
        set(conversation.participants.values_list("user_id", flat=True)),
        conversation.chat_status,
    )


def anything(
    dice: random.Random, conversation: Conversation, insiders: Sequence[User], charlie: User, staff: User
) -> Command[Any]:
    """Return what somebody wants; it may be refused."""
    where, actor = str(conversation.pk), dice.choice(insiders).pk
    ids = [str(pk) for pk in Message.objects.filter(conversation=conversation).values_list("pk", flat=True)]
    say = SendMessage(actor=actor, conversation_id=where, text=f"{dice.random()}")
    if not ids:
        return say
    one, emoji = dice.choice(ids), dice.choice(EMOJI)
    owner = insiders[0].pk
    wanted: list[Command[Any]] = [
        say,
        say,
        EditMessage(actor=actor, message_id=one, text=f"{dice.random()}"),
        DeleteMessage(actor=actor, message_id=one),
        AddReaction(actor=actor, message_id=one, type=emoji),
        RemoveReaction(actor=actor, message_id=one, type=emoji),
        MarkRead(actor=actor, conversation_id=where, up_to_message_id=one),
        SetChatStatus(actor=staff.pk, conversation_id=where, chat_status=dice.choice(STATUSES), reason="a test"),
        AddMember(actor=owner, conversation_id=where, user_id=charlie.pk),
        RemoveMember(actor=owner, conversation_id=where, user_id=charlie.pk),
    ]
    return dice.choice(wanted)


STATUSES = (ChatStatus.REAL_TIME, ChatStatus.REAL_TIME, ChatStatus.CLOSED)


class Listener:
    """bob, who goes away and comes back on either server, by joining with his place or by asking first."""

    def __init__(self, connect: Open, bob: User, conversation: Conversation, dice: random.Random) -> None:
        self._connect = connect
        self._bob = bob
        self._where = str(conversation.pk)
        self._dice = dice
        self._socket: SocketClient | None = None
        self.replica = Replica(set(conversation.participants.values_list("user_id", flat=True)))

    async def come_back(self, servers: Sequence[Application]) -> None:
        await self.leave()
        self._socket = await self._connect(self._bob, on=self._dice.choice(servers), contracts=["chat"])
        if self._dice.random() < 0.5:
            await self._sync(self._socket)
        joined = {"conversationId": self._where, "afterSeq": self.replica.seq}
        assert (await self._socket.emit("chat:join", joined))["ok"]

    async def _sync(self, socket: SocketClient) -> None:
        limit = self._dice.randint(1, 10)
        while True:
            asked = {"conversationId": self._where, "afterSeq": self.replica.seq, "limit": limit}
            page = await socket.emit("chat:sync", asked)
            for entry in page["events"]:
                self.replica.take(entry["event"], entry["payload"])
            if not page["hasMore"]:
                return

    async def leave(self) -> None:
        if self._socket is not None:
            self.listen()
            await self._socket.close()
            self._socket = None

    def listen(self) -> None:
        """Take in what was heard so far."""
        assert self._socket is not None
        heard, self._socket.events = self._socket.events, []
        for name, payload in heard:
            self.replica.take(name, payload)

    async def catch_up(self, seq: int) -> None:
        async with asyncio.timeout(PATIENCE_SECONDS):
            while self.replica.seq < seq:
                await asyncio.sleep(0.02)
                self.listen()


def forget_some(node: Any, dice: random.Random, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have a server not be told a third of what others commit: it has to find that in the log."""
    tell = node.tell

    def told(committed: Sequence[Event]) -> None:
        if dice.random() > 0.3:
            tell(committed)

    monkeypatch.setattr(node, "tell", told)


@pytest.mark.parametrize("seed", SEEDS)
async def test_the_replica_of_the_log_is_the_database(
    fast_repair: None,
    connect: Open,
    server: Application,
    other_server: Application,
    alice: User,
    bob: User,
    charlie: User,
    staff: User,
    channel: Conversation,
    seed: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    dice = random.Random(seed)
    servers = (server, other_server)
    for one in servers:
        forget_some(one.node, dice, monkeypatch)
        monkeypatch.setattr(one.node.bus, "_deliver", lambda heard: None)
    listener = await database(Listener, connect, bob, channel, dice)
    await listener.come_back(servers)
    for _ in range(STEPS):
        wanted = await database(anything, dice, channel, (alice, bob), charlie, staff)
        with contextlib.suppress(DomainError):
            await database(execute, wanted)
        if dice.random() < 0.2:
            await listener.come_back(servers)
    held = await database(snapshot, channel)
    await listener.catch_up(channel.last_seq)
    assert listener.replica.state == held
    assert channel.last_seq > STEPS / 4
