"""From the text of a token to the user it names."""

from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
import pytest
import time_machine
from django.conf import settings
from pytest_django import DjangoAssertNumQueries

from stoory.accounts.models import User
from stoory.auth import identify, issue_token
from stoory.errors import DomainError, InvalidToken, NotAuthenticated, TokenExpired
from tests.accounts.tokens import BAD, claims

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize("prefix", ["", "Bearer ", "Bearer   "])
def test_it_names_its_user(alice: User, prefix: str) -> None:
    assert identify(prefix + issue_token(alice)["token"]).user == alice


def test_it_costs_one_query(alice: User, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    token = issue_token(alice)["token"]
    with django_assert_num_queries(1):
        identify(token)


def test_a_user_from_elsewhere_keeps_the_id_from_there(db: None) -> None:
    user = User.objects.create_user("eve", id="user_2abc")
    assert identify(issue_token(user)["token"]).user.pk == "user_2abc"


def test_it_is_valid_for_as_long_as_was_asked(alice: User) -> None:
    with time_machine.travel(NOON, tick=False) as clock:
        issued = issue_token(alice, timedelta(hours=2))
        assert issued["expires_at"] == "2026-01-01T14:00:00Z"
        assert identify(issued["token"]).expires_at == NOON + timedelta(hours=2)
        clock.shift(timedelta(hours=2, seconds=-1))
        assert identify(issued["token"]).user == alice
        clock.shift(timedelta(seconds=1))
        with pytest.raises(TokenExpired):
            identify(issued["token"])


def test_it_is_valid_for_an_hour_unless_asked_otherwise(alice: User) -> None:
    with time_machine.travel(NOON, tick=False):
        assert identify(issue_token(alice)["token"]).expires_at == NOON + timedelta(hours=1)


@pytest.mark.parametrize("name", BAD)
def test_a_bad_one_names_nobody(alice: User, name: str) -> None:
    forge, code = BAD[name]
    token = forge(alice)
    with pytest.raises(DomainError) as caught:
        identify(token)
    assert caught.value.code == code


@pytest.mark.parametrize("nothing", [None, ""])
def test_none_is_not_a_wrong_one(nothing: Any) -> None:
    with pytest.raises(NotAuthenticated):
        identify(nothing)


@pytest.mark.parametrize("thing", [5, True, b"bytes", ["list"], {"token": "x"}])
def test_what_is_no_text_names_nobody(thing: Any) -> None:
    with pytest.raises(InvalidToken):
        identify(thing)


@pytest.mark.parametrize("user_id", [1, None, ["alice"], "", "nobody"])
def test_a_subject_that_is_no_user_names_nobody(alice: User, user_id: Any) -> None:
    token = jwt.encode(claims(alice) | {"user_id": user_id}, settings.JWT_SIGNING_KEY, algorithm="HS256")
    with pytest.raises(InvalidToken):
        identify(token)


@pytest.mark.parametrize("exp", ["soon", "4000000000", 10**30, 1e300, [1], None])
def test_a_time_that_is_none_names_nobody(alice: User, exp: Any) -> None:
    token = jwt.encode(claims(alice) | {"exp": exp}, settings.JWT_SIGNING_KEY, algorithm="HS256")
    with pytest.raises(InvalidToken):
        identify(token)
