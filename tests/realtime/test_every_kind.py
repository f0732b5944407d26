"""Whatever happens in a conversation, who hears the log, live or later, holds in the end what the database holds.

`EVERY_KIND` says how many walks there are.
"""

import asyncio
import contextlib
import copy
import os
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import Any

import pytest
from django.conf import settings
from django.db.models import F

from conversations.commands import AddMember, RemoveMember, SetChatStatus
from conversations.models import ChatStatus, Conversation, ConversationEvent
from messaging.commands import AddReaction, DeleteMessage, EditMessage, MarkRead, RemoveReaction, SendMessage
from messaging.models import Message, Reaction, ReadReceipt
from stoory.accounts.models import User
from stoory.commands import Command, execute
from stoory.errors import DomainError
from stoory.events import Event
from stoory.handler import ThreadedHandler
from stoory.realtime.application import Application
from stoory.realtime.database import database
from stoory.realtime.node import Node
from stoory.realtime.ring import Ring
from tests.sockets import SocketClient

pytestmark = pytest.mark.slow

Open = Callable[..., Awaitable[SocketClient]]

STEPS = 40
STEPS_AWAY = 5  # of them, while the listener is away and behind which the log is forgotten
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
        self.read_anew_at = 0

    def read_anew(self, seq: int, held: Any) -> None:
        """Start again with what the database holds at a place of the log."""
        self.seq = self.read_anew_at = seq
        self.texts, self.reactions, self.read, self.members, self.chat_status = copy.deepcopy(held)

    def take(self, name: str, payload: dict[str, Any]) -> None:
        """Apply an event; others than the log's say nothing here."""
        said = payload.get("message") if name == "chat:new" else None
        seq = said["seq"] if said else payload.get("seq")
        if seq is None or seq <= self.read_anew_at:
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
        self._conversation = conversation
        self._where = str(conversation.pk)
        self._dice = dice
        self._socket: SocketClient | None = None
        self.replica = Replica(set(conversation.participants.values_list("user_id", flat=True)))

    async def come_back(self, servers: Sequence[Application]) -> None:
        await self.leave()
        self._socket = await self._connect(self._bob, on=self._dice.choice(servers), contracts=["chat"])
        if self._dice.random() < 0.5:
            await self._sync(self._socket)
        joined = await self._socket.emit("chat:join", {"conversationId": self._where, "afterSeq": self.replica.seq})
        assert joined["ok"]
        if joined.get("gap"):
            self.replica.read_anew(joined["lastSeq"], await database(snapshot, self._conversation))

    async def _sync(self, socket: SocketClient) -> None:
        limit = self._dice.randint(1, 10)
        while True:
            asked = {"conversationId": self._where, "afterSeq": self.replica.seq, "limit": limit}
            page = await socket.emit("chat:sync", asked)
            assert page["ok"]
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


async def forget(conversation: Conversation, servers: Sequence[Application]) -> None:
    """Prune all of a log, as if it were old; nor do servers remember the end of it."""
    await database(ConversationEvent.objects.filter(conversation=conversation).delete)
    await database(Conversation.objects.filter(pk=conversation.pk).update, pruned_seq=F("last_seq"))
    for one in servers:
        one.node.relay.recent = Ring(settings.RING_EVENTS)


class Stage:
    """The channel on three servers, and who does what there."""

    def __init__(
        self, channel: Conversation, people: Sequence[User], servers: Sequence[Application], seed: int
    ) -> None:
        self.dice = random.Random(seed)
        self.channel = channel
        self.servers = servers
        self._people = people

    async def play(self, steps: int) -> AsyncIterator[None]:
        """Have somebody do something, so many times."""
        alice, bob, charlie, staff = self._people
        for _ in range(steps):
            wanted = await database(anything, self.dice, self.channel, (alice, bob), charlie, staff)
            with contextlib.suppress(DomainError):
                await database(execute, wanted)
            yield


@pytest.fixture
async def third_server(server: Application) -> AsyncIterator[Application]:
    application = Application(Node(), ThreadedHandler())
    await application.node.start()
    yield application
    await application.node.stop()


@pytest.fixture
def servers(
    fast_repair: None, server: Application, other_server: Application, third_server: Application
) -> Sequence[Application]:
    return server, other_server, third_server


@pytest.mark.parametrize("seed", SEEDS)
async def test_the_replica_of_the_log_is_the_database(
    servers: Sequence[Application],
    connect: Open,
    alice: User,
    bob: User,
    charlie: User,
    staff: User,
    channel: Conversation,
    seed: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    stage = Stage(channel, (alice, bob, charlie, staff), servers, seed)
    for one in servers:
        forget_some(one.node, stage.dice, monkeypatch)
        monkeypatch.setattr(one.node.bus, "_deliver", lambda heard: None)
    listener = await database(Listener, connect, bob, channel, stage.dice)
    await listener.come_back(servers)
    async for _ in stage.play(STEPS // 2):
        if stage.dice.random() < 0.2:
            await listener.come_back(servers)

    await listener.leave()
    missed_from = listener.replica.seq
    async for _ in stage.play(STEPS_AWAY):
        pass
    await forget(channel, servers)
    await listener.come_back(servers)
    await database(channel.refresh_from_db)
    assert (listener.replica.read_anew_at > 0) == (channel.last_seq > missed_from)

    async for _ in stage.play(STEPS // 2 - STEPS_AWAY):
        if stage.dice.random() < 0.2:
            await listener.come_back(servers)
    held = await database(snapshot, channel)
    await listener.catch_up(channel.last_seq)
    assert listener.replica.state == held
    assert channel.last_seq > STEPS / 8
