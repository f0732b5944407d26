"""What an Engine.IO request asks, and the answers to those that are refused: the Node server's codes and words."""

import json
from collections.abc import Iterable
from typing import Any
from urllib.parse import parse_qs

import msgspec

from stoory.errors import RateLimited
from stoory.realtime.transports import TOO_BIG, BadPacket, Receive, Scope, Send

Headers = list[tuple[bytes, bytes]]

HTTP_RESPONSE = "websocket.http.response"  # the ASGI extension that refuses a WebSocket with an answer
WANTED = (b"origin", b"host", b"authorization", b"access-control-request-headers", b"content-length")


class Refused(Exception):
    """A request that is answered 400, for a reason that has a number; or with what else is to be said."""

    status = 400
    headers: Headers = []

    def __init__(self, code: int | str, message: str, **details: Any) -> None:
        super().__init__(message)
        self.reason = message.lower() if isinstance(code, int) else code
        self.body = json.dumps({"code": code, "message": message, **details}).encode()


def unknown_transport() -> Refused:
    return Refused(0, "Transport unknown")


def unknown_session() -> Refused:
    return Refused(1, "Session ID unknown")


def bad_method() -> Refused:
    return Refused(2, "Bad handshake method")


def bad_request() -> Refused:
    return Refused(3, "Bad request")


def unsupported_version() -> Refused:
    return Refused(5, "Unsupported protocol version", needed="Engine.IO 4: socket.io-client 3 or newer")


class TooMany(Refused):
    """A request for a connection that may come again after a while; clients do so by themselves."""

    status = 429

    def __init__(self, error: RateLimited) -> None:
        super().__init__(error.code, error.message, **error.details)
        self.headers = [(b"retry-after", str(error.details["retryAfter"]).encode())]


class Leaving(Refused):
    """A request for a new connection to a server that ends; another one takes it."""

    status = 503

    def __init__(self) -> None:
        super().__init__("unavailable", "Server is restarting")
        self.headers = [(b"retry-after", b"1")]


class Peer(msgspec.Struct, frozen=True, gc=False):
    """What is kept of the request that a connection began with."""

    path: str
    address: str
    authorization: str


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """A request of HTTP, or for a WebSocket."""

    method: str
    transport: str
    version: str
    sid: str
    is_jsonp: bool
    headers: dict[bytes, str]
    peer: Peer

    @classmethod
    def read(cls, scope: Scope) -> "Request":
        """Return what an ASGI scope asks for."""
        query = parse_qs(scope["query_string"].decode("latin-1"))
        headers = {name: value.decode("latin-1") for name, value in scope["headers"] if name in WANTED}
        client = scope.get("client") or ("",)
        return cls(
            method=scope.get("method", "GET"),
            transport=query.get("transport", [""])[0],
            version=query.get("EIO", [""])[0],
            sid=query.get("sid", [""])[0],
            is_jsonp="j" in query,
            headers=headers,
            peer=Peer(scope["path"], str(client[0]), headers.get(b"authorization", "")),
        )

    def cors(self) -> Headers:
        """Return the headers by which a browser lets its page have the answer; the origin has been checked."""
        origin = self.headers.get(b"origin")
        if origin is None:
            return []
        headers = [
            (b"access-control-allow-origin", origin.encode("latin-1")),
            (b"access-control-allow-credentials", b"true"),
            (b"vary", b"origin"),
        ]
        if self.method == "OPTIONS":
            asked = self.headers.get(b"access-control-request-headers", "")
            headers += [
                (b"access-control-allow-methods", b"OPTIONS, GET, POST"),
                (b"access-control-allow-headers", asked.encode("latin-1")),
            ]
        return headers


async def read_body(receive: Receive, limit: int) -> bytes:
    """Return the body of a request; raises `BadPacket` for one over `limit` or not whole."""
    parts: list[bytes] = []
    length = 0
    while True:
        message = await receive()
        if message["type"] != "http.request":
            raise BadPacket
        parts.append(message.get("body", b""))
        length += len(parts[-1])
        if length > limit:
            raise BadPacket(TOO_BIG)
        if not message.get("more_body", False):
            return b"".join(parts)


async def answer(send: Send, status: int, body: bytes, headers: Iterable[tuple[bytes, bytes]]) -> None:
    """Answer an HTTP request."""
    await _respond(send, "http.response", status, body, headers)


async def refuse_websocket(scope: Scope, send: Send, refusal: Refused) -> None:
    """Refuse a WebSocket: with the words, or where the server can't say them with its own."""
    if HTTP_RESPONSE in scope.get("extensions", {}):
        await _respond(send, HTTP_RESPONSE, refusal.status, refusal.body, refusal.headers)
    else:
        await send({"type": "websocket.close"})


async def _respond(send: Send, kind: str, status: int, body: bytes, headers: Iterable[tuple[bytes, bytes]]) -> None:
    about: list[Any] = [
        (b"content-type", b"text/plain; charset=UTF-8"),
        (b"content-length", str(len(body)).encode()),
        (b"cache-control", b"no-store"),
        (b"x-content-type-options", b"nosniff"),
        *headers,
    ]
    await send({"type": f"{kind}.start", "status": status, "headers": about})
    await send({"type": f"{kind}.body", "body": body})
