"""Print an access token for a user."""

import json
from argparse import ArgumentParser
from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from stoory.accounts.models import User
from stoory.auth import issue_token
from stoory.management.numbers import amount

MAX_HOURS = 876_000  # a hundred years


class Command(BaseCommand):
    help = "Print an access token for a user: the bare token, or with --json an object."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("username")
        parser.add_argument(
            "--hours", type=amount(0, MAX_HOURS), default=None, help="how long it is valid (default: the setting)"
        )
        parser.add_argument("--json", action="store_true", help="print {user_id, username, token, expires_at}")

    def handle(self, *args: Any, **options: Any) -> None:
        user = User.objects.filter(username=options["username"]).first()
        if user is None:
            raise CommandError(f"There is no user {options['username']!r}.")
        if not user.is_active:
            raise CommandError(f"{user.username} is deactivated.")
        lifetime = None if options["hours"] is None else timedelta(hours=options["hours"])
        issued = issue_token(user, lifetime)
        self.stdout.write(json.dumps(issued) if options["json"] else issued["token"])
