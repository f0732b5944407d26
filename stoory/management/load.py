"""People who write to each other through a running server as fast as it answers, and how long the answers took."""

import asyncio
import contextlib
import json
import time
from collections import Counter
from collections.abc import Callable, Sequence
from itertools import cycle
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import msgspec
from django.db import transaction
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException

from conversations.commands import CreateConversation
from conversations.models import Conversation
from messaging.models import Message
from stoory.accounts.models import User
from stoory.auth import issue_token
from stoory.batches import delete_in_batches
from stoory.commands import execute
from stoory.ids import uuid7
from stoory.metrics import Histogram

BOUNDS = tuple(0.0005 * 1.15**step for step in range(80))  # seconds, half a millisecond to half a minute, 15 % apart
ANSWER_SECONDS = 10.0
DRAIN_SECONDS = 1.0
REMOVED_AT_ONCE = 5_000  # messages
TEXT = "Nothing to read here: somebody measures how fast this server is."


class Pair(msgspec.Struct, frozen=True):
    """Two people with a conversation of their own."""

    users: tuple[str, str]
    tokens: tuple[str, str]
    conversation_id: str


class Plan(msgspec.Struct, frozen=True):
    """How much of it there is: whatever ends first, the messages or the time."""

    url: str
    seconds: float
    messages: int
    in_flight: int


class Figures:
    """What came of it so far."""

    def __init__(self) -> None:
        self.begun = 0
        self.sent = 0
        self.delivered = 0
        self.errors = Counter[str]()
        self.acks = Histogram(BOUNDS)
        self.began_at = time.perf_counter()
        self.ended_at: float | None = None
        self._news = asyncio.Event()

    def note_delivery(self) -> None:
        """Count a message that came to one of its two people."""
        self.delivered += 1
        self._news.set()

    async def all_delivered(self) -> None:
        """Wait until both people of each message have it."""
        while self.delivered < 2 * self.sent:
            self._news.clear()
            await self._news.wait()

    def summary(self) -> dict[str, Any]:
        """Return rates, and times in milliseconds."""
        seconds = max(1e-6, (self.ended_at or time.perf_counter()) - self.began_at)
        return {
            "seconds": round(seconds, 2),
            "sends": self.sent,
            "sends_per_second": round(self.sent / seconds, 1),
            "ack_p50_ms": _milliseconds(self.acks.quantile(0.5)),
            "ack_p99_ms": _milliseconds(self.acks.quantile(0.99)),
            "deliveries": self.delivered,
            "errors": dict(self.errors),
        }


def _milliseconds(seconds: float | None) -> float | None:
    return None if seconds is None else round(1_000 * seconds, 2)


# Who writes to whom


def make_pairs(count: int) -> list[Pair]:
    """Make people for one run; `remove` takes them away with all that they wrote."""
    run = str(uuid7())[-12:]
    return [_pair(f"load-{run}-{number}") for number in range(count)]


@transaction.atomic
def _pair(name: str) -> Pair:
    first, second = (User.objects.create(username=f"{name}{letter}", name="Load", email="") for letter in "ab")
    made = execute(CreateConversation(actor=first.pk, type="direct", participant_ids=[second.pk]))
    tokens = issue_token(first)["token"], issue_token(second)["token"]
    return Pair(users=(first.pk, second.pk), tokens=tokens, conversation_id=str(made.conversation.pk))


@transaction.atomic
def remove(pairs: Sequence[Pair]) -> None:
    """Take away what `make_pairs` made, and what was written since."""
    conversations = Conversation.objects.filter(pk__in=[pair.conversation_id for pair in pairs])
    for _ in delete_in_batches(Message.objects.filter(conversation__in=conversations), REMOVED_AT_ONCE):
        pass  # all at once would be more than a statement takes
    conversations.delete()
    User.objects.filter(pk__in=[user for pair in pairs for user in pair.users]).delete()


# Their sockets


