"""uvicorn's WebSocket protocol as this product wants it, which `manage.py serve` gives to uvicorn.

It offers prepared frames (`stoory/realtime/frames.py`).
"""

from typing import Any

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

from stoory.realtime.frames import EXTENSION


class WebSocketProtocol(WebSocketsSansIOProtocol):
    """A WebSocket that whole frames can be written to. Without compression, which would need them one by one."""

    def handle_connect(self, event: Any) -> None:
        super().handle_connect(event)
        if self.handshake_initiated and not self.close_sent:
            extensions: dict[str, Any] = self.scope["extensions"]
            extensions[EXTENSION] = {"transport": self.transport, "drained": self.writable.wait}
