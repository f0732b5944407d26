"""The rules of Socket.IO 5 over Engine.IO: namespaces, events, acknowledgements, binary data."""

import json
from typing import Any

import pytest

from tests.conformance.clients import WebSocket
from tests.conformance.conftest import Open, Suite

pytestmark = [pytest.mark.slow]

SUITE = Suite("socketio", "/socket.io/")


async def opened(websocket: Open) -> WebSocket:
    socket = await websocket()
    assert (await socket.hear()).startswith("0")
    return socket


async def connected(websocket: Open) -> WebSocket:
    """Return a socket in the main namespace."""
    socket = await opened(websocket)
    await socket.send("40")
    assert is_connect(await socket.hear())
    assert await socket.hear() == '42["auth",{}]'
    return socket


def is_connect(packet: Any, prefix: str = "") -> bool:
    return packet.startswith(f"40{prefix}") and bool(json.loads(packet.removeprefix(f"40{prefix}"))["sid"])


# Connections


async def test_the_main_namespace(websocket: Open) -> None:
    await connected(websocket)


async def test_the_main_namespace_with_a_payload(websocket: Open) -> None:
    socket = await opened(websocket)
    await socket.send('40{"token":"123"}')
    assert is_connect(await socket.hear())
    assert await socket.hear() == '42["auth",{"token":"123"}]'


async def test_another_namespace(websocket: Open) -> None:
    socket = await opened(websocket)
    await socket.send("40/custom,")
    assert is_connect(await socket.hear(), "/custom,")
    assert await socket.hear() == '42/custom,["auth",{}]'


async def test_another_namespace_with_a_payload(websocket: Open) -> None:
    socket = await opened(websocket)
    await socket.send('40/custom,{"token":"abc"}')
    assert is_connect(await socket.hear(), "/custom,")
    assert await socket.hear() == '42/custom,["auth",{"token":"abc"}]'


@pytest.mark.parametrize("packet", ["40/random", "40/random,", '40/random,{"token":"abc"}'])
async def test_an_unknown_namespace(websocket: Open, packet: str) -> None:
    socket = await opened(websocket)
    await socket.send(packet)
    assert await socket.hear() == '44/random,{"message":"Invalid namespace"}'


async def test_a_bad_handshake_ends_the_connection(websocket: Open) -> None:
    socket = await opened(websocket)
    await socket.send("4abc")
    assert await socket.end() == 1002


async def test_no_handshake_ends_the_connection(websocket: Open) -> None:
    socket = await opened(websocket)
    for _ in range(3):
        assert await socket.hear() == "2"
        await socket.send("3")
    assert await socket.end() == 1000


# Disconnections


async def test_leaving_the_main_namespace_keeps_the_connection(websocket: Open) -> None:
    socket = await connected(websocket)
    await socket.send("41")
    assert await socket.hear() == "2"


async def test_leaving_one_namespace_keeps_the_other(websocket: Open) -> None:
    socket = await connected(websocket)
    await socket.send("40/custom,")
    assert is_connect(await socket.hear(), "/custom,")
    assert await socket.hear() == '42/custom,["auth",{}]'
    await socket.send("41/custom,")
    await socket.send('42["message","to the main namespace"]')
    assert await socket.hear() == '42["message-back","to the main namespace"]'


# Messages


async def test_an_event(websocket: Open) -> None:
    socket = await connected(websocket)
    await socket.send('42["message",1,"2",{"3":[true]}]')
    assert await socket.hear() == '42["message-back",1,"2",{"3":[true]}]'


async def test_an_event_with_binary_data(websocket: Open) -> None:
    socket = await connected(websocket)
    places = '{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}'
    for part in (f'452-["message",{places}]', bytes([1, 2, 3]), bytes([4, 5, 6])):
        await socket.send(part)
    assert [await socket.hear() for _ in range(3)] == [
        f'452-["message-back",{places}]',
        bytes([1, 2, 3]),
        bytes([4, 5, 6]),
    ]


async def test_an_acknowledgement(websocket: Open) -> None:
    socket = await connected(websocket)
    await socket.send('42456["message-with-ack",1,"2",{"3":[false]}]')
    assert await socket.hear() == '43456[1,"2",{"3":[false]}]'


async def test_an_acknowledgement_with_binary_data(websocket: Open) -> None:
    socket = await connected(websocket)
    places = '{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}'
    for part in (f'452-789["message-with-ack",{places}]', bytes([1, 2, 3]), bytes([4, 5, 6])):
        await socket.send(part)
    assert [await socket.hear() for _ in range(3)] == [f"462-789[{places}]", bytes([1, 2, 3]), bytes([4, 5, 6])]


BAD_PACKETS = {
    "no packet": "4abc",
    "an unknown type": "49",
    "an empty message": "4",
    "an event without a name": "42[]",
    "an event that is no list": "42{}",
    "an acknowledgement id that is no number": '42abc["message-with-ack",1,"2",{"3":[false]}]',
    "an event of a reserved name": '42["connect",{}]',
    "binary data that nobody announced": b"\x01",
    "more binary data than are taken": '4511-["message"]',
    "binary data without a count": '45["message"]',
    "a number that is none": '42["message",NaN]',
    "lists too deep": '42["message",' + "[" * 100_000 + "]" * 100_000 + "]",
}


@pytest.mark.parametrize("packet", BAD_PACKETS.values(), ids=BAD_PACKETS)
async def test_what_is_no_packet_ends_the_connection(websocket: Open, packet: str | bytes) -> None:
    socket = await connected(websocket)
    await socket.send(packet)
    assert await socket.end() == 1002


@pytest.mark.parametrize(
    "parts",
    [
        ('451-["message",{"_placeholder":true,"num":0}]', '42["message"]'),
        ('451-["message",{"_placeholder":true,"num":"x"}]', b"\x01"),
        ('451-["message",{"_placeholder":true,"num":7}]', b"\x01"),
    ],
)
async def test_binary_data_that_do_not_fit_end_the_connection(websocket: Open, parts: tuple[str | bytes]) -> None:
    socket = await connected(websocket)
    for part in parts:
        await socket.send(part)
    assert await socket.end() == 1002
