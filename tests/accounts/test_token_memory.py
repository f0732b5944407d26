"""REST asks for a token's user once in a moment, and at once where it has heard that they may be gone."""

from collections.abc import Callable

import pytest
from django.test.utils import CaptureQueriesContext
from pytest_django import DjangoAssertNumQueries, Settings
from rest_framework.test import APIClient

from stoory.accounts.commands import RevokeTokens
from stoory.accounts.events import AccessRevoked
from stoory.accounts.models import User
from stoory.accounts.token_memory import REMEMBERED_AT_MOST, TokenMemory
from stoory.commands import execute
from stoory.times import utc_now
from tests.talk import published

WHO = "/api/messages/unread-count"
FOR_STAFF = "/test-message"


@pytest.fixture(autouse=True)
def remembering(settings: Settings) -> None:
    settings.TOKEN_MEMORY_SECONDS = 60


@pytest.fixture
def as_alice(api: Callable[[User], APIClient], alice: User) -> APIClient:
    """Alice, who has asked before."""
    client = api(alice)
    assert client.get(WHO).status_code == 200
    return client


def users_asked_for(queries: CaptureQueriesContext) -> int:
    return sum('FROM "accounts_user" WHERE' in query["sql"] for query in queries)


def test_who_asked_a_moment_ago_is_not_looked_for(
    as_alice: APIClient, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_max_num_queries(10) as queries:
        assert as_alice.get(WHO).status_code == 200
    assert users_asked_for(queries) == 0


def test_they_are_once_the_moment_has_passed(
    as_alice: APIClient, settings: Settings, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    settings.TOKEN_MEMORY_SECONDS = 0
    with django_assert_max_num_queries(10) as queries:
        assert as_alice.get(WHO).status_code == 200
    assert users_asked_for(queries) == 1


def test_who_is_logged_out_is_refused_at_once(as_alice: APIClient, alice: User) -> None:
    with published():
        execute(RevokeTokens(actor=alice.pk, user_id=alice.pk))
    assert as_alice.get(WHO).json()["code"] == "invalid_token"


def test_another_s_logout_changes_nothing(
    as_alice: APIClient, bob: User, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    with published():
        execute(RevokeTokens(actor=bob.pk, user_id=bob.pk))
    with django_assert_max_num_queries(10) as queries:
        assert as_alice.get(WHO).status_code == 200
    assert users_asked_for(queries) == 0


def test_an_end_is_an_end(as_alice: APIClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("stoory.auth.time.time", lambda: 4_000_000_000.0)
    assert as_alice.get(WHO).json()["code"] == "token_expired"


@pytest.mark.parametrize(("is_staff", "status"), [(True, 400), (False, 403)])
def test_what_they_are_is_asked_when_it_matters(
    as_alice: APIClient, alice: User, settings: Settings, is_staff: bool, status: int
) -> None:
    settings.ENABLE_TEST_MESSAGE = True
    User.objects.filter(pk=alice.pk).update(is_staff=is_staff)
    assert as_alice.post(FOR_STAFF, {}, format="json").status_code == status


def test_who_is_gone_when_it_matters_is_refused(as_alice: APIClient, alice: User, settings: Settings) -> None:
    settings.ENABLE_TEST_MESSAGE = True
    User.objects.filter(pk=alice.pk).update(is_active=False)
    assert as_alice.post(FOR_STAFF, {}, format="json").json()["code"] == "invalid_token"


def test_it_holds_so_many() -> None:
    held = TokenMemory()
    for number in range(REMEMBERED_AT_MOST + 1):
        held.remember(str(number), "alice")
    assert (held.user_of("0"), held.user_of("1")) == (None, "alice")


def test_it_forgets_all_of_a_user_s_tokens() -> None:
    held = TokenMemory()
    for token, user_id in (("one", "alice"), ("two", "alice"), ("three", "bob")):
        held.remember(token, user_id)
    held.heard([AccessRevoked(at=utc_now(), user_id="alice")])
    assert [held.user_of(token) for token in ("one", "two", "three")] == [None, None, "bob"]
