"""Fire timers and carry out effects, beside the servers."""

import asyncio
import signal
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from stoory.realtime.worker import work_alone, work_once


class Command(BaseCommand):
    help = "Fire timers and carry out effects until Ctrl-C or SIGTERM. Any number of workers may run."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--once", action="store_true", help="do what is due now, and stop")

    def handle(self, *args: Any, **options: Any) -> None:
        self._done = (0, 0)
        asyncio.run(work_once(self._progress) if options["once"] else self._work())
        if self.stderr.isatty():
            self.stderr.write("")
        self.stdout.write(_said(*self._done))

    async def _work(self) -> None:
        stopping = asyncio.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, stopping.set)
        self.stdout.write("Working until Ctrl-C.")
        self.stdout.flush()
        await work_alone(stopping, self._progress)

    def _progress(self, timers: int, effects: int) -> None:
        self._done = (timers, effects)
        if self.stderr.isatty():
            self.stderr.write(f"\r{_said(timers, effects)}", ending="")


def _said(timers: int, effects: int) -> str:
    return f"Timers fired: {timers}, effects tried: {effects}."
