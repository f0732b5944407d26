"""Frames: packets encoded once, as the bytes that every recipient's connection is given.

Encoding a broadcast again for each of its recipients, in a task each, cost python-socketio 16 to 21 µs a delivery. Here
the header of the WebSocket frame is made with the text, and a delivery is one write of bytes that exist already.

A server that can take such bytes offers them in the ASGI scope, under `scope["extensions"]["stoory.frames"]`:
`{"transport": asyncio.Transport}`, the connection as it is after the handshake, without compression. Whole frames may
be written to it beside `websocket.send`. Servers that offer nothing are sent texts.
"""

import struct

EXTENSION = "stoory.frames"

TEXT, BINARY = 0x1, 0x2
_LAST = 0x80  # the frame is the whole message
_SHORT, _LONG = 126, 127  # what stands in the place of a length that does not fit there


class Frame:
    """An Engine.IO packet: its bytes, and those bytes in a WebSocket frame.

    An ephemeral one (typing, presence) is of use at once or never: a client that lags behind goes without it.
    """

    __slots__ = ("body", "is_binary", "is_ephemeral", "wire")

    def __init__(self, body: bytes, *, is_binary: bool = False, is_ephemeral: bool = False) -> None:
        self.body = body
        self.is_binary = is_binary
        self.is_ephemeral = is_ephemeral
        self.wire = _header(BINARY if is_binary else TEXT, len(body)) + body

    @property
    def text(self) -> str:
        """The packet of a frame that is not binary."""
        return self.body.decode()


def _header(kind: int, length: int) -> bytes:
    """Return the header of a server's frame, which is not masked (RFC 6455, 5.2)."""
    if length < _SHORT:
        return bytes((_LAST | kind, length))
    if length < 1 << 16:
        return struct.pack("!BBH", _LAST | kind, _SHORT, length)
    return struct.pack("!BBQ", _LAST | kind, _LONG, length)
