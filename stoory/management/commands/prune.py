"""Delete what nobody asks for any more."""

import json
from argparse import ArgumentParser
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Any

from django.core.management.base import BaseCommand
from django.db.models import QuerySet
from rest_framework_simplejwt.token_blacklist.models import OutstandingToken

from conversations.pruning import count_entries, excesses, prune_log
from flows.pruning import done_effects, spent_timers
from stoory.batches import delete_in_batches
from stoory.management.numbers import whole
from stoory.management.terminal import Progress
from stoory.times import utc_now

MAX_DAYS = 36_500
MAX_ENTRIES = 1_000_000_000
MAX_BATCH = 1_000_000


class Command(BaseCommand):
    help = (
        "Delete old entries of conversations' logs (messages stay; who asks for more of a log is told a gap), effects "
        "and timers of flows that are done with, and expired refresh tokens. Servers may run meanwhile; Ctrl-C is safe."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--days", type=whole(1, MAX_DAYS), required=True, help="delete what is older")
        parser.add_argument("--keep", type=whole(1, MAX_ENTRIES), help="and of each log all but so many entries")
        parser.add_argument("--batch", type=whole(1, MAX_BATCH), default=1_000, help="rows in one transaction (1000)")
        parser.add_argument("--dry-run", action="store_true", help="delete nothing, count what would go")
        parser.add_argument("--json", action="store_true", help="print one JSON object and nothing else on stdout")

    def handle(self, *args: Any, **options: Any) -> None:
        self._batch, self._is_dry = options["batch"], options["dry_run"]
        self._line = Progress(self.stderr)
        before = utc_now() - timedelta(days=options["days"])
        gone = {
            "log_entries": self._total("log entries", self._log(before, options["keep"])),
            "effects": self._total("effects", self._rows(done_effects(before))),
            "timers": self._total("timers", self._rows(spent_timers(before))),
            "tokens": self._total("tokens", self._rows(OutstandingToken.objects.filter(expires_at__lt=utc_now()))),
        }
        if options["json"]:
            self.stdout.write(json.dumps({"dry_run": self._is_dry, **gone}))
            return
        said = ", ".join(f"{count:,} {name.replace('_', ' ')}" for name, count in gone.items())
        self.stdout.write(f"Would delete {said}." if self._is_dry else f"Deleted {said}.")

    def _log(self, before: datetime, keep: int | None) -> Iterator[int]:
        for excess in excesses(before, keep):
            yield from [count_entries(excess)] if self._is_dry else prune_log(excess, self._batch)

    def _rows(self, rows: "QuerySet[Any]") -> Iterable[int]:
        return [rows.count()] if self._is_dry else delete_in_batches(rows, self._batch)

    def _total(self, name: str, parts: Iterable[int]) -> int:
        """Add up, and show how far it has come."""
        total = 0
        for part in parts:
            total += part
            self._line.show(f"{name}: {total:,}")
        self._line.end()
        return total
