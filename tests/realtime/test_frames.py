"""Prepared frames are what a WebSocket client takes for the packet, whatever its length."""

import pytest
from websockets.client import ClientProtocol
from websockets.frames import Frame as Received
from websockets.frames import Opcode
from websockets.protocol import OPEN
from websockets.uri import parse_uri

from stoory.realtime import packets
from stoory.realtime.frames import Frame


def received(wire: bytes) -> Received:
    client = ClientProtocol(parse_uri("ws://localhost"), state=OPEN)
    client.receive_data(wire)
    [frame] = client.events_received()
    assert isinstance(frame, Received)
    return frame


@pytest.mark.parametrize("length", [0, 1, 125, 126, 127, 65_535, 65_536, 200_000])
def test_a_text_of_any_length(length: int) -> None:
    frame = received(Frame(b"4" * length).wire)
    assert (frame.opcode, frame.fin, frame.data) == (Opcode.TEXT, True, b"4" * length)


def test_binary_data() -> None:
    frame = received(Frame(b"\xff\x00", is_binary=True).wire)
    assert (frame.opcode, frame.data) == (Opcode.BINARY, b"\xff\x00")


def test_an_event_is_an_engine_io_message() -> None:
    assert packets.event("/", "héllo", {"a": [1]}).text == '42["héllo",{"a":[1]}]'
    assert packets.event("/ws", "a", None).text == '42/ws,["a",null]'
    assert packets.ack("/ws", 7, {"ok": True}).text == '43/ws,7[{"ok":true}]'


@pytest.mark.parametrize("character", ["\x00", "é", "\u2028", "😀"])
def test_it_says_what_was_said(character: str) -> None:
    frame = packets.event("/", "echo", {"text": character})
    assert received(frame.wire).data == frame.text.encode()
    assert packets.Packet(encoded_packet=frame.text[1:]).data == ["echo", {"text": character}]
