"""Each fault of the proxy is one, and passes."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

from tests.chaos.proxy import Proxy

pytestmark = pytest.mark.once

MOMENT = 0.05
PATIENCE_SECONDS = 5.0

Ends = tuple[asyncio.StreamReader, asyncio.StreamWriter]
Connect = Callable[[Proxy], Awaitable[Ends]]


async def _echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while chunk := await reader.read(100):
            writer.write(chunk)
    writer.close()
    with contextlib.suppress(OSError):
        await writer.wait_closed()


@pytest.fixture
async def proxy() -> AsyncIterator[Proxy]:
    """A proxy before an echo."""
    async with await asyncio.start_server(_echo, "127.0.0.1", 0) as server:
        made = Proxy(server.sockets[0].getsockname()[1])
        await made.start()
        yield made
        await made.stop()


async def said(ends: Ends, text: bytes) -> bytes:
    """Return what comes back."""
    reader, writer = ends
    writer.write(text)
    return await asyncio.wait_for(reader.read(100), PATIENCE_SECONDS)


@pytest.fixture
async def connected(proxy: Proxy) -> AsyncIterator[Connect]:
    """Connect to the proxy."""
    opened: list[Ends] = []

    async def connect(to: Proxy) -> Ends:
        opened.append(await asyncio.open_connection("127.0.0.1", to.port))
        return opened[-1]

    yield connect
    for _, writer in opened:
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()


async def test_it_forwards_both_ways(proxy: Proxy, connected: Connect) -> None:
    assert await said(await connected(proxy), b"hello") == b"hello"


async def test_a_black_hole_forwards_nothing_until_it_is_healed(proxy: Proxy, connected: Connect) -> None:
    old = await connected(proxy)
    assert await said(old, b"one") == b"one"
    proxy.is_black_hole = True
    new = await connected(proxy)
    for _, writer in (old, new):
        writer.write(b"two")
    for reader, _ in (old, new):
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(reader.read(100), MOMENT)
    proxy.heal()
    for reader, _ in (old, new):
        assert await asyncio.wait_for(reader.read(100), PATIENCE_SECONDS) == b"two"


async def test_latency_is_waited_for(proxy: Proxy, connected: Connect) -> None:
    proxy.latency = MOMENT
    begin = asyncio.get_running_loop().time()
    assert await said(await connected(proxy), b"hello") == b"hello"
    assert asyncio.get_running_loop().time() - begin >= 2 * MOMENT


async def test_a_refusing_one_hangs_up(proxy: Proxy, connected: Connect) -> None:
    proxy.is_refusing = True
    assert await said(await connected(proxy), b"") == b""


async def test_dropping_ends_and_resetting_breaks_connections(proxy: Proxy, connected: Connect) -> None:
    ends = await connected(proxy)
    assert await said(ends, b"hello") == b"hello"
    proxy.drop()
    assert await said(ends, b"") == b""
    ends = await connected(proxy)
    assert await said(ends, b"hello") == b"hello"
    proxy.reset()
    with pytest.raises(ConnectionResetError):
        await said(ends, b"")
