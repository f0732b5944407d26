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
    answer = response.json()
    assert answer["ready"] == (status == 200)
    assert answer["checks"] == {"database": "ok", "migrations": "ok", "part": how}
    assert list(answer.get("remedies", ())) == ([] if how == Health.OK else ["part"])


def test_it_says_what_to_do(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "_migrations", health.Migrations())
    monkeypatch.setattr(health, "missing_migrations", lambda: ["flows.0099_new"])
    response = client.get("/readyz")
    assert (response.status_code, response.json()["checks"]["migrations"]) == (503, "failed")
    assert "manage.py migrate" in response.json()["remedies"]["migrations"]


def test_migrations_are_looked_at_until_they_are_applied(monkeypatch: pytest.MonkeyPatch) -> None:
    looks = iter([["flows.0099_new"], []])
    monkeypatch.setattr(health, "missing_migrations", lambda: next(looks))
    monkeypatch.setattr(health, "LOOK_AGAIN_SECONDS", 0)
    migrations = health.Migrations()
    assert [migrations(), migrations(), migrations()] == [Health.FAILED, Health.OK, Health.OK]


def test_every_migration_is_applied_here() -> None:
    assert health.missing_migrations() == []


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


def test_the_figures_are_for_who_runs_the_server(client: Client, settings: Settings) -> None:
    response = client.get("/metrics")
    assert (response.status_code, response["Content-Type"]) == (200, "text/plain; version=0.0.4; charset=utf-8")
    assert b"\nprocess_cpu_seconds_total " in response.content

    assert client.get("/metrics", REMOTE_ADDR="203.0.113.7").status_code == 404
    settings.METRICS_TOKEN = "t" * 32
    assert client.get("/metrics", REMOTE_ADDR="203.0.113.7").status_code == 404
    shown = {"Authorization": f"Bearer {settings.METRICS_TOKEN}"}
    assert client.get("/metrics", REMOTE_ADDR="203.0.113.7", headers=shown).status_code == 200


@pytest.mark.parametrize("route", ["/healthz", "/readyz", "/metrics", "/healthz/", "/readyz/", "/metrics/"])
def test_a_probe_names_no_host_and_no_scheme(client: Client, settings: Settings, route: str) -> None:
    settings.ALLOWED_HOSTS = ["example.org"]
    settings.SECURE_SSL_REDIRECT = True
    assert client.get(route, headers={"Host": "10.0.0.7"}).status_code == 200
