"""The servers as staff ask them: who is alive by their leases, and what each answers."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from django.db.models.functions import Now

from stoory.accounts.models import Server
from stoory.accounts.presence import LEASE
from stoory.realtime.inquiries import desk

SHORT = 8


class Reply(NamedTuple):
    """What one server says; None from one that is alive and silent."""

    server: str
    answer: Any

    @property
    def name(self) -> str:
        """The end of its id, by which people tell servers apart."""
        return self.server[-SHORT:]


def ask(topic: str, **about: Any) -> list[Reply]:
    """Return what every server that is alive answers, within a second or two."""
    alive = [str(key) for key in Server.objects.filter(heartbeat_at__gte=Now() - LEASE).values_list("pk", flat=True)]
    answers = desk.ask(topic, alive, **about)
    return [Reply(server, answers.get(server)) for server in sorted({*alive, *answers})]


def answers(replies: list[Reply]) -> Iterator[Any]:
    """Return what those say who have answered."""
    return (reply.answer for reply in replies if reply.answer is not None)
