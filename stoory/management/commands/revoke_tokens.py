"""Log users out everywhere."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from stoory.accounts.models import User
from stoory.accounts.services import make_tokens_void


class Command(BaseCommand):
    help = "Make all tokens of users void. Their sockets are closed within REPAIR_SECONDS."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("usernames", nargs="+", metavar="username")
        parser.add_argument("--json", action="store_true", help="print {user_ids} and nothing else on stdout")

    @transaction.atomic
    def handle(self, *args: Any, **options: Any) -> None:
        users = User.objects.in_bulk(options["usernames"], field_name="username")
        for username in options["usernames"]:
            if username not in users:
                raise CommandError(f"There is no user {username!r}.")
            make_tokens_void(users[username].pk)
        found = json.dumps({"user_ids": [user.pk for user in users.values()]})
        self.stdout.write(found if options["json"] else f"{len(users)} users have to log in again.")
