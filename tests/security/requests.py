"""Requests for sockets as an attacker writes them, straight to an ASGI application."""

import asyncio
from typing import Any, NamedTuple

HANDSHAKE = b"EIO=4&transport=polling"


class Answer(NamedTuple):
    """What came back."""

    status: int
    headers: dict[str, str]
    body: bytes


async def ask(
    application: Any,
    method: str = "GET",
    query: bytes = HANDSHAKE,
    body: bytes = b"",
    *,
    path: str = "/socket.io/",
    headers: dict[str, str] | None = None,
    address: str = "127.0.0.1",
) -> Answer:
    """Return the answer to one HTTP request."""
    parts: list[dict[str, Any]] = []
    incoming: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
    incoming.put_nowait({"type": "http.request", "body": body, "more_body": False})
    scope = {
        "type": "http",
        "http_version": "1.1",
        "scheme": "http",
        "method": method,
        "path": path,
        "raw_path": path.encode(),
        "root_path": "",
        "query_string": query,
        "headers": [(name.lower().encode(), value.encode("latin-1")) for name, value in (headers or {}).items()],
        "client": (address, 50_000),
        "server": ("127.0.0.1", 8000),
    }

    async def send(message: dict[str, Any]) -> None:
        parts.append(message)

    await application(scope, incoming.get, send)
    start = parts[0]
    return Answer(
        start["status"],
        {name.decode().lower(): value.decode("latin-1") for name, value in start["headers"]},
        b"".join(part.get("body", b"") for part in parts[1:]),
    )


async def knock(
    application: Any, query: bytes = b"EIO=4&transport=websocket", headers: dict[str, str] | None = None
) -> int:
    """Return the status with which a WebSocket is refused, or 101 for one that is opened, and closed again."""
    statuses: list[int] = []
    incoming: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
    incoming.put_nowait({"type": "websocket.connect"})
    scope = {
        "type": "websocket",
        "path": "/socket.io/",
        "query_string": query,
        "headers": [(name.lower().encode(), value.encode("latin-1")) for name, value in (headers or {}).items()],
        "client": ("127.0.0.1", 50_000),
        "extensions": {"websocket.http.response": {}},
    }

    async def send(message: dict[str, Any]) -> None:
        if message["type"] == "websocket.accept":
            statuses.append(101)
            incoming.put_nowait({"type": "websocket.disconnect", "code": 1006})
        elif message["type"] == "websocket.http.response.start":
            statuses.append(message["status"])

    await application(scope, incoming.get, send)
    return statuses[0]
