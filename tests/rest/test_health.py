"""The probes: alive, and ready for traffic."""

from collections.abc import Callable, Iterator

import pytest
from django.db import connection
from django.test import Client
from pytest_django import Settings

from stoory.realtime import health

pytestmark = pytest.mark.django_db


@pytest.fixture
def part() -> Iterator[Callable[[bool], None]]:
    """Add a part of the server that works or doesn't."""
    yield lambda works: health.watch("part", lambda: works)
    health.forget("part")


def test_the_process_is_alive(client: Client) -> None:
    response = client.get("/healthz")
    assert (response.status_code, response.json()) == (200, {"status": "ok"})


def test_it_is_ready_when_all_works(client: Client, part: Callable[[bool], None]) -> None:
    part(True)
    response = client.get("/readyz")
    assert response.status_code == 200
    assert response.json() == {"ready": True, "checks": {"database": True, "part": True}}


def test_it_is_not_ready_when_a_part_is_ill(client: Client, part: Callable[[bool], None]) -> None:
    part(False)
    response = client.get("/readyz")
    assert response.status_code == 503
    assert response.json() == {"ready": False, "checks": {"database": True, "part": False}}


def test_it_is_not_ready_without_its_database(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> None:
        raise ConnectionError("a secret")

    monkeypatch.setattr(connection, "cursor", fail)
    response = client.get("/readyz")
    assert response.status_code == 503
    assert response.json()["checks"]["database"] is False
    assert "secret" not in response.content.decode()


def test_it_is_alive_without_its_database(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "cursor", None)
    assert client.get("/healthz").status_code == 200


@pytest.mark.parametrize("route", ["/healthz", "/readyz", "/healthz/", "/readyz/"])
def test_a_probe_names_no_host_and_no_scheme(client: Client, settings: Settings, route: str) -> None:
    settings.ALLOWED_HOSTS = ["example.org"]
    settings.SECURE_SSL_REDIRECT = True
    assert client.get(route, headers={"Host": "10.0.0.7"}).status_code == 200
