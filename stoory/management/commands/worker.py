"""Fire timers and carry out effects, beside the servers."""

import asyncio
import json
import signal
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from stoory.management.terminal import Progress
from stoory.realtime.worker import work_alone, work_once


class Command(BaseCommand):
    help = "Fire timers and carry out effects until Ctrl-C or SIGTERM. Any number of workers may run."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--once", action="store_true", help="do what is due now, and stop")
        parser.add_argument("--json", action="store_true", help="print {timers, effects} at the end, and nothing else")

    def handle(self, *args: Any, **options: Any) -> None:
        self._done = (0, 0)
        self._is_json = options["json"]
        self._line = Progress(self.stderr)
        asyncio.run(work_once(self._progress) if options["once"] else self._work())
        self._line.end()
        timers, effects = self._done
        found = json.dumps({"timers": timers, "effects": effects})
        self.stdout.write(found if self._is_json else _said(timers, effects))

    async def _work(self) -> None:
        stopping = asyncio.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, stopping.set)
        if not self._is_json:
            self.stdout.write("Working until Ctrl-C.")
            self.stdout.flush()
        await work_alone(stopping, self._progress)

    def _progress(self, timers: int, effects: int) -> None:
        self._done = (timers, effects)
        self._line.show(_said(timers, effects))


def _said(timers: int, effects: int) -> str:
    return f"Timers fired: {timers}, effects tried: {effects}."
