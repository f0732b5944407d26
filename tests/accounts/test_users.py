"""Users: ids are text, and the system user is a real row that can't log in."""

from importlib import import_module

import pytest
from django.apps import apps
from django.contrib.auth import authenticate
from django.db import IntegrityError

from stoory.accounts.models import SYSTEM_USER_ID, Role, User
from stoory.auth import identify, issue_token
from stoory.errors import InvalidToken
from stoory.ids import parse_uuid


def test_a_new_user_gets_a_uuid_as_text(alice: User) -> None:
    assert isinstance(alice.pk, str)
    assert parse_uuid(alice.pk) is not None


def test_an_id_from_elsewhere_is_taken_as_it_is(db: None) -> None:
    User.objects.create_user("eve", id="user_2abc")
    assert User.objects.get(pk="user_2abc").username == "eve"


def test_two_users_have_two_ids(alice: User) -> None:
    with pytest.raises(IntegrityError):
        User.objects.create_user("another", id=alice.pk)


@pytest.mark.parametrize(("name", "shown"), [("Eve Ning", "Eve Ning"), ("", "eve")])
def test_the_name_that_others_see(name: str, shown: str) -> None:
    user = User(username="eve", name=name)
    assert [user.display_name, user.get_full_name(), user.get_short_name(), str(user)] == [shown] * 4


def test_the_system_user_comes_with_the_migrations(db: None) -> None:
    User.objects.filter(pk=SYSTEM_USER_ID).delete()
    import_module("stoory.accounts.migrations.0002_system_user").create(apps, None)

    system = User.objects.get(pk=SYSTEM_USER_ID)
    assert (system.username, system.role, system.is_active) == ("system", Role.SYSTEM, False)
    assert not system.has_usable_password()


@pytest.mark.parametrize("password", ["", "!", None])
def test_the_system_user_cannot_log_in(system_user: User, password: str | None) -> None:
    assert authenticate(username="system", password=password) is None


def test_a_token_of_the_system_user_is_worth_nothing(system_user: User) -> None:
    with pytest.raises(InvalidToken):
        identify(issue_token(system_user)["token"])
