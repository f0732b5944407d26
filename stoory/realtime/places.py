"""Who a token speaks for, and where people take part: what each client asks when it comes."""

from collections.abc import Sequence
from typing import Any

from conversations.errors import ConversationNotFound
from conversations.selectors import Membership, memberships, places_among
from stoory.auth import Identity, bare, identify, identify_own, is_own
from stoory.errors import DomainError
from stoory.realtime.database import database
from stoory.realtime.questions import Questions

Known = tuple[Identity, list[Membership]]
"""Somebody, and their places in all their conversations, newest first."""


class Places:
    """Reads for many clients at once. Raises `DomainError`s."""

    def __init__(self) -> None:
        self._identities: Questions[str, Known] = Questions(lambda texts: database(_identify_own, texts))
        self._places: Questions[tuple[str, str], Membership] = Questions(lambda asked: database(_find, asked))

    async def identify(self, token: Any) -> Known:
        """Return whom a token speaks for; raises `NotAuthenticated`, `TokenExpired`, `InvalidToken`.

        Another issuer's is asked for alone: its keys may have to be fetched, and nobody else waits for that.
        """
        text = bare(token)
        return await (self._identities.ask(text) if is_own(text) else database(_identify, text))

    async def find(self, user_id: str, conversation_id: str) -> Membership:
        """Return a user's place in a conversation; raises `ConversationNotFound`."""
        return await self._places.ask((user_id, conversation_id))


def _identify(text: str) -> Known:
    identity = identify(text)
    return identity, memberships([identity.user.pk])


def _identify_own(texts: Sequence[str]) -> list[Known | DomainError]:
    found = identify_own(texts)
    users = {identity.user.pk for identity in found if isinstance(identity, Identity)}
    places: dict[str, list[Membership]] = {user_id: [] for user_id in users}
    for place in memberships(users):
        places[place.user_id].append(place)
    return [(identity, places[identity.user.pk]) if isinstance(identity, Identity) else identity for identity in found]


def _find(asked: Sequence[tuple[str, str]]) -> list[Membership | DomainError]:
    return [place or ConversationNotFound() for place in places_among(asked)]
