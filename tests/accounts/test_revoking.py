"""Logging out everywhere: what counted before counts no more, what is issued afterwards does."""

import json
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from rest_framework.test import APIClient

from stoory.accounts.commands import RevokeTokens
from stoory.accounts.events import AccessRevoked
from stoory.accounts.models import User
from stoory.accounts.selectors import token_versions
from stoory.auth import identify, issue_token
from stoory.commands import execute
from stoory.errors import Forbidden, InvalidToken, NotFound
from stoory.times import utc_now
from tests.accounts.issuer import Issuer
from tests.talk import published

UNREAD_COUNT = "/api/messages/unread-count"


def log_in(client: APIClient, username: str) -> dict[str, str]:
    response = client.post("/api/token", {"username": username, "password": "secret"}, format="json")
    assert response.status_code == 200
    tokens: dict[str, str] = response.json()
    return tokens


def counts(token: str) -> bool:
    try:
        identify(token)
    except InvalidToken:
        return False
    return True


def test_no_token_counts_any_more(alice: User, bob: User) -> None:
    client = APIClient()
    before, bobs = log_in(client, "alice"), log_in(client, "bob")
    with published() as heard:
        execute(RevokeTokens(actor=alice.pk, user_id=alice.pk))

    assert [(type(event), event.user_id) for event in heard if isinstance(event, AccessRevoked)] == [
        (AccessRevoked, alice.pk)
    ]
    assert not counts(before["access"])
    for route, token in (("refresh", {"refresh": before["refresh"]}), ("verify", {"token": before["access"]})):
        response = client.post(f"/api/token/{route}", token, format="json")
        assert (response.status_code, response.json()["code"]) == (401, "invalid_token")
    assert counts(log_in(client, "alice")["access"])
    assert counts(bobs["access"])


def test_what_is_exchanged_for_a_token_is_as_void(alice: User) -> None:
    client = APIClient()
    refresh = {"refresh": log_in(client, "alice")["refresh"]}
    exchanged = client.post("/api/token/refresh", refresh, format="json").json()
    assert counts(exchanged["access"])
    execute(RevokeTokens(actor=alice.pk, user_id=alice.pk))
    assert not counts(exchanged["access"])


def test_it_is_for_oneself_and_staff(alice: User, bob: User, staff: User) -> None:
    with pytest.raises(Forbidden):
        execute(RevokeTokens(actor=bob.pk, user_id=alice.pk))
    execute(RevokeTokens(actor=staff.pk, user_id=alice.pk))
    assert token_versions([alice.pk, bob.pk]) == {alice.pk: 1, bob.pk: 0}
    with pytest.raises(NotFound):
        execute(RevokeTokens(actor=staff.pk, user_id="nobody"))


def test_a_new_password_does_it(alice: User) -> None:
    token = issue_token(alice)["token"]
    alice.set_password("another secret")
    with published() as heard:
        alice.save()
    assert [type(event) for event in heard] == [AccessRevoked]
    assert not counts(token)
    assert counts(issue_token(alice)["token"])


def test_a_login_that_renews_the_hash_does_not(alice: User, settings: Any) -> None:
    token = issue_token(alice)["token"]
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.ScryptPasswordHasher", *settings.PASSWORD_HASHERS]
    before = alice.password
    fresh = log_in(APIClient(), "alice")["access"]
    alice.refresh_from_db()
    assert alice.password != before
    assert counts(token)
    assert counts(fresh)


def test_another_issuer_s_tokens_of_before_are_void(db: None, issuer: Issuer) -> None:
    early = issuer.token(iat=utc_now() - timedelta(seconds=30))
    user = identify(early).user
    execute(RevokeTokens(actor=user.pk, user_id=user.pk))
    assert not counts(early)
    assert counts(issuer.token(iat=utc_now() + timedelta(seconds=2)))


def test_rest_logs_oneself_out(alice: User) -> None:
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {log_in(client, 'alice')['access']}")
    assert client.post("/api/token/revoke-all", {}, format="json").json() == {"success": True}
    assert client.get(UNREAD_COUNT).status_code == 401


def test_a_command_does_it(alice: User, bob: User) -> None:
    said = StringIO()
    call_command("revoke_tokens", "alice", "bob", stdout=said)
    assert said.getvalue() == "2 users have to log in again.\n"
    assert token_versions([alice.pk, bob.pk]) == {alice.pk: 1, bob.pk: 1}
    with pytest.raises(CommandError, match="no user 'nobody'"):
        call_command("revoke_tokens", "alice", "nobody")
    assert token_versions([alice.pk]) == {alice.pk: 1}


def test_the_command_tells_programs_whom(alice: User) -> None:
    said = StringIO()
    call_command("revoke_tokens", "alice", "--json", stdout=said)
    assert json.loads(said.getvalue()) == {"user_ids": [alice.pk]}