class Socket:
    """One Socket.IO connection of the chat family."""

    def __init__(self, connection: ClientConnection, figures: Figures) -> None:
        self._connection = connection
        self._figures = figures
        self._answers: dict[int, asyncio.Future[Any]] = {}
        self._asked = 0
        self._reader = asyncio.create_task(self._read())

    async def ask(self, name: str, payload: Any) -> Any:
        """Emit an event, and return its acknowledgement."""
        self._asked += 1
        answer = self._answers[self._asked] = asyncio.get_running_loop().create_future()
        await self._connection.send(f"42{self._asked}{json.dumps([name, payload])}")
        async with asyncio.timeout(ANSWER_SECONDS):  # wait_for() overhears a cancellation that comes with the answer
            return await answer

    async def close(self) -> None:
        self._reader.cancel()
        await self._connection.close()

    async def _read(self) -> None:
        with contextlib.suppress(WebSocketException):
            async for text in self._connection:
                if text == "2":
                    await self._connection.send("3")
                elif isinstance(text, str) and text.startswith("43"):
                    number, _, body = text[2:].partition("[")
                    if answer := self._answers.pop(int(number), None):
                        answer.set_result(json.loads(f"[{body}")[0])
                elif isinstance(text, str) and text.startswith('42["chat:new"'):
                    self._figures.note_delivery()
        for answer in self._answers.values():
            if not answer.done():
                answer.set_exception(ConnectionError("the server hung up"))


async def _open(url: str, token: str, conversation_id: str, figures: Figures) -> Socket:
    connection = await connect(url, compression=None, max_queue=None, proxy=None)
    await connection.recv()
    await connection.send(f"40{json.dumps({'token': token, 'contracts': ['chat']})}")
    socket = Socket(connection, figures)
    joined = await socket.ask("chat:join", {"conversationId": conversation_id})
    if not joined.get("ok"):
        raise ConnectionError(joined["error"]["message"])
    return socket


def websocket_url(url: str) -> str:
    """Return where a server's sockets are."""
    parts = urlsplit(url)
    scheme = {"http": "ws", "https": "wss"}[parts.scheme]
    return urlunsplit((scheme, parts.netloc, "/socket.io/", "EIO=4&transport=websocket", ""))


# The run


async def run(plan: Plan, pairs: Sequence[Pair], figures: Figures, show: Callable[[], None]) -> None:
    """Let each pair's first write to the second; `figures` are complete however this ends."""
    url, sockets = websocket_url(plan.url), []
    try:
        for token, conversation_id in _seats(pairs):
            sockets += [await _open(url, token, conversation_id, figures)]
        figures.began_at = time.perf_counter()
        await _write(plan, cycle(list(zip(sockets[::2], pairs, strict=True))), figures, show)
    finally:
        figures.ended_at = figures.ended_at or time.perf_counter()
        for socket in sockets:
            await socket.close()


def _seats(pairs: Sequence[Pair]) -> list[tuple[str, str]]:
    return [(token, pair.conversation_id) for pair in pairs for token in pair.tokens]


async def _write(plan: Plan, senders: "cycle[tuple[Socket, Pair]]", figures: Figures, show: Callable[[], None]) -> None:
    deadline = figures.began_at + plan.seconds
    hands = [asyncio.create_task(_hand(plan, deadline, senders, figures)) for _ in range(plan.in_flight)]
    shown = asyncio.create_task(_show(show))
    try:
        await asyncio.gather(*hands)
        figures.ended_at = time.perf_counter()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(DRAIN_SECONDS):
                await figures.all_delivered()
    finally:
        for task in (*hands, shown):
            task.cancel()


async def _hand(plan: Plan, deadline: float, senders: "cycle[tuple[Socket, Pair]]", figures: Figures) -> None:
    """Have one send under way at a time."""
    while figures.begun < plan.messages and time.perf_counter() < deadline:
        figures.begun += 1
        socket, pair = next(senders)
        await _send(socket, pair, figures)


async def _send(socket: Socket, pair: Pair, figures: Figures) -> None:
    began = time.perf_counter()
    payload = {"conversationId": pair.conversation_id, "text": TEXT, "clientNonce": str(uuid7())}
    try:
        answer = await socket.ask("chat:send", payload)
    except TimeoutError:
        figures.errors["no_answer"] += 1
    else:
        if answer["ok"]:
            figures.sent += 1
            figures.acks.observe(time.perf_counter() - began)
        else:
            figures.errors[answer["error"]["code"]] += 1


async def _show(show: Callable[[], None]) -> None:
    while True:
        show()
        await asyncio.sleep(0.5)
