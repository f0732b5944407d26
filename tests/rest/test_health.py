"""The probes: alive, and ready for traffic."""

from collections.abc import Callable, Iterator

import pytest
from django.db import connection
from django.test import Client
from pytest_django import Settings

from stoory.realtime import health
from stoory.realtime.health import Health

pytestmark = pytest.mark.django_db


@pytest.fixture
def part() -> Iterator[Callable[[Health], None]]:
    """Add a part of the server that is as it is told."""
    yield lambda how: health.watch("part", lambda: how)
    health.forget("part")


def test_the_process_is_alive(client: Client) -> None:
    response = client.get("/healthz")
    assert (response.status_code, response.json()) == (200, {"status": "ok"})


@pytest.mark.parametrize(("how", "status"), [(Health.OK, 200), (Health.DEGRADED, 200), (Health.FAILED, 503)])
def test_it_tells_which_part_is_ill(client: Client, part: Callable[[Health], None], how: Health, status: int) -> None:
    part(how)
    response = client.get("/readyz")
    assert response.status_code == status
    assert response.json() == {"ready": status == 200, "checks": {"database": "ok", "part": how}}


def test_it_is_not_ready_without_its_database(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> None:
        raise ConnectionError("a secret")

    monkeypatch.setattr(connection, "cursor", fail)
    response = client.get("/readyz")
    assert response.status_code == 503
    assert response.json()["checks"]["database"] == "failed"
    assert "secret" not in response.content.decode()


def test_it_is_alive_without_its_database(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "cursor", None)
    assert client.get("/healthz").status_code == 200


@pytest.mark.parametrize("route", ["/healthz", "/readyz", "/healthz/", "/readyz/"])
def test_a_probe_names_no_host_and_no_scheme(client: Client, settings: Settings, route: str) -> None:
    settings.ALLOWED_HOSTS = ["example.org"]
    settings.SECURE_SSL_REDIRECT = True
    assert client.get(route, headers={"Host": "10.0.0.7"}).status_code == 200
