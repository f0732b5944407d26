"""The landing page, the playground and its logins, as a browser asks for them."""

import re
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from django.test import Client
from pytest_django import Settings

from messaging.models import Message
from stoory import VERSION, demo, dialogue
from stoory.accounts.models import User
from stoory.auth import identify
from stoory.playground import views
from stoory.realtime import health
from tests.test_tooling import ROOT

PAGES = ROOT / "stoory" / "playground"

pytestmark = pytest.mark.django_db


@pytest.fixture
def open_playground(settings: Settings) -> None:
    settings.DEBUG = settings.PLAYGROUND = True


@pytest.fixture
def closed_playground(settings: Settings) -> None:
    settings.DEBUG = settings.PLAYGROUND = False


def landing(client: Client) -> dict[str, object]:
    told: dict[str, object] = client.get("/", headers={"Accept": "application/json"}).json()
    return told


def test_the_landing_page_tells_what_runs(client: Client, open_playground: None) -> None:
    told = landing(client)

    assert told["ready"] is True
    assert told["summary"] == {"version": VERSION, "servers": "0", "people online": "0"}
    [database] = [part for part in told["parts"] if part["name"] == "database"]  # type: ignore[attr-defined]
    assert re.fullmatch(r"(SQLite|PostgreSQL) \d.*", database["what"])
    assert database["health"] == "ok"


def test_a_browser_gets_the_same_as_a_page(client: Client, open_playground: None) -> None:
    demo.make_demo()
    page = client.get("/", headers={"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"})

    assert page["Content-Type"].startswith("text/html")
    assert "Accept" in page["Vary"]
    for text in (VERSION, "/playground/", "/admin/", demo.DEMO_PASSWORD):
        assert text in page.content.decode()


def test_strangers_hear_no_versions_and_no_passwords(client: Client, closed_playground: None) -> None:
    demo.make_demo()
    told = landing(client)

    assert told["parts"] == []
    assert told["summary"] == {}
    assert "/playground/" not in [link["path"] for link in told["links"]]  # type: ignore[attr-defined]
    assert demo.DEMO_PASSWORD not in client.get("/").content.decode()


def test_staff_hears_them(client: Client, closed_playground: None, staff: User) -> None:
    client.force_login(staff)
    assert landing(client)["summary"]


def test_an_ill_part_is_told(client: Client, open_playground: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(health._checks, "bus", lambda: health.Health.FAILED)
    assert landing(client)["ready"] is False


def test_every_link_leads_somewhere(client: Client, open_playground: None) -> None:
    for link in views.LINKS:
        if views._is_served(link.path):
            assert client.get(link.path).status_code in (200, 302, 401, 403), link.path


def test_one_may_be_anybody_of_the_demo_but_staff(client: Client, open_playground: None) -> None:
    demo.make_demo()
    people = client.get("/playground/people").json()["people"]

    assert [person["username"] for person in people] == ["alice", "bob", "charlie"]
    assert all(identify(person["token"]).user.pk == person["id"] for person in people)


def test_somebody_else_of_that_name_is_not_of_the_demo(client: Client, open_playground: None, alice: User) -> None:
    assert client.get("/playground/people").json()["people"] == []


def test_where_it_is_not_wanted_there_is_no_playground(client: Client, closed_playground: None) -> None:
    demo.make_demo()
    for path in ("/playground/", "/playground", "/playground/people"):
        assert client.get(path).status_code == 404


def test_it_says_what_is_missing(client: Client, open_playground: None, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "manage.py demo" in client.get("/playground/").content.decode()
    demo.make_demo()
    page = client.get("/playground/").content.decode()
    assert ("main.js" in page) == (finders.find(views.CLIENT) is not None)
    monkeypatch.setattr(views, "CLIENT", "nowhere.js")
    assert "npm ci" in client.get("/playground/").content.decode()


@pytest.mark.parametrize("path", sorted(PAGES.rglob("*.html")), ids=lambda path: path.name)
def test_pages_hold_no_scripts_and_no_styles(path: Path) -> None:
    text = path.read_text()
    assert not re.search(r"<style|\sstyle=|\son\w+=|<script(?![^>]*\ssrc=)", text)
    assert "://" not in text


@pytest.mark.parametrize("path", sorted(PAGES.rglob("*.js")), ids=lambda path: path.name)
def test_modules_never_write_markup(path: Path) -> None:
    assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(", path.read_text())


def test_the_demo_has_talked_once(shipped_flows: None) -> None:
    dialogue.enliven()
    conversations = demo.make_demo()["conversations"]
    first = messages(conversations["direct"])
    dialogue.enliven()

    assert first == messages(conversations["direct"])
    assert len(first) == len(dialogue.DIRECT)


def messages(conversation_id: str) -> list[str]:
    return list(Message.objects.filter(conversation__id=conversation_id).order_by("seq").values_list("text", flat=True))
