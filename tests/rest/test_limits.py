"""REST: who asks too often gets 429 and is told when to come back; nobody else notices."""

from typing import Any

import pytest
from django.urls import get_resolver, resolve
from rest_framework.test import APIClient

from conversations.models import Conversation
from messaging.models import Message
from stoory.accounts.models import User
from stoory.throttling import Throttle, limiter
from tests.rest.routes import CONVERSATIONS, MESSAGES, TEST_MESSAGE, TOKEN, UNKNOWN_ID, UNREAD_COUNT, failure, of

pytestmark = pytest.mark.usefixtures("limited")

V1 = "/api/v1/conversations"
MESSAGE = f"{MESSAGES}/messages/{UNKNOWN_ID}"
WEBHOOK = f"/api/webhooks/{UNKNOWN_ID}"
COUNTED = [
    ("post", MESSAGES, "send"),
    ("post", of(UNKNOWN_ID, "messages"), "send"),
    ("post", f"{V1}/{UNKNOWN_ID}/messages", "send"),
    ("post", CONVERSATIONS, "send"),
    ("patch", MESSAGE, "send"),
    ("delete", MESSAGE, "send"),
    ("post", "/api/campaigns/c/updates", "send"),
    ("post", TEST_MESSAGE, "send"),
    ("post", f"/api/conversations/{UNKNOWN_ID}/members", "join"),
    ("delete", f"/api/conversations/{UNKNOWN_ID}/members", "join"),
    ("post", f"{MESSAGE}/reactions", "reaction"),
    ("delete", f"{MESSAGE}/reactions", "reaction"),
    ("put", of(UNKNOWN_ID, "seen"), "read"),
    ("put", f"{V1}/{UNKNOWN_ID}/read", "read"),
    ("post", of(UNKNOWN_ID, "actions"), "action"),
    ("post", "/api/webhooks", "action"),
    ("patch", WEBHOOK, "action"),
    ("delete", WEBHOOK, "action"),
    ("post", f"{WEBHOOK}/test", "action"),
    ("post", f"{WEBHOOK}/rotate", "action"),
    ("post", f"{WEBHOOK}/replay", "action"),
    ("get", of(UNKNOWN_ID, "messages"), "history"),
    ("get", of(UNKNOWN_ID, "events"), "history"),
    ("get", f"{V1}/{UNKNOWN_ID}/messages", "history"),
    ("get", of(UNKNOWN_ID, "context"), "other"),
    ("get", of(UNKNOWN_ID, "actions"), "other"),
    ("get", CONVERSATIONS, "other"),
    ("get", V1, "other"),
    ("get", UNREAD_COUNT, "other"),
    ("get", "/api", "other"),
    ("put", MESSAGES, "other"),
]


def told(response: Any) -> int:
    """When to come back, in seconds, as a refusal says."""
    assert failure(response) == (429, "rate_limited")
    assert response.json()["message"] == "Too many requests"
    return int(response.headers["Retry-After"])


@pytest.mark.parametrize(("method", "path", "limit"), COUNTED)
def test_it_refuses_what_is_asked_too_often(
    as_alice: APIClient, as_bob: APIClient, alice: User, method: str, path: str, limit: Any
) -> None:
    answers = [getattr(as_alice, method)(path, {}) for _ in range(3)]
    assert 429 not in {answer.status_code for answer in answers}
    assert 0 < told(getattr(as_alice, method)(path, {})) <= 1_200
    assert getattr(as_bob, method)(path, {}).status_code == answers[0].status_code
    assert limiter().marks.take(limiter().claims(limit, alice.pk)) > 0


def test_every_route_is_counted() -> None:
    assert [view for view in views().values() if Throttle not in view.throttle_classes] == []
    own = {(name, method): limit for name, view in views().items() for method, limit in limits_of(view).items()}
    told = {(resolve(path).url_name, method.upper()): limit for method, path, limit in COUNTED if limit != "other"}
    assert own == told


def views() -> dict[str, Any]:
    """The views of the API, by the names of their routes."""
    found = {pattern.name: getattr(pattern.callback, "view_class", None) for pattern in patterns(get_resolver())}
    return {str(name): view for name, view in found.items() if hasattr(view, "throttle_classes")}


def patterns(resolver: Any) -> list[Any]:
    nested = [patterns(part) if hasattr(part, "url_patterns") else [part] for part in resolver.url_patterns]
    return [pattern for part in nested for pattern in part]


def limits_of(view: Any) -> dict[str, str]:
    return dict(getattr(view, "limits", {}))


def test_what_is_refused_is_not_stored(as_alice: APIClient, as_bob: APIClient, direct: Conversation) -> None:
    for number in range(5):
        as_alice.post(of(direct, "messages"), {"message": f"{number}"})
    as_bob.post(of(direct, "messages"), {"message": "Calm down"})
    assert list(Message.objects.order_by("seq").values_list("text", flat=True)) == ["0", "1", "2", "Calm down"]


def test_a_page_of_another_origin_can_read_when_to_come_back(as_alice: APIClient) -> None:
    response = as_alice.get(UNREAD_COUNT, HTTP_ORIGIN="https://chat.example.org")
    assert "Retry-After" in response.headers["Access-Control-Expose-Headers"].split(", ")


def test_one_thing_asked_too_often_leaves_the_others(as_alice: APIClient, direct: Conversation) -> None:
    for _ in range(4):
        as_alice.post(of(direct, "messages"), {"message": "Hi"})
    assert as_alice.get(of(direct, "messages")).status_code == 200
    assert as_alice.put(of(direct, "seen"), {}).status_code == 200


@pytest.mark.parametrize("path", ["/refresh", "/verify", "/revoke"])
@pytest.mark.parametrize("per_address", [1])
def test_who_is_nobody_is_counted_by_address(as_nobody: APIClient, path: str) -> None:
    statuses = [as_nobody.post(f"{TOKEN}{path}", {}).status_code for _ in range(4)]
    assert statuses == [400, 400, 400, 429]
    assert as_nobody.post(f"{TOKEN}{path}", {}, REMOTE_ADDR="203.0.113.9").status_code == 400


@pytest.mark.parametrize("per_address", [1])
def test_tokens_can_not_be_guessed_for_long(as_nobody: APIClient, as_alice: APIClient) -> None:
    as_nobody.credentials(HTTP_AUTHORIZATION="Bearer guessed")
    statuses = [as_nobody.get(UNREAD_COUNT, REMOTE_ADDR="203.0.113.9").status_code for _ in range(4)]
    assert statuses == [401, 401, 401, 429]
    assert as_alice.get(UNREAD_COUNT).status_code == 200


@pytest.mark.parametrize("per_address", [2])
def test_an_address_stands_for_some_people_and_no_more(
    as_alice: APIClient, as_bob: APIClient, as_charlie: APIClient
) -> None:
    for people in (as_alice, as_bob):
        assert [people.get(UNREAD_COUNT).status_code for _ in range(3)] == [200] * 3
    told(as_charlie.get(UNREAD_COUNT))
    assert as_charlie.get(UNREAD_COUNT, REMOTE_ADDR="203.0.113.9").status_code == 200


def test_limits_can_be_switched_off(as_alice: APIClient, settings: Any) -> None:
    settings.RATE_LIMITS = False
    limiter.cache_clear()
    assert {as_alice.get(UNREAD_COUNT).status_code for _ in range(20)} == {200}
