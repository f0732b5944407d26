"""A small sticky proxy: a session's requests go to the server that its id names, new ones to one that is ready."""

import asyncio
import contextlib
import re
import threading
from collections.abc import Awaitable, Iterator, Mapping

SESSION = re.compile(rb"[?&]sid=([A-Za-z0-9_-]+)\.")
CHECK_SECONDS = 0.1
PATIENCE_SECONDS = 5.0


class Balancer:
    """In front of `servers`, ports by names. Looks whether they are ready, as proxies do."""

    def __init__(self, servers: Mapping[str, int]) -> None:
        self.url = ""
        self.connections = dict.fromkeys(servers, 0)
        self._servers = dict(servers)
        self._ready: set[str] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    def is_ready(self, name: str) -> bool:
        """Return whether new sessions go to a server."""
        return name in self._ready

    async def run(self, started: threading.Event, stopped: asyncio.Event) -> None:
        """Serve until told to stop."""
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        checks = asyncio.gather(*map(self._check, self._servers))
        started.set()
        await stopped.wait()
        server.close()
        checks.cancel()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(checks, *self._tasks, return_exceptions=True)
        await asyncio.sleep(0)  # in which the loop closes what they had open

    async def _check(self, name: str) -> None:
        while True:
            with contextlib.suppress(OSError):
                reader, writer = await asyncio.open_connection("127.0.0.1", self._servers[name])
                writer.write(b"GET /readyz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
                is_ready = b" 200 " in await reader.readline()
                writer.close()
                (self._ready.add if is_ready else self._ready.discard)(name)
            await asyncio.sleep(CHECK_SECONDS)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            # Cancelled too, at the end: asyncio's streams log a task that ends so, each with a traceback.
            with contextlib.suppress(OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
                await self._forward(reader, writer)
        finally:
            writer.close()
            self._tasks.discard(task)

    async def _forward(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        name = self._choose(head)
        if b"upgrade: websocket" not in head.lower():  # each request is routed by itself
            head = re.sub(rb"(?i)\r\nconnection:[^\r]*", b"", head).replace(b"\r\n", b"\r\nConnection: close\r\n", 1)
        self.connections[name] += 1  # before it waits: many may be given away at once
        try:
            there, back = await asyncio.open_connection("127.0.0.1", self._servers[name])
            with contextlib.closing(back):
                back.write(head)
                await _first(_pipe(reader, back), _pipe(there, writer))
        finally:
            self.connections[name] -= 1

    def _choose(self, head: bytes) -> str:
        session = SESSION.search(head.partition(b"\r\n")[0])
        if session is not None and session[1].decode() in self._servers:
            return session[1].decode()
        return min(self._ready or self._servers, key=lambda name: self.connections[name])


async def _pipe(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
    while data := await source.read(65_536):
        target.write(data)
        await target.drain()


async def _first(*pipes: Awaitable[None]) -> None:
    """Return when one end has said all, with what the other end was saying said."""
    tasks = [asyncio.ensure_future(pipe) for pipe in pipes]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


@contextlib.contextmanager
def balancing(servers: Mapping[str, int]) -> Iterator[Balancer]:
    """Run a balancer in a thread."""
    balancer, started = Balancer(servers), threading.Event()
    loop, stopped = asyncio.new_event_loop(), asyncio.Event()

    def run() -> None:
        loop.run_until_complete(balancer.run(started, stopped))
        loop.close()

    thread = threading.Thread(target=run)
    thread.start()
    try:
        assert started.wait(PATIENCE_SECONDS)
        yield balancer
    finally:
        loop.call_soon_threadsafe(stopped.set)
        thread.join(PATIENCE_SECONDS)
