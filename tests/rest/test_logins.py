"""Passwords can't be tried for long, whichever form asks for them."""

from typing import Any

import pytest
from django.contrib.auth.hashers import MD5PasswordHasher
from django.test import Client
from rest_framework.test import APIClient

from stoory.accounts.models import User
from tests.rest.routes import TOKEN, failure
from tests.test_tooling import settings_documented

pytestmark = pytest.mark.usefixtures("limited")

DEFAULTS = {"login": settings_documented()["LIMIT_LOGIN"]}
ADMIN = "/admin/login/?next=/admin/"
BROWSABLE = "/api-auth/login/"
ELSEWHERE = "203.0.113.9"


def attempt(client: Any, path: str, name: str, password: str = "wrong", **extra: Any) -> Any:
    return client.post(path, {"username": name, "password": password}, **extra)


def test_a_token_is_not_for_who_guesses(as_nobody: APIClient, staff: User, alice: User) -> None:
    for _ in range(3):
        assert failure(attempt(as_nobody, TOKEN, "alice")) == (401, "not_authenticated")
    refused = attempt(as_nobody, TOKEN, "alice", "secret")
    assert failure(refused) == (429, "rate_limited")
    assert 0 < int(refused.headers["Retry-After"]) <= 1_200
    assert attempt(as_nobody, TOKEN, "staff", "secret").status_code == 200
    assert attempt(as_nobody, TOKEN, "alice", "secret", REMOTE_ADDR=ELSEWHERE).status_code == 200


@pytest.mark.parametrize("path", [ADMIN, BROWSABLE])
def test_a_form_is_not_for_who_guesses(client: Client, staff: User, alice: User, path: str) -> None:
    assert [attempt(client, path, "staff").status_code for _ in range(3)] == [200] * 3
    refused = attempt(client, path, "staff", "secret")
    assert refused.status_code == 429
    assert 0 < int(refused.headers["Retry-After"]) <= 1_200
    assert refused.content.decode().startswith("Too many requests. Try again in ")
    assert attempt(client, path, "staff", "secret", REMOTE_ADDR=ELSEWHERE).status_code == 302


def test_all_forms_count_together(client: Client, as_nobody: APIClient, staff: User) -> None:
    attempt(client, ADMIN, "staff")
    attempt(client, BROWSABLE, "staff")
    attempt(as_nobody, TOKEN, "staff")
    assert [attempt(client, path, "staff").status_code for path in (ADMIN, BROWSABLE)] == [429, 429]
    assert failure(attempt(as_nobody, TOKEN, "staff")) == (429, "rate_limited")


def test_an_unknown_name_is_told_the_same(as_nobody: APIClient, alice: User) -> None:
    bodies = [
        [attempt(as_nobody, TOKEN, name).content for _ in range(4)] for name in ("alice", "nobody", "n" * 100_000)
    ]
    assert bodies[0] == bodies[1] == bodies[2]


@pytest.fixture
def hashed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Each password of which a hash was computed: what a login takes its time for."""
    passwords: list[str] = []
    encode = MD5PasswordHasher.encode

    def encoding(self: MD5PasswordHasher, password: str, salt: str) -> str:
        passwords.append(password)
        return str(encode(self, password, salt))

    monkeypatch.setattr(MD5PasswordHasher, "encode", encoding)
    return passwords


@pytest.mark.parametrize("path", [TOKEN, ADMIN, BROWSABLE])
def test_an_unknown_name_takes_as_long(client: Client, alice: User, staff: User, hashed: list[str], path: str) -> None:
    User.objects.create_user("gone", password="secret", is_active=False)
    User.objects.create_user("bot", password=None)
    form = {"content_type": "application/json"} if path == TOKEN else {}
    for name in ("alice", "staff", "gone", "bot", "nobody"):
        hashed.clear()
        attempt(client, path, name, **form)
        assert len(hashed) == 1, name


@pytest.mark.parametrize("per_address", [2])
def test_an_address_tries_few_names(as_nobody: APIClient, alice: User) -> None:
    statuses = [attempt(as_nobody, TOKEN, f"name {number}").status_code for number in range(7)]
    assert statuses == [401] * 6 + [429]
    assert attempt(as_nobody, TOKEN, "alice", "secret", REMOTE_ADDR=ELSEWHERE).status_code == 200


@pytest.mark.parametrize("rates", [DEFAULTS])
def test_five_attempts_a_minute_are_the_default(as_nobody: APIClient, alice: User) -> None:
    statuses = [attempt(as_nobody, TOKEN, "alice").status_code for _ in range(6)]
    assert statuses == [401] * 5 + [429]
