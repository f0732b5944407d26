"""uvicorn's WebSocket as `manage.py serve` runs it: whole frames can be written to it, beside ASGI's own messages."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
import uvicorn
from websockets.asyncio.client import connect

from stoory.realtime.frames import EXTENSION, Frame
from stoory.realtime.uvicorn_websocket import Gate, Inbox, WebSocketProtocol


class Application:
    """Sends a frame, then a message, then whatever it receives; keeps its scope."""

    def __init__(self) -> None:
        self.scope: dict[str, Any] = {}

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self.scope = scope
        await receive()
        await send({"type": "websocket.accept"})
        offered = scope["extensions"][EXTENSION]
        offered["transport"].write(Frame(b"a frame").wire)
        await offered["drained"]()
        await send({"type": "websocket.send", "text": "a message"})
        while (message := await receive())["type"] == "websocket.receive":
            await send({"type": "websocket.send", "text": message["text"]})


@pytest.fixture
def application() -> Application:
    return Application()


@pytest.fixture
async def url(application: Application) -> AsyncIterator[str]:
    config = uvicorn.Config(application, port=0, ws=WebSocketProtocol, lifespan="off", log_config=None)
    server = uvicorn.Server(config)
    config.load()
    server.lifespan = config.lifespan_class(config)
    await server.startup()
    [listener] = server.servers[0].sockets
    yield f"ws://127.0.0.1:{listener.getsockname()[1]}"
    await server.shutdown()


async def test_frames_and_messages_come_in_order(url: str) -> None:
    async with connect(url, proxy=None) as client:
        assert [await client.recv(), await client.recv()] == ["a frame", "a message"]
        for number in range(100):
            await client.send(str(number))
        assert [await client.recv() for _ in range(100)] == [str(number) for number in range(100)]


async def test_the_handshake_is_forgotten(url: str, application: Application) -> None:
    async with connect(url, proxy=None) as client:
        await client.recv()
        assert application.scope["headers"] == []


async def test_an_inbox_gives_what_it_was_given_in_order() -> None:
    inbox = Inbox()
    reader = asyncio.create_task(inbox.get())
    await asyncio.sleep(0)
    for number in range(3):
        inbox.put_nowait(number)
    assert [await reader, await inbox.get(), await inbox.get()] == [0, 1, 2]
    assert inbox.empty()


async def test_an_inbox_survives_a_reader_that_gives_up() -> None:
    inbox = Inbox()
    reader = asyncio.create_task(inbox.get())
    await asyncio.sleep(0)
    reader.cancel()
    inbox.put_nowait("kept")
    await asyncio.wait([reader])
    assert await inbox.get() == "kept"


async def test_a_gate_lets_all_through_when_it_opens() -> None:
    gate = Gate()
    await gate.wait()
    gate.clear()
    gate.clear()
    waiting = [asyncio.create_task(gate.wait()) for _ in range(3)]
    await asyncio.sleep(0)
    waiting[0].cancel()
    await asyncio.sleep(0)
    assert not any(task.done() for task in waiting[1:])
    gate.set()
    await asyncio.gather(*waiting[1:])
