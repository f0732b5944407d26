"""What browsers are told of every page: to load and run its own files alone, and not to show it in a frame."""

from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.urls import reverse

from stoory.accounts.models import User
from stoory.csp import ENFORCED, REPORTED, ContentSecurityPolicyMiddleware
from tests.security.pages import blocked, policy

PAGES = [
    "/",
    "/playground/",
    "/api/docs/",
    "/api/",
    "/api/messages/unread-count/",
    "/api-auth/login/",
    "/admin/",
    "/admin/accounts/user/",
    "/admin/accounts/user/add/",
    "/admin/flows/flowversion/",
]


@pytest.fixture
def browser(staff: User) -> Client:
    """Staff in a browser, logged in."""
    made = Client(headers={"accept": "text/html"})
    made.force_login(staff)
    return made


def answer(path: str = "/", *, status: int = 200) -> HttpResponse:
    """An answer as it leaves the middleware."""
    made = HttpResponse(status=status)
    ContentSecurityPolicyMiddleware(lambda request: made)(RequestFactory().get(path))
    return made


@pytest.mark.parametrize("page", PAGES)
def test_a_page_has_nothing_that_its_own_policy_stops(browser: Client, page: str) -> None:
    response = browser.get(page)
    assert response.status_code == 200
    assert blocked(response) == []


@pytest.mark.parametrize("page", [*PAGES, "/nowhere", "/api/nowhere"])
def test_no_page_runs_what_stands_in_it_nor_what_is_elsewhere(db: None, client: Client, page: str) -> None:
    sources = policy(client.get(page))
    scripts = sources.get("script-src", sources["default-src"])
    assert sources["default-src"] == ["'self'"]
    assert "'unsafe-inline'" not in scripts
    assert not [source for source in scripts if source.startswith("http") or source in ("*", "data:", "blob:")]
    assert sources["object-src"] == sources["base-uri"] == sources["frame-ancestors"] == ["'none'"]
    assert sources["form-action"] == ["'self'"]


def test_only_the_admin_compiles_text() -> None:
    paths = ("/", "/api/", "/api/docs/", "/playground/", "/static/admin/x.js", "/administration", "/admin/")
    assert [path for path in paths if "'unsafe-eval'" in answer(path)[ENFORCED]] == ["/admin/"]


def test_the_other_headers_are_there(client: Client) -> None:
    response = client.get(reverse("admin:login"))
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Referrer-Policy"] == response["Cross-Origin-Opener-Policy"] == "same-origin"
    assert response["X-Frame-Options"] == "DENY"


def test_one_logs_out_of_the_api_without_a_script(browser: Client) -> None:
    page = browser.get("/api/").content.decode()
    assert f'action="{reverse("rest_framework:logout")}?next=/api/"' in page
    assert browser.post(reverse("rest_framework:logout")).status_code in (200, 302)
    assert "_auth_user_id" not in browser.session


# The settings, as Django 6 reads them


def test_a_directive_without_sources_stands_alone(settings: Any) -> None:
    settings.SECURE_CSP = {"default-src": ["'self'", "https:"], "upgrade-insecure-requests": []}
    assert answer()[ENFORCED] == "default-src 'self' https:; upgrade-insecure-requests"


def test_a_policy_can_be_tried_first(settings: Any) -> None:
    settings.SECURE_CSP, settings.SECURE_CSP_REPORT_ONLY = {}, {"default-src": ["'none'"]}
    assert answer()[REPORTED] == "default-src 'none'"
    assert ENFORCED not in answer()


def test_a_view_may_have_its_own() -> None:
    own = HttpResponse(headers={ENFORCED: "sandbox"})
    assert ContentSecurityPolicyMiddleware(lambda request: own)(RequestFactory().get("/"))[ENFORCED] == "sandbox"


@pytest.mark.parametrize("status", [404, 500])
def test_pages_for_developers_are_left_alone(settings: Any, status: int) -> None:
    assert ENFORCED in answer(status=status)
    settings.DEBUG = True
    assert ENFORCED not in answer(status=status)
