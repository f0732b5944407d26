"""Watch what happens, as it happens."""

import asyncio
import contextlib
from argparse import ArgumentParser
from collections.abc import Iterable, Sequence
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db.models import Q

from stoory.accounts.models import User
from stoory.events import Event
from stoory.ids import parse_uuid
from stoory.management.numbers import whole
from stoory.management.tailing import FAMILIES, Tail, lines
from stoory.realtime.bus import Bus
from stoory.realtime.database import database
from stoory.realtime.inquiries import Answered, Asked
from stoory.realtime.waiting import wait_for

LOOK_SECONDS = 1.0
MAX_LAST = 100_000
BETWEEN_SERVERS = (Asked, Answered)  # questions of theirs, which happen to nobody


class Command(BaseCommand):
    help = "Print the last events of the log; with --follow also what comes, typing and presence too where Redis is."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--user", help="only what concerns a user: their username or id")
        parser.add_argument("--conversation", metavar="ID", help="only what happens in one conversation")
        parser.add_argument("--family", choices=FAMILIES, help="in the words that its sockets hear")
        parser.add_argument(
            "--last", type=whole(0, MAX_LAST), default=20, metavar="N", help="how many to begin with (20)"
        )
        parser.add_argument("--follow", "-f", action="store_true", help="go on until Ctrl-C")
        parser.add_argument("--json", action="store_true", help="print one JSON object a line")

    def handle(self, *args: Any, **options: Any) -> None:
        self.speak(family=options["family"], as_json=options["json"])
        tail = Tail(user_id=_user(options["user"]), conversation_id=_conversation(options["conversation"]))
        self._tell(tail.begin(options["last"]))
        if options["follow"]:
            with contextlib.suppress(KeyboardInterrupt):
                asyncio.run(self.follow(tail))

    def speak(self, *, family: str | None, as_json: bool) -> None:
        """Choose the words."""
        self._family, self._as_json = family, as_json

    def _tell(self, events: Iterable[Event]) -> None:
        for event in events:
            for line in lines(event, self._family, as_json=self._as_json):
                self.stdout.write(line)
        self.stdout.flush()

    async def follow(self, tail: Tail) -> None:
        """Look into the log every second, and at once when the bus tells of something."""
        heard: list[Event] = []
        news = asyncio.Event()

        def hear(events: Sequence[Event]) -> None:
            heard.extend(event for event in events if not event.seq and not isinstance(event, BETWEEN_SERVERS))
            news.set()

        bus = Bus(hear, lambda conversation_id: True)
        await bus.start()
        try:
            while True:
                await wait_for(news, LOOK_SECONDS)
                news.clear()
                passing, heard = heard, []
                self._tell(await database(_concerning, tail, passing))
                while more := await database(tail.more):
                    self._tell(more)
        finally:
            await bus.stop()


def _concerning(tail: Tail, events: Sequence[Event]) -> list[Event]:
    return [event for event in events if tail.concerns(event)]


def _user(given: str | None) -> str | None:
    if given is None:
        return None
    found = User.objects.filter(Q(username=given) | Q(pk=given)).first()
    if found is None:
        raise CommandError(f"There is no user {given!r}.")
    return found.pk


def _conversation(given: str | None) -> str | None:
    if given is not None and parse_uuid(given) is None:
        raise CommandError(f"{given!r} is no conversation's id.")
    return given
