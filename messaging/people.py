"""People as REST shows them."""

from conversations.models import Participant
from conversations.selectors import Person
from messaging.shapes import Person as PersonShape
from stoory.accounts.models import display_name
from stoory.times import iso_or_none


def person_of(participant: Participant) -> Person:
    """Return a participant, the user loaded, as a person."""
    user = participant.user
    return Person(user.pk, participant.role, user.username, user.name, user.image_url, user.last_seen)


def person_body(person: Person, *, online: bool) -> PersonShape:
    """Return `{id, name, role, image_url, online, last_seen}`."""
    return {
        "id": person.user_id,
        "name": display_name(person.name, person.username),
        "role": person.role,
        "image_url": person.image_url or None,
        "online": online,
        "last_seen": iso_or_none(person.last_seen),
    }
