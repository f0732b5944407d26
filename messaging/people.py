"""People as REST shows them."""

from collections.abc import Collection
from typing import Any

from conversations.models import Participant
from stoory.times import iso_or_none


def person_body(participant: Participant, online: Collection[str]) -> dict[str, Any]:
    """Return `{id, name, role, image_url, online, last_seen}` of a participant, the user loaded.

    `online` are the users who are, asked for once for all that a page shows.
    """
    user = participant.user
    return {
        "id": user.pk,
        "name": user.display_name,
        "role": participant.role,
        "image_url": user.image_url or None,
        "online": user.pk in online,
        "last_seen": iso_or_none(user.last_seen),
    }
