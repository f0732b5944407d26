"""REST in a browser: every page is shown to who has logged in, with a form where one can post."""

import pytest
from django.test import Client

from conversations.models import Conversation
from messaging.models import Message
from stoory.accounts.models import User
from tests.rest.routes import CONVERSATIONS, FLOWS, MESSAGES, TOKEN, UNREAD_COUNT, of
from tests.talk import say

HTML = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}


@pytest.fixture
def browser(alice: User, direct: Conversation) -> Client:
    """Alice, logged in, with a conversation that has a message."""
    say(alice, direct, "<script>alert(1)</script>")
    made = Client(enforce_csrf_checks=True)
    made.force_login(alice)
    return made


def shown(browser: Client, route: str) -> str:
    response = browser.get(route, headers=HTML)
    assert response.status_code == 200
    assert response["Content-Type"].startswith("text/html")
    return response.content.decode()


@pytest.mark.parametrize("route", ["/api/", CONVERSATIONS, UNREAD_COUNT])
def test_a_page_is_shown(browser: Client, route: str) -> None:
    assert "HTTP 200 OK" in shown(browser, route)


@pytest.mark.parametrize("part", ["context", "messages", "events"])
def test_a_page_of_a_conversation_is_shown(browser: Client, direct: Conversation, part: str) -> None:
    page = shown(browser, of(direct, part))
    assert str(direct.pk) in page
    assert "<script>alert" not in page


def test_where_one_can_post_there_is_a_form(browser: Client, direct: Conversation) -> None:
    for route in (CONVERSATIONS, of(direct, "messages")):
        assert 'name="_content"' in shown(browser, route)
    assert 'name="_content"' not in shown(browser, UNREAD_COUNT)


@pytest.mark.parametrize(("route", "button"), [(MESSAGES, "POST"), (TOKEN, "POST"), ("seen", "PUT")])
def test_where_one_can_only_write_there_is_a_form_too(
    browser: Client, direct: Conversation, route: str, button: str
) -> None:
    response = browser.get(route if route.startswith("/") else of(direct, route), headers=HTML)
    page = response.content.decode()
    assert response.status_code == 405
    assert 'name="_content"' in page
    assert button in page


def test_a_form_is_filled_with_the_fields(browser: Client, direct: Conversation) -> None:
    page = shown(browser, of(direct, "messages"))
    assert all(f"&quot;{name}&quot;" in page for name in ("message", "client_nonce", "attachments"))


def test_the_pages_lead_to_each_other(browser: Client) -> None:
    assert all(f"{route}" in shown(browser, "/api/") for route in (CONVERSATIONS, UNREAD_COUNT, MESSAGES, TOKEN))


def test_what_the_form_sends_is_stored(browser: Client, direct: Conversation) -> None:
    shown(browser, of(direct, "messages"))
    response = browser.post(
        of(direct, "messages"),
        {"message": "From a form"},
        content_type="application/json",
        headers=HTML | {"X-CSRFToken": browser.cookies["csrftoken"].value},
    )
    assert response.status_code == 201
    assert response["Content-Type"].startswith("text/html")
    assert Message.objects.filter(text="From a form").exists()


@pytest.mark.parametrize(
    "route", ["", "/bid/versions", "/bid/versions/1", "/bid/versions/1/diff?against=1", "/bid/analytics"]
)
def test_flows_are_shown_to_staff(client: Client, staff: User, route: str) -> None:
    client.force_login(staff)
    assert "HTTP 200 OK" in shown(client, FLOWS + route)


@pytest.mark.parametrize("verb", ["publish", "clone", "retire", "validate", "simulate", "migrate"])
def test_a_verb_of_a_flow_has_a_form(client: Client, staff: User, verb: str) -> None:
    client.force_login(staff)
    page = client.get(f"{FLOWS}/bid/versions/1/{verb}", headers=HTML)
    assert page.status_code == 405
    assert 'name="_content"' in page.content.decode()


def test_a_fault_is_shown(browser: Client) -> None:
    response = browser.get(of("nonsense", "messages"), headers=HTML)
    assert response.status_code == 404
    assert "Conversation not found" in response.content.decode()


def test_nobody_is_asked_to_log_in(client: Client, db: None) -> None:
    response = client.get(CONVERSATIONS, headers=HTML)
    assert response.status_code == 401
    assert "/api-auth/login/" in response.content.decode()
