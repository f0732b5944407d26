"""Clients that say exactly what a test tells them, byte for byte: long polling and WebSockets without a library."""

import asyncio
import json
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

PATIENCE_SECONDS = 2.0
PING = "2"


class Answer(NamedTuple):
    """An answer to a request."""

    status: int
    body: str


class Polling:
    """Requests to one Engine.IO path."""

    def __init__(self, url: str) -> None:
        self._url = url

    async def request(self, method: str, query: str, body: str | None = None) -> Answer:
        """Send a request on a connection of its own."""
        url = urlsplit(self._url)
        reader, writer = await asyncio.open_connection(url.hostname, url.port)
        content = (body or "").encode()
        head = f"{method} {url.path}?{query} HTTP/1.1\r\nHost: {url.netloc}\r\nConnection: close\r\n"
        writer.write(f"{head}Content-Length: {len(content)}\r\n\r\n".encode() + content)
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                received = await reader.read()
        finally:
            writer.close()
        head, _, rest = received.decode().partition("\r\n\r\n")
        return Answer(int(head.split()[1]), rest if "transfer-encoding: chunked" not in head.lower() else _join(rest))

    async def open(self) -> str:
        """Open a session and return its id."""
        answer = await self.request("GET", "EIO=4&transport=polling")
        return str(json.loads(answer.body[1:])["sid"])

    async def poll(self, sid: str) -> Answer:
        """Ask for what waits."""
        return await self.request("GET", f"EIO=4&transport=polling&sid={sid}")

    async def post(self, sid: str, body: str) -> Answer:
        """Send packets."""
        return await self.request("POST", f"EIO=4&transport=polling&sid={sid}", body)


def _join(chunks: str) -> str:
    body = ""
    while chunks:
        length, _, chunks = chunks.partition("\r\n")
        body += chunks[: int(length, 16)]
        chunks = chunks[int(length, 16) + 2 :]
    return body


class WebSocket:
    """A WebSocket; pings of Engine.IO are heard like any other packet."""

    def __init__(self, connection: ClientConnection) -> None:
        self._connection = connection

    @classmethod
    async def open(cls, url: str, query: str) -> "WebSocket":
        """Connect; raises `InvalidStatus` where that is refused."""
        location = f"ws{url.removeprefix('http')}?{query}"
        return cls(await connect(location, compression=None, open_timeout=PATIENCE_SECONDS, proxy=None))

    async def send(self, packet: str | bytes) -> None:
        await self._connection.send(packet)

    async def hear(self) -> Any:
        """Return the next packet."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            return await self._connection.recv()

    async def end(self) -> int | None:
        """Return the code with which the server closes the connection, whatever it says before."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            try:
                while True:
                    await self._connection.recv()
            except ConnectionClosed as closed:
                return closed.rcvd.code if closed.rcvd else None

    async def close(self) -> None:
        await self._connection.close()


__all__ = ["Answer", "InvalidStatus", "Polling", "WebSocket"]
