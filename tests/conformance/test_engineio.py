"""The rules of Engine.IO 4: sessions, messages, heartbeats, ends and upgrades."""

import asyncio
import json
from typing import Any

import pytest

from tests.conformance.clients import Answer, InvalidStatus, Polling
from tests.conformance.conftest import Open, Suite

pytestmark = [pytest.mark.slow]

SUITE = Suite("engineio", "/engine.io/")
LONGER_THAN_A_HEARTBEAT = 0.6


def is_handshake(packet: Any, upgrades: list[str]) -> bool:
    """Return whether a packet opens a session, with exactly the fields that the protocol has."""
    fields = json.loads(packet[1:])
    sid = fields.pop("sid")
    expected = {"upgrades": upgrades, "pingInterval": 300, "pingTimeout": 200, "maxPayload": 1_000_000}
    return packet[0] == "0" and isinstance(sid, str) and bool(sid) and fields == expected


# Handshakes


async def test_polling_opens_a_session(polling: Polling) -> None:
    answer = await polling.request("GET", "EIO=4&transport=polling")
    assert answer.status == 200
    assert is_handshake(answer.body, ["websocket"])


@pytest.mark.parametrize("version", ["", "EIO=abc&"])
async def test_polling_needs_the_version(polling: Polling, version: str) -> None:
    assert (await polling.request("GET", f"{version}transport=polling")).status == 400


@pytest.mark.parametrize("transport", ["", "&transport=abc"])
async def test_polling_needs_the_transport(polling: Polling, transport: str) -> None:
    assert (await polling.request("GET", f"EIO=4{transport}")).status == 400


@pytest.mark.parametrize("method", ["POST", "PUT"])
async def test_only_get_opens_a_session(polling: Polling, method: str) -> None:
    assert (await polling.request(method, "EIO=4&transport=polling")).status == 400


async def test_a_websocket_opens_a_session(websocket: Open) -> None:
    socket = await websocket()
    assert is_handshake(await socket.hear(), [])


@pytest.mark.parametrize("version", ["", "EIO=abc&"])
async def test_a_websocket_needs_the_version(websocket: Open, version: str) -> None:
    with pytest.raises(InvalidStatus):
        await websocket(f"{version}transport=websocket")


@pytest.mark.parametrize("transport", ["", "&transport=abc"])
async def test_a_websocket_needs_the_transport(websocket: Open, transport: str) -> None:
    with pytest.raises(InvalidStatus):
        await websocket(f"EIO=4{transport}")


# Messages


async def test_polling_carries_texts(polling: Polling) -> None:
    sid = await polling.open()
    packets = "4test1\x1e4test2\x1e4test3"
    assert await polling.post(sid, packets) == Answer(200, "ok")
    assert await polling.poll(sid) == Answer(200, packets)


async def test_polling_carries_texts_and_bytes(polling: Polling) -> None:
    sid = await polling.open()
    packets = "4test1\x1ebAQIDBA=="
    assert await polling.post(sid, packets) == Answer(200, "ok")
    assert await polling.poll(sid) == Answer(200, packets)


async def test_polling_ends_with_what_is_no_packet(polling: Polling) -> None:
    sid = await polling.open()
    assert (await polling.post(sid, "abc")).status == 400
    assert (await polling.poll(sid)).status == 400


async def test_polling_ends_with_two_polls_at_once(polling: Polling) -> None:
    sid = await polling.open()
    first = asyncio.create_task(polling.poll(sid))
    await asyncio.sleep(0.05)
    second = await polling.poll(sid)
    assert (await first, second.status) == (Answer(200, "1"), 400)


async def test_a_websocket_carries_texts(websocket: Open) -> None:
    socket = await websocket()
    await socket.hear()
    await socket.send("4hello")
    assert await socket.hear() == "4hello"


async def test_a_websocket_carries_bytes(websocket: Open) -> None:
    socket = await websocket()
    await socket.hear()
    await socket.send(bytes([1, 2, 3, 4]))
    assert await socket.hear() == bytes([1, 2, 3, 4])


async def test_a_websocket_ends_with_what_is_no_packet(websocket: Open) -> None:
    socket = await websocket()
    await socket.send("abc")
    assert await socket.end() == 1002


# Heartbeats


