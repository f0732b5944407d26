"""What we override or lean on in the protocols' libraries has not changed behind our back.

When a test fails after an upgrade: read what changed, see whether ours still fits, then note the new digest.
"""

import inspect
from collections.abc import Callable
from hashlib import sha256
from typing import Any

import engineio
import pytest
import socketio
from socketio.packet import Packet
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

DIGESTS: dict[Callable[..., Any], str] = {
    engineio.base_server.BaseServer.__init__: "a06b17502fbd9646",
    engineio.AsyncServer.handle_request: "1a8c878e35166cfe",
    engineio.AsyncServer._handle_connect: "5bd7edc1d1ae115a",
    engineio.AsyncServer.shutdown: "3f734c62c291d56a",
    engineio.AsyncServer.generate_id: "b6a591454237c0bb",
    engineio.AsyncServer.on: "7b5457b52dc7fd22",
    socketio.AsyncServer.__init__: "7ae671981d87c57f",
    socketio.AsyncServer.handle_request: "fdf4d1481b6ae726",
    socketio.AsyncServer._handle_eio_connect: "76704886d944a7e6",
    socketio.AsyncServer._handle_eio_message: "bef50fc0e1635921",
    socketio.AsyncServer._handle_eio_disconnect: "9344593148b66fd9",
    socketio.AsyncServer._engineio_server_class: "199c42bf149247e0",
    socketio.base_server.BaseServer.__init__: "6b998e091b34a563",
    Packet.__init__: "5fe2fa797e082c1d",
    Packet.encode: "513c45be75181da2",
    Packet.decode: "61ad7904b539f472",
    Packet.add_attachment: "01e024038f3d99f5",
    Packet._reconstruct_binary_internal: "dd2f80dad1017446",
    WebSocketsSansIOProtocol: "0bbcec98938432f7",
}


@pytest.mark.parametrize("code", DIGESTS, ids=lambda code: f"{code.__module__}.{code.__qualname__}")
def test_it_is_as_it_was_read(code: Callable[..., Any]) -> None:
    assert digest(code) == DIGESTS[code]


def digest(code: Callable[..., Any]) -> str:
    return sha256(inspect.getsource(code).encode()).hexdigest()[:16]
