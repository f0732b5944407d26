"""Run the server: uvicorn as this product wants it."""

import gc
import os
import signal
import socket
from argparse import ArgumentParser
from collections.abc import Callable
from types import FrameType
from typing import Any

import uvicorn
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from uvicorn.server import HANDLED_SIGNALS

from stoory import demo, welcome
from stoory.addresses import is_this_machine
from stoory.asgi import application
from stoory.management.listening import MAX_PORT, listen, url_of
from stoory.management.numbers import whole
from stoory.realtime.uvicorn_websocket import WebSocketProtocol

YOUNG_OBJECTS = 20_000  # that are made between two looks for garbage among them; Python's own number is 700
GRACEFUL_SECONDS = 3  # that requests under way have to end, behind the sockets


class Server(uvicorn.Server):
    """uvicorn that says when it is ready, and gives its sockets away before it stops listening."""

    def __init__(self, config: uvicorn.Config, ready: Callable[[], object]) -> None:
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            _look_for_garbage_less_often()
            self._ready()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        await application.node.drain()
        await super().shutdown(sockets)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Leave in order at the first signal, and at the second one at once: all that was acknowledged is stored."""
        for each in HANDLED_SIGNALS:
            signal.signal(each, signal.SIG_DFL)
        super().handle_exit(sig, frame)


def _look_for_garbage_less_often() -> None:
    """Spare the collector what a server has loaded, and most of its looks.

    Nearly all that a message makes is freed without it. By itself it looked after every few messages, and went through
    all of Django now and then, for a tenth of a second in which nobody is served.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG_OBJECTS, 10, 10)


class Command(BaseCommand):
    help = "Serve sockets, REST and the admin until Ctrl-C or SIGTERM."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--host", default=settings.HOST)
        parser.add_argument("--port", type=whole(0, MAX_PORT), default=settings.PORT)
        parser.add_argument(
            "--demo", action="store_true", help="load the demo data into a new database, and print how to try it"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        host, port = options["host"], options["port"]
        if settings.DEBUG and not is_this_machine(host) and "DEBUG" not in os.environ:
            raise CommandError(f"Set SECRET_KEY (or DEBUG=1) to listen on {host}: without, it is a developer's server.")
        listener = listen(host, port)
        url = url_of(host, listener)
        shows_demo = options["demo"] and (demo.exists() or demo.is_new_database())
        summary = welcome.summary(url) if shows_demo else f"Listening on {url}"
        config = uvicorn.Config(
            application,
            loop="uvloop",
            http="httptools",
            ws=WebSocketProtocol,
            ws_max_size=settings.MAX_PAYLOAD,
            ws_per_message_deflate=False,
            ws_ping_interval=None,  # Engine.IO has its own
            timeout_graceful_shutdown=GRACEFUL_SECONDS,
            backlog=2048,
            server_header=False,
            proxy_headers=False,  # TRUSTED_PROXIES says whose count
            log_config=None,
            access_log=False,
        )
        try:
            Server(config, ready=lambda: self.stdout.write(summary)).run(sockets=[listener])
        except KeyboardInterrupt:
            self.stdout.write("Stopped.")
