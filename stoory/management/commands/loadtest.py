"""Put a running server under load, for a while."""

import asyncio
import json
import signal
from argparse import ArgumentParser
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from websockets.exceptions import WebSocketException

from stoory.addresses import is_this_machine
from stoory.management.load import Figures, Pair, Plan, make_pairs, remove, run
from stoory.management.numbers import amount, whole
from stoory.management.terminal import Progress

MOST_PAIRS, MOST_SECONDS, MOST_MESSAGES, MOST_IN_FLIGHT = 500, 600, 1_000_000, 1_000
LEAST_SECONDS = 0.1


class Command(BaseCommand):
    help = (
        "Have pairs of people write to each other through a server of this database, by Socket.IO, and say how fast it "
        "answers. They, and what they wrote, are removed afterwards. Limits count for them like for anybody: "
        "start the server with RATE_LIMITS=0."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--url", default=f"http://127.0.0.1:{settings.PORT}")
        seconds, messages = amount(LEAST_SECONDS, MOST_SECONDS), whole(1, MOST_MESSAGES)
        pairs, in_flight = whole(1, MOST_PAIRS), whole(1, MOST_IN_FLIGHT)
        parser.add_argument("--pairs", type=pairs, default=10, help=f"1 to {MOST_PAIRS} (10)")
        parser.add_argument("--seconds", type=seconds, default=10.0, help=f"up to {MOST_SECONDS} (10)")
        parser.add_argument("--messages", type=messages, default=100_000, help=f"up to {MOST_MESSAGES:,} (100,000)")
        parser.add_argument(
            "--in-flight", type=in_flight, default=10, help=f"sends at a time, 1 to {MOST_IN_FLIGHT} (10)"
        )
        parser.add_argument("--host-i-own", metavar="HOST", help="its name again, for any but this machine")
        parser.add_argument("--json", action="store_true", help="print the figures as one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        plan = _plan(options)
        progress, figures = Progress(self.stderr), Figures()
        for number in (signal.SIGINT, signal.SIGTERM):  # also where a shell that runs it in the background ignores one
            signal.signal(number, signal.default_int_handler)
        progress.show(f"Making {options['pairs']} pairs …")
        pairs = make_pairs(options["pairs"])
        try:
            asyncio.run(run(plan, pairs, figures, lambda: progress.show(_line(figures))))
        except KeyboardInterrupt:
            pass  # what was measured until then is told
        except (OSError, TimeoutError, WebSocketException) as error:
            raise CommandError(f"{plan.url}: {error}") from error
        finally:
            self._clean(progress, pairs)
        self.stdout.write(json.dumps(figures.summary()) if options["json"] else _line(figures))

    def _clean(self, progress: Progress, pairs: list[Pair]) -> None:
        progress.show("Removing what they wrote …")
        remove(pairs)
        progress.end()


def _plan(options: dict[str, Any]) -> Plan:
    _check_host(options["url"], options["host_i_own"])
    return Plan(options["url"], options["seconds"], options["messages"], options["in_flight"])


def _check_host(url: str, owned: str | None) -> None:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise CommandError(f"{url} is no address of a server: write http://127.0.0.1:8000.")
    if not is_this_machine(parts.hostname) and parts.hostname != owned:
        raise CommandError(f"{parts.hostname} is not this machine. If it is yours: --host-i-own {parts.hostname}")


def _line(figures: Figures) -> str:
    found = figures.summary()
    errors = "".join(f", {count} {code}" for code, count in found["errors"].items())
    times = f"ack p50 {found['ack_p50_ms']} ms, p99 {found['ack_p99_ms']} ms" if found["sends"] else "no answer yet"
    return (
        f"{found['seconds']:.1f} s: {found['sends']:,} sends, {found['sends_per_second']:,.0f}/s, "
        f"{times}, {found['deliveries']:,} deliveries{errors}"
    )
