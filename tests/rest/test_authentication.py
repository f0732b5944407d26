"""Who may call: the bearer of a good token, or the owner of a session. The others are told why not, in one way."""

import pytest
from rest_framework.test import APIClient

from conversations.models import Conversation
from stoory.accounts.models import User
from stoory.auth import issue_token
from tests.accounts.tokens import BAD
from tests.rest.routes import CONVERSATIONS, MESSAGES, TEST_MESSAGE, UNKNOWN_ID, UNREAD_COUNT, failure, of

ROUTES = [
    ("get", "/api"),
    ("get", CONVERSATIONS),
    ("post", CONVERSATIONS),
    ("post", MESSAGES),
    ("get", UNREAD_COUNT),
    ("get", of(UNKNOWN_ID, "context")),
    ("get", of(UNKNOWN_ID, "messages")),
    ("post", of(UNKNOWN_ID, "messages")),
    ("get", of(UNKNOWN_ID, "events")),
    ("put", of(UNKNOWN_ID, "seen")),
    ("post", TEST_MESSAGE),
]


def with_header(value: str) -> APIClient:
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=value)
    return client


@pytest.mark.parametrize(("method", "route"), ROUTES)
def test_nobody_is_let_in_anywhere(as_nobody: APIClient, method: str, route: str) -> None:
    response = getattr(as_nobody, method)(route)
    assert failure(response) == (401, "not_authenticated")
    assert response.headers["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize("name", BAD)
def test_a_bad_token_says_what_is_wrong(alice: User, name: str) -> None:
    forge, code = BAD[name]
    response = with_header(f"Bearer {forge(alice)}".encode().decode("latin-1")).get(UNREAD_COUNT)
    assert failure(response) == (401, code)
    assert response.headers["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
def test_a_good_token_is_let_in(alice: User, scheme: str) -> None:
    assert with_header(f"{scheme} {issue_token(alice)['token']}").get(UNREAD_COUNT).status_code == 200


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer ", "Basic YWxpY2U6c2VjcmV0", "Token abc"])
def test_what_is_no_token_is_nobody(alice: User, header: str) -> None:
    assert failure(with_header(header).get(UNREAD_COUNT)) == (401, "not_authenticated")


def test_a_session_is_let_in(alice: User) -> None:
    client = APIClient()
    client.force_login(alice)
    assert client.get(UNREAD_COUNT).status_code == 200


def test_a_bad_token_is_not_saved_by_a_session(alice: User) -> None:
    client = with_header("Bearer nonsense")
    client.force_login(alice)
    assert failure(client.get(UNREAD_COUNT)) == (401, "invalid_token")


def test_a_token_speaks_for_its_user_in_whosever_browser(alice: User, charlie: User) -> None:
    client = with_header(f"Bearer {issue_token(alice)['token']}")
    client.force_login(charlie)
    client.post(CONVERSATIONS, {"type": "channel"}, format="json")
    assert Conversation.objects.get().created_by == alice


# Sessions


def test_a_session_has_to_show_its_csrf_token(alice: User) -> None:
    client = APIClient(enforce_csrf_checks=True)
    client.force_login(alice)
    for method, route in (("post", CONVERSATIONS), ("post", MESSAGES), ("put", of(UNKNOWN_ID, "seen"))):
        assert failure(getattr(client, method)(route, {}, format="json")) == (403, "forbidden")


def test_a_session_with_its_csrf_token_is_let_in(alice: User) -> None:
    client = APIClient(enforce_csrf_checks=True)
    client.force_login(alice)
    client.get("/api-auth/login/")
    client.credentials(HTTP_X_CSRFTOKEN=client.cookies["csrftoken"].value)
    assert client.post(CONVERSATIONS, {"type": "channel"}, format="json").status_code == 201


def test_a_token_needs_no_csrf_token(alice: User) -> None:
    client = APIClient(enforce_csrf_checks=True)
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {issue_token(alice)['token']}")
    assert client.post(CONVERSATIONS, {"type": "channel"}, format="json").status_code == 201
