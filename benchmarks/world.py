"""Who talks with whom in a benchmark: the same people and conversations for every server, by ids that are computed."""

from collections.abc import Iterator
from uuid import UUID, uuid5

import msgspec

_NAMESPACE = UUID("5d1f2f5c-6a57-4d6c-9a0e-0f6f4f0a7c11")


class Talk(msgspec.Struct, frozen=True):
    """A conversation with what was said in it: by its first two members in turns, the last `unread` by the second."""

    id: str
    type: str
    members: tuple[str, ...]
    messages: int = 0
    unread: int = 0


class Seat(msgspec.Struct, frozen=True):
    """A client: who it is, and which conversation it joins."""

    user: str
    conversation: str


def pairs(count: int) -> list[Talk]:
    """Return direct conversations of two people each, all different."""
    return [Talk(_id(f"pair {n}"), "direct", (_id(f"pair {n} a"), _id(f"pair {n} b"))) for n in range(count)]


def channel(size: int) -> Talk:
    """Return a channel of people who are in no other one."""
    members = tuple(_id(f"channel {size} {n}") for n in range(size))
    return Talk(_id(f"channel {size}"), "channel", members)


def long_talk(messages: int) -> Talk:
    """Return a direct conversation with a long history."""
    return Talk(_id(f"long {messages}"), "direct", (_id("reader"), _id(f"writer {messages}")), messages)


def many_talks(count: int) -> list[Talk]:
    """Return direct conversations of one person with many, each with a short history that is partly unread."""
    collector = _id("collector")
    return [Talk(_id(f"listed {n}"), "direct", (collector, _id(f"other {n}")), 20, n % 6) for n in range(count)]


def seats(talks: list[Talk], count: int) -> list[Seat]:
    """Return `count` clients spread over the talks: first one of each, then the next; members take turns."""
    places = _rounds(talks)
    return [next(places) for _ in range(count)]


def _rounds(talks: list[Talk]) -> Iterator[Seat]:
    turn = 0
    while True:
        for talk in talks:
            yield Seat(talk.members[turn % len(talk.members)], talk.id)
        turn += 1


def _id(name: str) -> str:
    return str(uuid5(_NAMESPACE, name))
