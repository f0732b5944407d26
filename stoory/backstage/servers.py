"""The servers as staff ask them: who is alive by their leases, and what each answers."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from stoory.accounts import presence
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
    servers = presence.alive()
    answers = desk.ask(topic, servers, **about)
    return [Reply(server, answers.get(server)) for server in sorted({*servers, *answers})]


def answers(replies: list[Reply]) -> Iterator[Any]:
    """Return what those say who have answered."""
    return (reply.answer for reply in replies if reply.answer is not None)