async def test_polling_is_pinged(polling: Polling) -> None:
    sid = await polling.open()
    for _ in range(3):
        assert await polling.poll(sid) == Answer(200, "2")
        assert await polling.post(sid, "3") == Answer(200, "ok")


async def test_polling_ends_without_a_pong(polling: Polling) -> None:
    sid = await polling.open()
    await asyncio.sleep(LONGER_THAN_A_HEARTBEAT)
    assert (await polling.poll(sid)).status == 400


async def test_a_websocket_is_pinged(websocket: Open) -> None:
    socket = await websocket()
    await socket.hear()
    for _ in range(3):
        assert await socket.hear() == "2"
        await socket.send("3")


async def test_a_websocket_ends_without_a_pong(websocket: Open) -> None:
    socket = await websocket()
    assert await socket.end() == 1000


# Ends


async def test_polling_ends_when_the_client_says_so(polling: Polling) -> None:
    sid = await polling.open()
    poll = asyncio.create_task(polling.poll(sid))
    await asyncio.sleep(0.05)
    assert await polling.post(sid, "1") == Answer(200, "ok")
    assert await poll == Answer(200, "6")
    assert (await polling.poll(sid)).status == 400


async def test_a_websocket_ends_when_the_client_says_so(websocket: Open) -> None:
    socket = await websocket()
    await socket.send("1")
    assert await socket.end() == 1000


# Upgrades


async def test_polling_becomes_a_websocket(polling: Polling, websocket: Open) -> None:
    socket = await websocket(sid=await polling.open())
    await socket.send("2probe")
    assert await socket.hear() == "3probe"
    await socket.send("5")
    await socket.send("4hello")
    assert await socket.hear() == "4hello"


async def test_no_more_polls_after_an_upgrade(polling: Polling, websocket: Open) -> None:
    sid = await polling.open()
    socket = await websocket(sid=sid)
    await socket.send("2probe")
    await socket.send("5")
    await socket.send("4hello")
    assert [await socket.hear(), await socket.hear()] == ["3probe", "4hello"]  # some servers take a poll before it
    assert (await polling.poll(sid)).status == 400


async def test_no_second_websocket_after_an_upgrade(polling: Polling, websocket: Open) -> None:
    sid = await polling.open()
    socket = await websocket(sid=sid)
    await socket.send("2probe")
    await socket.send("5")
    second = await websocket(sid=sid)
    assert await second.end() == 1000
    assert await socket.hear() == "3probe"
    await socket.send("4hello")
    assert await socket.hear() == "4hello"


async def test_what_was_not_polled_comes_by_the_websocket(polling: Polling, websocket: Open) -> None:
    sid = await polling.open()
    socket = await websocket(sid=sid)
    await socket.send("2probe")
    assert await socket.hear() == "3probe"
    await polling.post(sid, "4one\x1e4two")
    await socket.send("5")
    assert [await socket.hear(), await socket.hear()] == ["4one", "4two"]


async def test_a_poll_ends_when_the_client_tries_a_websocket(polling: Polling, websocket: Open) -> None:
    sid = await polling.open()
    poll = asyncio.create_task(polling.poll(sid))
    socket = await websocket(sid=sid)
    await socket.send("2probe")
    assert await socket.hear() == "3probe"
    assert await poll == Answer(200, "6")


# What the protocol leaves to servers


async def test_it_says_what_is_wrong(polling: Polling) -> None:
    answer = await polling.poll("nobody")
    assert (answer.status, json.loads(answer.body)) == (400, {"code": 1, "message": "Session ID unknown"})


async def test_it_serves_no_jsonp(polling: Polling) -> None:
    assert (await polling.request("GET", "EIO=4&transport=polling&j=0")).status == 400


async def test_a_request_that_is_too_long_ends_the_session(polling: Polling) -> None:
    sid = await polling.open()
    assert (await polling.post(sid, "4" + "x" * 1_000_001)).status == 400
    assert (await polling.poll(sid)).status == 400


async def test_a_burst_of_polled_packets_is_taken_whole(polling: Polling) -> None:
    sid = await polling.open()
    packets = "\x1e".join(f"4{number}" for number in range(500))
    assert await polling.post(sid, packets) == Answer(200, "ok")
    assert await polling.poll(sid) == Answer(200, packets)
