"""A database with people who talk: `python -m tests.chaos.people GROUPS USERS CHANNELS MEMBERS` prints them as JSON.

Each group is a scenario's own: USERS people and CHANNELS channels of MEMBERS of them each, and an outsider.
"""

import json
import os
import sys
from datetime import timedelta
from typing import Any

import django

os.environ["DJANGO_SETTINGS_MODULE"] = "tests.chaos.settings"
django.setup()

from django.core.management import call_command  # noqa: E402  # needs the app registry

from conversations.commands import CreateConversation  # noqa: E402
from stoory.accounts.models import Role, User  # noqa: E402
from stoory.auth import issue_token  # noqa: E402
from stoory.commands import execute  # noqa: E402

LIFETIME = timedelta(hours=12)


def make_group(number: int, users: int, channels: int, members: int) -> dict[str, Any]:
    """Make one scenario's people and channels; the users sit in the channels as evenly as can be."""
    names = [f"group{number}-user{place}" for place in range(users)]
    people = User.objects.bulk_create(User(username=name, role=Role.INFLUENCER, password="!") for name in names)
    outsider = User.objects.create(username=f"group{number}-outsider", password="!")
    return {
        "people": [_with_token(user) for user in people],
        "outsider": _with_token(outsider),
        "channels": dict(_channel(people, number * channels, place, members) for place in range(channels)),
    }


def _with_token(user: User) -> dict[str, str]:
    return {"id": user.pk, "token": issue_token(user, LIFETIME)["token"]}


def _channel(people: list[User], first: int, place: int, members: int) -> tuple[str, list[str]]:
    chosen = [people[(place * members + seat) % len(people)].pk for seat in range(members)]
    command = CreateConversation(
        actor=chosen[0], type="channel", participant_ids=chosen[1:], title=f"Channel {first + place}"
    )
    return str(execute(command).conversation.pk), chosen


if __name__ == "__main__":
    call_command("migrate", verbosity=0)
    groups, *sizes = map(int, sys.argv[1:])
    json.dump([make_group(number, *sizes) for number in range(groups)], sys.stdout)
