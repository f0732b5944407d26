"""Run an ASGI application under a server of choice: `python -m tests.asgi_servers SERVER MODULE:NAME PORT`.

`uvicorn` is as `manage.py serve` runs it, with prepared frames; the others know nothing of them. It prints "Listening
on URL" when the server takes connections, and stops at SIGTERM.
"""

import asyncio
import os
import signal
import socket
import sys
from collections.abc import Callable, Coroutine
from importlib import import_module
from typing import Any

import uvicorn
from granian.constants import Interfaces
from granian.server.embed import Server as Granian
from hypercorn.asyncio import serve as hypercorn
from hypercorn.config import Config

from stoory.realtime.uvicorn_websocket import WebSocketProtocol

HOST = "127.0.0.1"
MAX_PAYLOAD = 1_000_000

Stopped = asyncio.Event
Run = Callable[[Any, int, Stopped], Coroutine[Any, Any, None]]


def _uvicorn(websockets: Any) -> Run:
    async def run(application: Any, port: int, stopped: Stopped) -> None:
        config = uvicorn.Config(
            application,
            host=HOST,
            port=port,
            ws=websockets,
            ws_max_size=MAX_PAYLOAD,
            ws_per_message_deflate=False,
            ws_ping_interval=None,
            timeout_graceful_shutdown=1,
            log_config=None,
            access_log=False,
        )
        server = uvicorn.Server(config)
        serving = asyncio.create_task(server._serve())  # without its own signal handlers
        await stopped.wait()
        server.should_exit = True
        await serving

    return run


async def _hypercorn(application: Any, port: int, stopped: Stopped) -> None:
    config = Config()
    config.bind = [f"{HOST}:{port}"]
    config.errorlog = None
    config.graceful_timeout = 1.0
    config.shutdown_timeout = 1.0
    await hypercorn(application, config, shutdown_trigger=stopped.wait)


async def _granian(application: Any, port: int, stopped: Stopped) -> None:
    server = Granian(application, address=HOST, port=port, interface=Interfaces.ASGI, log_enabled=False)
    serving = asyncio.create_task(server.serve())
    await stopped.wait()
    server.stop()  # type: ignore[no-untyped-call]  # granian leaves it untyped
    await serving


SERVERS: dict[str, Run] = {
    "uvicorn": _uvicorn(WebSocketProtocol),
    "uvicorn-websockets": _uvicorn("websockets-sansio"),
    "uvicorn-wsproto": _uvicorn("wsproto"),
    "hypercorn": _hypercorn,
    "granian": _granian,
}


async def serve(server: str, application: Any, port: int) -> None:
    """Run `application` until SIGTERM or Ctrl-C."""
    stopped = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    port = port or _free_port()
    running = asyncio.create_task(SERVERS[server](application, port, stopped))
    await _until_open(port, running)
    sys.stdout.write(f"Listening on http://{HOST}:{port}\n")
    sys.stdout.flush()
    await running


def _free_port() -> int:
    with socket.create_server((HOST, 0)) as listener:
        return int(listener.getsockname()[1])


async def _until_open(port: int, running: asyncio.Task[None]) -> None:
    while not running.done():
        try:
            _, writer = await asyncio.open_connection(HOST, port)
        except OSError:
            await asyncio.sleep(0.05)
        else:
            writer.close()
            return


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "stoory.settings")
    module, _, name = sys.argv[2].partition(":")
    asyncio.run(serve(sys.argv[1], getattr(import_module(module), name), int(sys.argv[3])))
