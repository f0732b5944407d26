"""Every route is found with a slash at its end and without one."""

import pytest
from pytest_django import Settings
from rest_framework.test import APIClient

from conversations.models import Conversation
from tests.rest.routes import CONVERSATIONS, FLOWS, MESSAGES, TEST_MESSAGE, TOKEN, UNKNOWN_ID, UNREAD_COUNT, of

FOUND = [
    ("get", "/api", 200),
    ("get", CONVERSATIONS, 200),
    ("post", CONVERSATIONS, 400),
    ("post", MESSAGES, 400),
    ("get", UNREAD_COUNT, 200),
    ("post", TOKEN, 400),
    ("post", f"{TOKEN}/refresh", 400),
    ("post", f"{TOKEN}/verify", 400),
    ("post", f"{TOKEN}/revoke", 400),
    ("post", TEST_MESSAGE, 403),
    ("post", "/api/flows/events", 401),
    ("get", "/healthz", 200),
    ("get", "/readyz", 200),
    ("post", f"/api/conversations/{UNKNOWN_ID}/members", 400),
    ("delete", f"/api/conversations/{UNKNOWN_ID}/members", 400),
    ("get", "context", 200),
    ("get", "messages", 200),
    ("post", "messages", 400),
    ("get", "events", 200),
    ("put", "seen", 200),
    ("get", "actions", 200),
    ("get", "transitions", 200),
    ("get", "flow", 403),
    ("post", "staff-actions", 403),
    ("post", "force-transition", 403),
    ("post", "pause", 403),
    ("post", "resume", 403),
    ("post", "effects/1/retry", 403),
    ("post", "effects/1/dismiss", 403),
    ("get", FLOWS, 403),
    ("get", f"{FLOWS}/bid/versions", 403),
    ("get", f"{FLOWS}/bid/versions/1", 403),
    ("post", f"{FLOWS}/bid/versions/1/publish", 403),
    ("get", f"{FLOWS}/bid/analytics", 403),
]


@pytest.mark.parametrize(("method", "route", "status"), FOUND)
@pytest.mark.parametrize("slash", ["", "/"])
def test_it_is_found(
    as_alice: APIClient, direct: Conversation, settings: Settings, method: str, route: str, status: int, slash: str
) -> None:
    settings.ENABLE_TEST_MESSAGE = True
    url = route if route.startswith("/") else of(direct, route)
    response = getattr(as_alice, method)(url + slash)
    assert response.status_code == status


@pytest.mark.parametrize("slash", ["", "/"])
def test_a_query_may_follow(as_alice: APIClient, direct: Conversation, slash: str) -> None:
    response = as_alice.get(f"{of(direct, 'messages')}{slash}?limit=7")
    assert response.json()["pagination"]["limit"] == 7


@pytest.mark.parametrize("route", [f"{CONVERSATIONS}//messages", f"{MESSAGES}x", "/test-messages", "/healthzz"])
def test_no_other_is_found(as_alice: APIClient, route: str) -> None:
    assert as_alice.get(route).status_code == 404
