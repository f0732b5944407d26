"""Tokens: obtained by password, refreshed once each, verified, revoked."""

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone
from rest_framework.test import APIClient

from stoory.accounts.models import SYSTEM_USER_ID, User
from tests.rest.routes import TOKEN, UNREAD_COUNT, failure


@pytest.fixture
def tokens(as_nobody: APIClient, alice: User) -> dict[str, str]:
    """Alice's, fresh."""
    response = as_nobody.post(TOKEN, {"username": "alice", "password": "secret"})
    assert response.status_code == 200
    found: dict[str, str] = response.json()
    return found


def is_let_in(access: str) -> bool:
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {access}")
    return client.get(UNREAD_COUNT).status_code == 200


def test_a_password_gets_both(tokens: dict[str, str], alice: User) -> None:
    assert set(tokens) == {"access", "refresh"}
    assert is_let_in(tokens["access"])
    alice.refresh_from_db()
    assert alice.last_login is not None


@pytest.mark.parametrize(
    ("username", "password"),
    [("alice", "wrong"), ("ALICE", "secret"), ("nobody", "secret"), ("system", "secret")],
)
def test_who_is_not_known_gets_none(
    as_nobody: APIClient, alice: User, system_user: User, username: str, password: str
) -> None:
    response = as_nobody.post(TOKEN, {"username": username, "password": password})
    assert failure(response) == (401, "not_authenticated")
    assert response.headers["WWW-Authenticate"].startswith("Bearer")


def test_who_was_deactivated_gets_none(as_nobody: APIClient, alice: User) -> None:
    User.objects.filter(pk=alice.pk).update(is_active=False)
    known = as_nobody.post(TOKEN, {"username": "alice", "password": "secret"})
    unknown = as_nobody.post(TOKEN, {"username": "nobody", "password": "secret"})
    assert failure(known) == (401, "not_authenticated")
    assert known.json() == unknown.json()


@pytest.mark.parametrize("body", [{}, {"username": "alice"}, {"username": "alice", "password": ""}, [], "alice", None])
def test_what_is_missing_is_named(as_nobody: APIClient, alice: User, body: object) -> None:
    response = as_nobody.post(TOKEN, body)
    assert failure(response) == (400, "invalid_payload")
    assert response.json()["errors"]


# Refresh


def test_a_refresh_token_gets_two_new_ones(as_nobody: APIClient, tokens: dict[str, str]) -> None:
    renewed = as_nobody.post(f"{TOKEN}/refresh", {"refresh": tokens["refresh"]}).json()
    assert is_let_in(renewed["access"])
    assert renewed["refresh"] != tokens["refresh"]


def test_it_does_so_once(as_nobody: APIClient, tokens: dict[str, str]) -> None:
    as_nobody.post(f"{TOKEN}/refresh", {"refresh": tokens["refresh"]})
    again = as_nobody.post(f"{TOKEN}/refresh", {"refresh": tokens["refresh"]})
    assert failure(again) == (401, "invalid_token")


@pytest.mark.parametrize("kind", ["access", "nonsense"])
def test_nothing_else_refreshes(as_nobody: APIClient, tokens: dict[str, str], kind: str) -> None:
    response = as_nobody.post(f"{TOKEN}/refresh", {"refresh": tokens.get(kind, kind)})
    assert failure(response) == (401, "invalid_token")


def test_an_old_one_does_not_refresh(as_nobody: APIClient, tokens: dict[str, str]) -> None:
    with time_machine.travel(timezone.now() + timedelta(days=14, seconds=1)):
        response = as_nobody.post(f"{TOKEN}/refresh", {"refresh": tokens["refresh"]})
    assert failure(response) == (401, "invalid_token")


def test_it_does_not_outlive_its_user(as_nobody: APIClient, tokens: dict[str, str], alice: User) -> None:
    User.objects.filter(pk=alice.pk).update(is_active=False)
    response = as_nobody.post(f"{TOKEN}/refresh", {"refresh": tokens["refresh"]})
    assert failure(response)[0] == 401
    assert not is_let_in(tokens["access"])


# Verify and revoke


@pytest.mark.parametrize("kind", ["access", "refresh"])
def test_a_good_one_is_verified(as_nobody: APIClient, tokens: dict[str, str], kind: str) -> None:
    assert as_nobody.post(f"{TOKEN}/verify", {"token": tokens[kind]}).status_code == 200


def test_a_wrong_one_is_not(as_nobody: APIClient, tokens: dict[str, str]) -> None:
    response = as_nobody.post(f"{TOKEN}/verify", {"token": tokens["access"] + "x"})
    assert failure(response) == (401, "invalid_token")


def test_a_revoked_one_is_worth_nothing(as_nobody: APIClient, tokens: dict[str, str]) -> None:
    assert as_nobody.post(f"{TOKEN}/revoke", {"refresh": tokens["refresh"]}).status_code == 200

    assert failure(as_nobody.post(f"{TOKEN}/refresh", {"refresh": tokens["refresh"]})) == (401, "invalid_token")
    assert failure(as_nobody.post(f"{TOKEN}/revoke", {"refresh": tokens["refresh"]})) == (401, "invalid_token")
    assert as_nobody.post(f"{TOKEN}/verify", {"token": tokens["refresh"]}).status_code == 400


@pytest.mark.parametrize(("route", "field"), [("refresh", "refresh"), ("verify", "token"), ("revoke", "refresh")])
@pytest.mark.parametrize("given", [None, "", 5, ["a"], {}, "\x00", "a.b.c"])
def test_strange_ones_are_refused(as_nobody: APIClient, route: str, field: str, given: object) -> None:
    assert failure(as_nobody.post(f"{TOKEN}/{route}", {field: given}))[0] in (400, 401)


def test_the_id_of_the_system_user_is_no_password(as_nobody: APIClient, system_user: User) -> None:
    response = as_nobody.post(TOKEN, {"username": "system", "password": SYSTEM_USER_ID})
    assert failure(response) == (401, "not_authenticated")


def test_a_refresh_token_of_somebody_deleted_is_refused(as_nobody: APIClient, db: None) -> None:
    dora = User.objects.create_user("dora", password="secret")
    tokens = as_nobody.post(TOKEN, {"username": "dora", "password": "secret"}).json()
    dora.delete()
    assert failure(as_nobody.post(f"{TOKEN}/refresh", {"refresh": tokens["refresh"]})) == (401, "invalid_token")
