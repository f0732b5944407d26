"""People as REST shows them."""

from typing import Any

from conversations.models import Participant


def person_body(participant: Participant) -> dict[str, Any]:
    """Return `{id, name, role, image_url, online, last_seen}` of a participant, the user loaded."""
    user = participant.user
    return {
        "id": user.pk,
        "name": user.display_name,
        "role": participant.role,
        "image_url": user.image_url or None,
        "online": False,
        "last_seen": None,
    }
