"""Fire timers, carry out effects and deliver hooks, beside the servers."""

import asyncio
import contextlib
import json
import signal
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from stoory.management.listening import MAX_PORT, listen, url_of
from stoory.management.numbers import whole
from stoory.management.terminal import Progress
from stoory.realtime.probes import answering_probes
from stoory.realtime.worker import Worker, work_alone, work_once
from stoory.webhooks.courier import Courier


class Command(BaseCommand):
    help = "Fire timers, carry out effects and deliver hooks until Ctrl-C or SIGTERM. Any number of workers may run."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--once", action="store_true", help="do what is due now, and stop")
        parser.add_argument("--json", action="store_true", help="print {timers, effects} at the end, and nothing else")
        port = whole(0, MAX_PORT)
        parser.add_argument("--metrics-port", type=port, metavar="PORT", help="answer /metrics and the probes there")
        parser.add_argument("--metrics-host", default="127.0.0.1", metavar="HOST", help="on this address (127.0.0.1)")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["once"] and options["metrics_port"] is not None:
            raise CommandError("What works once is gone before anybody asks for its figures.")
        self._done = (0, 0)
        self._is_json = options["json"]
        self._line = Progress(self.stderr)
        asyncio.run(self._work_once() if options["once"] else self._work(options))
        self._line.end()
        timers, effects = self._done
        found = json.dumps({"timers": timers, "effects": effects})
        self.stdout.write(found if self._is_json else _said(timers, effects))

    async def _work(self, options: dict[str, Any]) -> None:
        host, port = options["metrics_host"], options["metrics_port"]
        listener = None if port is None else listen(host, port)
        stopping = asyncio.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, stopping.set)
        worker, courier = Worker(self._progress), Courier()
        async with answering_probes(listener, worker) if listener else contextlib.nullcontext():
            self._begin(f" Figures: {url_of(host, listener)}/metrics" if listener else "")
            await courier.start()
            await work_alone(worker, stopping)
            await courier.stop()

    def _begin(self, figures: str) -> None:
        if not self._is_json:
            self.stdout.write(f"Working until Ctrl-C.{figures}")
            self.stdout.flush()

    async def _work_once(self) -> None:
        await work_once(self._progress)
        await Courier().deliver_what_is_due()

    def _progress(self, timers: int, effects: int) -> None:
        self._done = (timers, effects)
        self._line.show(_said(timers, effects))


def _said(timers: int, effects: int) -> str:
    return f"Timers fired: {timers}, effects tried: {effects}."
