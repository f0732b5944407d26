"""A client that does not read costs no more than its budget: first what is ephemeral is left out, then it has to go."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any, TypeVar

import pytest
from django.conf import settings as django_settings

from stoory.realtime import packets
from stoory.realtime.connection import SLOW_CONSUMER, Connection
from stoory.realtime.engine import Engine
from stoory.realtime.frames import EXTENSION, Frame
from stoory.realtime.handshakes import Peer
from stoory.realtime.polling import Polling
from stoory.realtime.transports import TRY_AGAIN_LATER, Message

Item = TypeVar("Item")
Opened = asyncio.Queue[Connection]
Reasons = asyncio.Queue[str]
Heard = asyncio.Queue[str]

BUDGET = 10_000
PATIENCE_SECONDS = 0.1
VITAL = packets.event("/", "chat:new", {"text": "x" * 1_000})
EPHEMERAL = packets.event("/", "user_typing", {"text": "x" * 1_000}, is_ephemeral=True)


class Stalled(asyncio.Transport):
    """A connection that takes nothing until it is told to."""

    def __init__(self) -> None:
        super().__init__()
        self.buffer = b""
        self.drained = asyncio.Event()
        self.is_aborted = False

    def write(self, data: Any) -> None:
        self.buffer += data

    def get_write_buffer_size(self) -> int:
        return len(self.buffer)

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        pass

    def abort(self) -> None:
        self.buffer = b""
        self.is_aborted = True


class Client:
    """A WebSocket client that reads nothing until it is told to."""

    def __init__(self, engine: Engine, *, prepared: bool) -> None:
        self.transport = Stalled()
        self.reading = asyncio.Event()
        self.texts: list[str] = []
        self.closed: asyncio.Future[tuple[int, str]] = asyncio.get_running_loop().create_future()
        self.sent: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self.sent.put_nowait({"type": "websocket.connect"})
        offered = {EXTENSION: {"transport": self.transport, "drained": self.transport.drained.wait}}
        scope = {
            "type": "websocket",
            "path": "/engine.io/",
            "query_string": b"EIO=4&transport=websocket",
            "headers": [],
            "extensions": offered if prepared else {},
        }
        self.task = asyncio.create_task(engine.handle_request(scope, self.sent.get, self._take))

    def say(self, packet: str) -> None:
        """Send a packet."""
        self.sent.put_nowait({"type": "websocket.receive", "text": packet})

    def read(self) -> None:
        """Take all that was sent, from here on."""
        self.transport.buffer = b""
        self.transport.drained.set()
        self.reading.set()

    async def _take(self, message: Message) -> None:
        if message["type"] != "websocket.accept":
            await self.reading.wait()
        if message["type"] == "websocket.send":
            self.texts.append(message["text"])
        elif message["type"] == "websocket.close":
            self.closed.set_result((message["code"], message["reason"]))


@pytest.fixture
async def opened() -> Opened:
    """The connections that were opened."""
    return asyncio.Queue()


@pytest.fixture
async def reasons() -> Reasons:
    """Why connections ended."""
    return asyncio.Queue()


@pytest.fixture
async def heard() -> Heard:
    """What clients said."""
    return asyncio.Queue()


@pytest.fixture
async def engine(opened: Opened, reasons: Reasons, heard: Heard, monkeypatch: pytest.MonkeyPatch) -> Engine:
    monkeypatch.setattr("stoory.realtime.transports.PATIENCE_SECONDS", PATIENCE_SECONDS)
    monkeypatch.setattr("stoory.realtime.websocket.CLOSING_SECONDS", PATIENCE_SECONDS)
    engine = Engine(
        budget=BUDGET,
        prepares=True,
        allows=lambda origin, host: True,
        admits=always,
        max_http_buffer_size=django_settings.MAX_PAYLOAD,
        ping_interval=25,
        ping_timeout=60,
    )

    async def hear(connection: Connection, data: Any) -> None:
        heard.put_nowait(data)

    engine.on("connect", opened.put_nowait)
    engine.on("message", hear)
    engine.on("disconnect", lambda connection, reason: reasons.put_nowait(reason))
    return engine


@pytest.fixture(params=[True, False], ids=["prepared", "plain"])
async def client(request: pytest.FixtureRequest, engine: Engine) -> AsyncIterator[Client]:
    client = Client(engine, prepared=request.param)
    yield client
    client.read()
    client.sent.put_nowait({"type": "websocket.disconnect", "code": 1006})
    await asyncio.wait_for(client.task, 5)


@pytest.fixture
async def connection(client: Client, opened: Opened) -> Connection:
    return await next_of(opened)


async def always(address: str) -> None:
    """Refuse nobody."""


async def next_of(queue: "asyncio.Queue[Item]") -> Item:
    return await asyncio.wait_for(queue.get(), 5)


async def push(connection: Connection, frame: Frame, times: int) -> None:
    """Push a frame some times, a turn of the loop each."""
    for _ in range(times):
        connection.push(frame)
        await asyncio.sleep(0)
    await asyncio.sleep(0)


async def test_over_half_of_the_budget_ephemeral_events_are_left_out(connection: Connection) -> None:
    await push(connection, VITAL, 7)
    before = connection.transport.waiting()
    await push(connection, EPHEMERAL, 5)
    assert connection.transport.waiting() == before
    await push(connection, VITAL, 1)
    assert connection.transport.waiting() > before


async def test_below_half_of_the_budget_nothing_is_left_out(connection: Connection) -> None:
    before = connection.transport.waiting()
    await push(connection, EPHEMERAL, 1)
    assert connection.transport.waiting() > before


async def test_over_the_budget_the_client_has_to_go(
    engine: Engine, client: Client, connection: Connection, reasons: Reasons
) -> None:
    await push(connection, VITAL, 20)
    assert await next_of(reasons) == SLOW_CONSUMER
    assert engine.sockets == {}
    await asyncio.wait_for(client.task, 5)
    assert connection.transport.waiting() == 0


async def test_who_reads_again_is_told_why(client: Client, connection: Connection, reasons: Reasons) -> None:
    await push(connection, VITAL, 20)
    await next_of(reasons)
    client.read()
    assert await asyncio.wait_for(client.closed, 5) == (TRY_AGAIN_LATER, SLOW_CONSUMER)


async def test_a_burst_that_is_taken_in_time_is_no_fault(
    client: Client, connection: Connection, reasons: Reasons
) -> None:
    for _ in range(50):
        connection.push(VITAL)
    await asyncio.sleep(0)
    client.read()
    await asyncio.sleep(2 * PATIENCE_SECONDS)
    assert (reasons.empty(), connection.transport.waiting()) == (True, 0)
    await push(connection, EPHEMERAL, 1)
    assert not connection.is_closed


async def test_who_does_not_read_is_not_listened_to(client: Client, connection: Connection, heard: Heard) -> None:
    await push(connection, VITAL, 7)
    client.say("4waited for")
    client.say("4one")
    client.say("4two")
    await asyncio.sleep(PATIENCE_SECONDS)
    assert heard.qsize() <= 1
    client.read()
    assert [await next_of(heard) for _ in range(3)] == ["waited for", "one", "two"]


async def test_a_client_that_does_not_poll_has_to_go(engine: Engine, reasons: Reasons) -> None:
    connection = engine._open(Peer("/", "", ""), Polling(BUDGET), ["websocket"])
    await push(connection, VITAL, 7)
    before = connection.transport.waiting()
    await push(connection, EPHEMERAL, 1)
    assert connection.transport.waiting() == before
    await push(connection, VITAL, 20)
    assert await next_of(reasons) == SLOW_CONSUMER
