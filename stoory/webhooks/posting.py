"""One hook to one address, in bounded time, and nowhere else: no redirection, no proxy, no address of this network."""

import asyncio
import contextlib
import re
import socket
import ssl
import time
from functools import cache
from typing import Any

import msgspec
from django.conf import settings

from stoory.errors import DomainError
from stoory.webhooks.destinations import Destination, destination, is_public

TIMEOUT_SECONDS = 10.0
"""For all that counts: name, connection, request and the answer's status."""
READ_OUT_SECONDS = 1.0
MAX_LINE_BYTES = 8_192
MAX_ANSWER_BYTES = 65_536
MAX_ERROR = 200

STATUS = re.compile(rb"HTTP/1\.[01] ([1-5]\d\d)[ \r]")


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What came of an attempt: the answer's status, and why it counts as failed."""

    status: int | None = None
    error: str = ""
    seconds: float = 0.0

    @property
    def outcome(self) -> str:
        """One word: it was taken, or refused, or there was no answer."""
        if not self.error:
            return "taken"
        return "unanswered" if self.status is None else "refused"

    @property
    def is_gone(self) -> bool:
        """Whether the address asks for no more hooks."""
        return self.status == 410


class PostError(Exception):
    """There was no answer, and why."""


async def post(url: str, headers: dict[str, str], body: bytes) -> Answer:
    """Post a hook and return what came of it; only a 2xx is a success. Nothing is raised."""
    started, status, error = time.monotonic(), None, ""
    try:
        status = await _exchange(destination(url), headers, body)
        error = "" if 200 <= status < 300 else _refusal(status)
    except TimeoutError:
        error = f"No answer in {TIMEOUT_SECONDS:g} seconds"
    except (DomainError, PostError, OSError, UnicodeError) as fault:
        error = str(fault)[:MAX_ERROR] or type(fault).__name__
    return Answer(status=status, error=error, seconds=round(time.monotonic() - started, 3))


def _refusal(status: int) -> str:
    return "Redirections are not followed" if 300 <= status < 400 else f"HTTP status {status}"


async def _exchange(to: Destination, headers: dict[str, str], body: bytes) -> int:
    until = asyncio.get_running_loop().time() + TIMEOUT_SECONDS
    async with asyncio.timeout_at(until):
        reader, writer = await _connect(to)
    try:
        async with asyncio.timeout_at(until):
            writer.write(_request(to, headers, body))
            await writer.drain()
            status = await _status(reader)
        await _read_out(reader)
        return status
    finally:
        writer.transport.abort()


async def _connect(to: Destination) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """Connect to an address that was looked at: a name could mean another one a moment later."""
    tls: dict[str, Any] = {"ssl": _tls(), "server_hostname": to.host} if to.is_tls else {}
    fault: OSError = OSError("The name has no address")
    for address in await _addresses(to):
        try:
            return await asyncio.open_connection(address, to.port, limit=MAX_LINE_BYTES, **tls)
        except OSError as error:
            fault = error
    raise fault


async def _addresses(to: Destination) -> list[str]:
    found = await asyncio.get_running_loop().getaddrinfo(to.host, to.port, type=socket.SOCK_STREAM)
    addresses = list(dict.fromkeys(str(each[4][0]) for each in found))
    if not settings.WEBHOOK_PRIVATE_ADDRESSES and not all(map(is_public, addresses)):
        raise PostError("The address is not a public one")
    return addresses


@cache
def _tls() -> ssl.SSLContext:
    return ssl.create_default_context()


def _request(to: Destination, headers: dict[str, str], body: bytes) -> bytes:
    fields = {
        "Host": to.authority,
        "User-Agent": "stoory",
        "Content-Type": "application/json",
        "Content-Length": str(len(body)),
        "Connection": "close",
        **headers,
    }
    lines = [f"POST {to.target} HTTP/1.1", *(f"{name}: {value}" for name, value in fields.items())]
    return "\r\n".join([*lines, "", ""]).encode() + body


async def _status(reader: asyncio.StreamReader) -> int:
    """Return the status of the answer, behind those that only say that there will be one."""
    try:
        while True:
            found = STATUS.match(await reader.readuntil(b"\r\n"))
            if found is None:
                raise PostError("The answer is not HTTP")
            status = int(found[1])
            if status >= 200:
                return status
            while await reader.readuntil(b"\r\n") != b"\r\n":
                pass
    except (asyncio.IncompleteReadError, asyncio.LimitOverrunError):
        raise PostError("The answer is not HTTP") from None


async def _read_out(reader: asyncio.StreamReader) -> None:
    """Read what else there is, a little of it: who is cut off while writing takes it for a fault. It counts no more."""
    left = MAX_ANSWER_BYTES
    with contextlib.suppress(OSError, TimeoutError):
        async with asyncio.timeout(READ_OUT_SECONDS):
            while left > 0 and (part := await reader.read(left)):
                left -= len(part)
