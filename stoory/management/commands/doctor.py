"""Say what is wrong with this installation, and what to do about it."""

import json
import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from stoory.management.doctor import Finding, examine
from stoory.management.terminal import Progress


class Command(BaseCommand):
    help = "Look at environment, settings, keys, origins, database, Redis, servers and files. Exit code 1 for a fail."
    requires_system_checks = []  # they are among what is looked at

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--url", help="also look at a running server, or at the proxy in front of several")
        parser.add_argument("--json", action="store_true", help="print {ok, findings} and nothing else on stdout")

    def handle(self, *args: Any, **options: Any) -> None:
        progress, findings = Progress(self.stderr), []
        progress.show("Looking …")
        for finding in examine(options["url"]):
            findings.append(finding)
            if not options["json"]:
                progress.end()
                self._tell(finding)
            progress.show(f"Looking … {finding.part}")
        progress.end()
        is_well = all(finding.verdict != "fail" for finding in findings)
        if options["json"]:
            self.stdout.write(json.dumps({"ok": is_well, "findings": [finding._asdict() for finding in findings]}))
        if not is_well:
            sys.exit(1)

    def _tell(self, finding: Finding) -> None:
        style = {"ok": self.style.SUCCESS, "warn": self.style.WARNING, "fail": self.style.ERROR}[finding.verdict]
        self.stdout.write(f"{style(f'{finding.verdict:4}')} {finding.part:15} {finding.says}")
        if finding.remedy and finding.verdict != "ok":
            self.stdout.write(f"{'':20} → {finding.remedy}")
