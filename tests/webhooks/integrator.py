"""An integrator's side of it: a server that takes hooks, and the Standard Webhooks scheme as its document has it."""

import asyncio
import base64
import hashlib
import hmac
import ssl
from collections.abc import Callable, Iterable
from types import TracebackType
from typing import Any, NamedTuple, Self

import msgspec

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


class Received(NamedTuple):
    """A request as it came."""

    line: str
    headers: dict[str, str]
    body: bytes

    @property
    def id(self) -> str:
        return self.headers["webhook-id"]

    @property
    def said(self) -> dict[str, Any]:
        said: dict[str, Any] = msgspec.json.decode(self.body)
        return said


Answering = Callable[[Received], bytes]


class Receiver:
    """A server on this machine; what it answers may be changed at any time. None: it does not answer at all."""

    def __init__(self, answer: Answering | bytes | None = OK, *, tls: ssl.SSLContext | None = None) -> None:
        self.answer = answer
        self._tls = tls
        self.received: list[Received] = []
        self._news = asyncio.Condition()
        self._server: asyncio.Server | None = None
        self._open = asyncio.Event()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0, ssl=self._tls)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._server is not None
        self._open.set()
        self._server.close()
        await self._server.wait_closed()

    @property
    def url(self) -> str:
        assert self._server is not None
        return (
            f"{'https' if self._tls else 'http'}://127.0.0.1:{self._server.sockets[0].getsockname()[1]}/hooks?of=stoory"
        )

    async def wait(self, count: int) -> list[Received]:
        """Return what came, once it is so many."""
        async with asyncio.timeout(20), self._news:
            await self._news.wait_for(lambda: len(self.received) >= count)
        return self.received

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            line, *fields = head.strip().split("\r\n")
            headers = {name.lower(): value for name, value in (field.split(": ", 1) for field in fields)}
            received = Received(line, headers, await reader.readexactly(int(headers["content-length"])))
            async with self._news:
                self.received.append(received)
                self._news.notify_all()
            answer = self.answer(received) if callable(self.answer) else self.answer
            if answer is None:
                await self._open.wait()
            else:
                writer.write(answer)
                await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()


def verified(secret: str, received: Received) -> bool:
    """Whether a hook is signed as Standard Webhooks 1.0 says: by any of the signatures."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    content = b".".join([received.id.encode(), received.headers["webhook-timestamp"].encode(), received.body])
    expected = base64.b64encode(hmac.new(key, content, hashlib.sha256).digest()).decode()
    given = [signature.split(",", 1) for signature in received.headers["webhook-signature"].split(" ")]
    return any(version == "v1" and hmac.compare_digest(text, expected) for version, text in given)


def texts(received: Iterable[Received]) -> list[str]:
    """The texts of the messages that were told."""
    return [each.said["data"]["message"]["message"] for each in received if "message" in each.said["data"]]
