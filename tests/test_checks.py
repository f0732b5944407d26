"""Settings that would let somebody else make our tokens, or speak for the provider, stop every command."""

from typing import Any

import pytest
from django.core.checks import run_checks
from pytest_django import Settings

NAME = "https://issuer.example.org"
HTTPS = "https://issuer.example.org/keys"


def faults(settings: Settings, url: str, issuer: str = NAME) -> list[str | None]:
    settings.JWT_JWKS_URL, settings.JWT_ISSUER = url, issuer
    return [message.id for message in run_checks() if message.id and message.id.startswith("stoory.")]


@pytest.fixture(autouse=True)
def provider(settings: Settings) -> None:
    settings.FLOW_PROVIDER = "tests.worker.bank.Bank"
    settings.CORS_ALLOW_ALL_ORIGINS = False  # it was decided when DEBUG was on
    settings.FLOW_EVENTS_SECRETS = []
    settings.PLAYGROUND = False


def test_a_playground_is_for_the_demo(settings: Settings) -> None:
    settings.PLAYGROUND = True
    assert faults(settings, "", "") == ["stoory.W003"]


@pytest.mark.parametrize("debug", [True, False])
@pytest.mark.parametrize(("url", "issuer"), [("", ""), (HTTPS, NAME), ("https://10.0.0.1:8443/keys", NAME)])
def test_all_is_well(settings: Settings, url: str, issuer: str, debug: bool) -> None:
    settings.DEBUG = debug
    assert faults(settings, url, issuer) == []


@pytest.mark.parametrize(("url", "issuer"), [(HTTPS, ""), ("", NAME)])
def test_one_does_not_go_without_the_other(settings: Settings, url: str, issuer: str) -> None:
    assert faults(settings, url, issuer) == ["stoory.E001"]


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1:9000", "127.8.8.8", "[::1]:9000"])
def test_plain_http_is_for_developers_and_their_own_machines(settings: Settings, host: str) -> None:
    settings.DEBUG = True
    assert faults(settings, f"http://{host}/keys") == []
    settings.DEBUG = False
    assert faults(settings, f"http://{host}/keys") == ["stoory.E002"]


@pytest.mark.parametrize(
    "url",
    [
        "http://issuer.example.org/keys",
        "http://10.0.0.1/keys",
        "http://127.0.0.1.example.org/keys",
        "http://localhost.example.org/keys",
        "file:///etc/hosts",
        "keys",
        "https://",
        "https://[",
    ],
)
def test_other_addresses_are_refused(settings: Settings, url: str) -> None:
    settings.DEBUG = True
    assert faults(settings, url) == ["stoory.E002"]


@pytest.mark.parametrize("debug", [True, False])
def test_a_provider_of_ones_own_is_well(settings: Settings, debug: bool) -> None:
    settings.DEBUG, settings.FLOW_PROVIDER = debug, "tests.worker.bank.Bank"
    assert faults(settings, "", "") == []


@pytest.mark.parametrize(("path", "id"), [("", "stoory.W001"), ("flows.sandbox.Sandbox", "stoory.W002")])
def test_who_has_no_provider_is_warned(settings: Settings, path: str, id: str) -> None:
    settings.DEBUG, settings.FLOW_PROVIDER = False, path
    assert faults(settings, "", "") == [id]
    settings.DEBUG = True
    assert faults(settings, "", "") == []


@pytest.mark.parametrize("path", ["Sandbox", "flows.sandbox.Sandcastle", "flows.nowhere.Sandbox"])
def test_a_provider_that_is_not_there_is_refused(settings: Settings, path: str) -> None:
    settings.FLOW_PROVIDER = path
    assert faults(settings, "", "") == ["stoory.E004"]


def test_a_secret_that_can_be_guessed_is_refused(settings: Settings) -> None:
    settings.FLOW_EVENTS_SECRETS = ["abcdefghij" * 4, "abcdefghij" * 3]
    assert faults(settings, "", "") == ["stoory.E005"]


@pytest.mark.parametrize(
    ("name", "secret"),
    [
        ("SECRET_KEY", "django-insecure-" + "a0b1c2d3e4f5" * 4),
        ("SECRET_KEY", "changeme" * 7),
        ("JWT_SIGNING_KEY", "k" * 50),
        ("FLOW_EVENTS_SECRETS", ["development-secret-for-flow-events"]),
    ],
)
def test_a_sample_is_for_developers(settings: Settings, name: str, secret: Any) -> None:
    setattr(settings, name, secret)
    settings.DEBUG = True
    assert faults(settings, "", "") == []
    settings.DEBUG = False
    assert faults(settings, "", "") == ["stoory.E007"]


def test_a_name_has_to_fit(settings: Settings) -> None:
    assert faults(settings, HTTPS, "https://" + "i" * 200) == ["stoory.E003"]


def found(debug: bool, settings: Settings, **changes: object) -> list[str]:
    settings.DEBUG = debug
    for name, value in changes.items():
        setattr(settings, name, value)
    return [message.id for message in run_checks() if message.id and message.id.startswith("stoory.") and message.hint]


@pytest.mark.parametrize(("redis_url", "ids"), [("", ["stoory.E011", "stoory.E012"]), ("redis://r", ["stoory.E012"])])
def test_processes_do_not_share_a_port(settings: Settings, redis_url: str, ids: list[str]) -> None:
    assert found(False, settings, WEB_CONCURRENCY=2, REDIS_URL=redis_url) == ids
    assert found(False, settings, WEB_CONCURRENCY=1, REDIS_URL=redis_url) == []


def test_a_layer_that_loses_is_no_bus(settings: Settings) -> None:
    layers = {"default": {"BACKEND": "channels_redis.core.RedisChannelLayer"}}
    assert found(True, settings, CHANNEL_LAYERS=layers) == ["stoory.E013"]


@pytest.mark.parametrize("changes", [{"CORS_ALLOW_ALL_ORIGINS": True}, {"CORS_ALLOWED_ORIGINS": ["*"]}])
def test_any_origin_is_for_developers(settings: Settings, changes: dict[str, object]) -> None:
    assert "stoory.E014" not in found(True, settings, **changes)
    assert "stoory.E014" in found(False, settings, **changes)
