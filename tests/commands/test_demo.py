"""`demo`: the cast and its conversations, made once, with fresh tokens each time."""

import json
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
import time_machine
from django.contrib.auth import authenticate
from django.core.management import CommandError, call_command
from django.utils import timezone
from pytest_django import Settings

from conversations.models import Conversation, Participant
from messaging.models import Message
from stoory import demo
from stoory.accounts.models import Role, User
from stoory.auth import identify
from stoory.errors import TokenExpired

pytestmark = pytest.mark.django_db

KINDS = ["direct", "bid", "campaign", "channel", "private_channel"]


def run(*arguments: str) -> str:
    written = StringIO()
    call_command("demo", *arguments, stdout=written, stderr=StringIO())
    return written.getvalue()


def made(*arguments: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(run("--json", *arguments))
    return found


def test_it_prints_one_object_and_nothing_else() -> None:
    written = run("--json", "--scale", "1")
    assert written.count("\n") == 1
    assert set(json.loads(written)) == {"users", "conversations", "campaign"}


def test_the_cast() -> None:
    users = made()["users"]
    assert {name: card["role"] for name, card in users.items()} == {
        "alice": "brand_owner",
        "bob": "influencer",
        "charlie": "influencer",
        "staff": "staff",
    }
    for name, card in users.items():
        assert set(card) == {"id", "username", "password", "role", "token"}
        assert card["username"] == name
        assert authenticate(username=name, password=card["password"]) == User.objects.get(pk=card["id"])


def test_only_staff_is_a_superuser() -> None:
    made()
    assert [user.username for user in User.objects.filter(is_superuser=True)] == ["staff"]
    assert [user.username for user in User.objects.filter(is_staff=True)] == ["staff"]


def test_alice_and_bob_share_one_of_each_kind() -> None:
    found = made()
    assert list(found["conversations"]) == KINDS
    for key in found["conversations"].values():
        people = Participant.objects.filter(conversation=key).values_list("user__username", flat=True)
        assert set(people) == {"alice", "bob"}


def test_each_is_what_it_is_called() -> None:
    found = made()
    stored = {kind: Conversation.objects.get(pk=key) for kind, key in found["conversations"].items()}

    assert [conversation.type for conversation in stored.values()] == [
        "direct",
        "bid",
        "campaign",
        "channel",
        "channel",
    ]
    assert [stored[kind].is_public for kind in ("channel", "private_channel")] == [True, False]
    assert [stored[kind].campaign_id for kind in ("bid", "campaign")] == [found["campaign"]] * 2


def test_a_token_is_valid_for_a_day() -> None:
    now = timezone.now()
    with time_machine.travel(now, tick=False):
        users = made()["users"]
    with time_machine.travel(now + timedelta(hours=23, minutes=59), tick=False):
        assert {identify(card["token"]).user.pk for card in users.values()} == {card["id"] for card in users.values()}
    with time_machine.travel(now + timedelta(hours=24, seconds=1), tick=False), pytest.raises(TokenExpired):
        identify(users["alice"]["token"])


def test_making_it_again_changes_only_the_tokens(settings: Settings) -> None:
    settings.DEBUG = True
    first = made()
    rows = [User.objects.count(), Conversation.objects.count(), Participant.objects.count()]
    with time_machine.travel(timezone.now() + timedelta(seconds=5)):
        second = made()

    assert [User.objects.count(), Conversation.objects.count(), Participant.objects.count()] == rows
    for name, card in second["users"].items():
        assert card.pop("token") != first["users"][name].pop("token")
    assert second == first


def test_what_was_changed_is_made_good() -> None:
    made()
    User.objects.filter(username="alice").update(is_active=False, role=Role.INFLUENCER)
    card = made()["users"]["alice"]
    assert identify(card["token"]).user.role == Role.BRAND_OWNER
    assert authenticate(username="alice", password=card["password"])


def test_passwords_are_known_to_developers_only(settings: Settings) -> None:
    settings.DEBUG = True
    assert {card["password"] for card in made()["users"].values()} == {demo.DEMO_PASSWORD}

    settings.DEBUG = False
    passwords = {card["password"] for card in made()["users"].values()}
    assert demo.DEMO_PASSWORD not in passwords
    assert all(len(password) >= 16 for password in passwords)
    assert passwords.isdisjoint(card["password"] for card in made()["users"].values())


def test_a_crowd_writes_to_alice() -> None:
    made("--scale", "2")
    made("--scale", "2")

    assert User.objects.filter(username__startswith="fan").count() == 2
    assert Message.objects.filter(message_type="user_input").count() == 2 * demo.MESSAGES_PER_FAN
    crowd = Conversation.objects.filter(type="direct", participants__user__username="alice")
    assert sorted(crowd.values_list("last_seq", flat=True)) == [0, demo.MESSAGES_PER_FAN, demo.MESSAGES_PER_FAN]


def test_a_crowd_is_no_negative_number() -> None:
    with pytest.raises(CommandError, match="--scale: takes a whole number from 0 to 1,000,000"):
        run("--scale", "-1")
    assert not User.objects.filter(username="alice").exists()


def test_without_json_it_is_to_be_read() -> None:
    written = run()
    found = made()
    assert all(card["id"] in written for card in found["users"].values())
    assert all(key in written for key in found["conversations"].values())


def test_whether_anybody_was_here_before(system_user: User) -> None:
    assert demo.is_new_database()
    assert not demo.exists()
    made()
    assert demo.exists()
    assert not demo.is_new_database()
