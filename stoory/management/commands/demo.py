"""Make the demo data."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from stoory import demo
from stoory.management.numbers import whole
from stoory.management.terminal import Progress

MAX_SCALE = 1_000_000


class Command(BaseCommand):
    help = "Make the demo users and conversations, or find them; print them with tokens that are valid for a day."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="print one JSON object and nothing else on stdout")
        parser.add_argument(
            "--scale", type=whole(0, MAX_SCALE), default=0, metavar="N", help="also N more people who write to alice"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            made = demo.make_demo()
        except demo.NameTaken as error:
            raise CommandError(str(error)) from error
        progress = Progress(self.stderr)
        demo.make_crowd(options["scale"], lambda done: progress.show(f"{done} of {options['scale']} conversations"))
        progress.end()
        if options["json"]:
            self.stdout.write(json.dumps(made))
            return
        for user in made["users"].values():
            self.stdout.write(f"{user['username']:8} {user['password']}  {user['role']:12} {user['id']}")
        for kind, conversation_id in made["conversations"].items():
            self.stdout.write(f"{kind:16} {conversation_id}")
