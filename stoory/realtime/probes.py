"""The probes of a process without sockets, `/healthz`, `/readyz` and `/metrics`: to whom a server would answer them."""

import asyncio
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

import uvicorn
from django.http import HttpRequest, HttpResponse

from stoory import metrics
from stoory.handler import ThreadedHandler
from stoory.realtime import health
from stoory.realtime.figures import figures_of_worker
from stoory.realtime.health import HealthMiddleware
from stoory.realtime.worker import Worker


class ProbeHandler(ThreadedHandler):
    """Django with its probes, and no pages."""

    def load_middleware(self, is_async: bool = False) -> None:
        self._middleware_chain = HealthMiddleware(_no_page)


def _no_page(request: HttpRequest) -> HttpResponse:
    return HttpResponse("Not found", status=404, content_type="text/plain")


class _Server(uvicorn.Server):
    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave the signals to the process whose server this is."""
        yield


@asynccontextmanager
async def answering_probes(listener: socket.socket, worker: Worker) -> AsyncIterator[None]:
    """Answer how a worker is, and what it has done, on a port."""
    health.watch("worker", worker.health)
    metrics.watch("worker", lambda: figures_of_worker(worker))
    config = uvicorn.Config(
        ProbeHandler(), lifespan="off", server_header=False, proxy_headers=False, log_config=None, access_log=False
    )
    server = _Server(config)
    listener.listen()  # whoever asks before the server has begun waits for it
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    try:
        yield
    finally:
        server.should_exit = True
        await serving
        metrics.forget("worker")
        health.forget("worker")
