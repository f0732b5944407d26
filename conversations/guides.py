"""Who guides bid and campaign conversations: a port, so that this app need not know what a flow is."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

import msgspec

from conversations.models import GUIDED_TYPES, Conversation, Participant

Card = Any
"""The buttons of one party, as `action_data` shows them."""


class Guidance(msgspec.Struct, frozen=True, kw_only=True):
    """What a conversation says to one of its participants now, in their language."""

    title: str
    subtitle: str = ""
    details: str = ""
    phase: str | None = None
    expires_at: datetime | None = None
    card: Card = None

    @property
    def buttons(self) -> list[Any]:
        """What the participant may press."""
        return list(self.card["buttons"]) if self.card else []


class Guide(Protocol):
    """What leads conversations from their start to free chat."""

    def start(self, conversation: Conversation) -> None:
        """Take the first step of a conversation that was just made, within its transaction."""

    def guidance(self, readers: Sequence[Participant]) -> dict[tuple[UUID, str], Guidance]:
        """Return what is said to those readers whose conversation is guided, by conversation and user.

        Their conversations and users are loaded.
        """


class _Nobody:
    """Lets every conversation be as it is."""

    def start(self, conversation: Conversation) -> None:
        pass

    def guidance(self, readers: Sequence[Participant]) -> dict[tuple[UUID, str], Guidance]:
        return {}


_guide: Guide = _Nobody()


def install(guide: Guide) -> None:
    """Make `guide` the one who guides."""
    global _guide
    _guide = guide


def guide() -> Guide:
    """Return who guides."""
    return _guide


def cards(conversation: Conversation) -> dict[str, Card]:
    """Return the buttons of each party of a conversation, by role; where several hold it, as the first reads them."""
    if conversation.type not in GUIDED_TYPES:
        return {}
    people = list(conversation.participants.select_related("user").order_by("-pk"))
    for person in people:
        person.conversation = conversation
    said = _guide.guidance(people)
    found = {person.role: said.get((person.conversation_id, person.user_id)) for person in people}
    return {role: each.card for role, each in found.items() if each and each.card}
