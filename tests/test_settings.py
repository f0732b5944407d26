"""Settings: nothing set is one developer's machine; in production what is missing or weak stops the start."""

import os
import re
import runpy
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured

ROOT = Path(__file__).parent.parent
NAMES = re.findall(r"^# ([A-Z_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE)

Load = Callable[..., dict[str, Any]]

KEY = "k" * 50
POSTGRES = "postgres://user:secret@db.example.org:5433/stoory"
REDIS = "redis://bus.example.org/0"
PRODUCTION = {
    "DEBUG": "0",
    "SECRET_KEY": "".join(map(chr, range(48, 122))),
    "ALLOWED_HOSTS": "example.org",
    "FLOW_PROVIDER": "tests.worker.bank.Bank",
}


@pytest.fixture
def load(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Load:
    """Run settings.py alone, on a machine of its own, with nothing but the given environment."""
    settings = tmp_path / "stoory" / "settings.py"
    settings.parent.mkdir()
    shutil.copy(ROOT / "stoory" / "settings.py", settings)
    for name in NAMES:
        monkeypatch.delenv(name, raising=False)

    def run(**environment: str) -> dict[str, Any]:
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        return runpy.run_path(str(settings))

    return run


def manage(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    unset = dict.fromkeys(NAMES, "")
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        env={**{name: value for name, value in os.environ.items() if name not in unset}, **environment},
        capture_output=True,
        text=True,
        check=False,
    )


# Where it runs


def test_nothing_set_is_a_developers_machine(load: Load, tmp_path: Path) -> None:
    settings = load()
    assert settings["DEBUG"] is True
    assert settings["DATABASES"]["default"]["ENGINE"] == "django.db.backends.sqlite3"
    assert settings["DATABASES"]["default"]["NAME"] == str(tmp_path / "var" / "stoory.sqlite3")
    assert settings["CHANNEL_LAYERS"]["default"]["BACKEND"] == "channels.layers.InMemoryChannelLayer"


def test_a_database_url_switches_to_postgresql(load: Load) -> None:
    database = load(DATABASE_URL=POSTGRES, SECRET_KEY=KEY)["DATABASES"]["default"]
    assert database["ENGINE"] == "django.db.backends.postgresql"
    assert (database["HOST"], database["PORT"], database["NAME"]) == ("db.example.org", 5433, "stoory")
    assert database["OPTIONS"]["pool"]["max_size"] == 8
    assert database["CONN_MAX_AGE"] == 0


def test_a_redis_url_switches_to_its_pub_sub(load: Load) -> None:
    layer = load(REDIS_URL=REDIS, SECRET_KEY=KEY)["CHANNEL_LAYERS"]["default"]
    assert layer["BACKEND"] == "channels_redis.pubsub.RedisPubSubChannelLayer"
    assert layer["CONFIG"]["hosts"][0]["address"] == REDIS


@pytest.mark.parametrize("environment", [{"DATABASE_URL": POSTGRES}, {"REDIS_URL": REDIS}])
def test_a_database_and_a_bus_change_nothing_else(load: Load, environment: dict[str, str]) -> None:
    assert load(**environment)["DEBUG"] is True


def test_a_key_alone_makes_a_server_for_this_machine(load: Load) -> None:
    settings = load(SECRET_KEY=KEY)
    assert settings["DEBUG"] is False
    assert settings["ALLOWED_HOSTS"] == ["localhost", "127.0.0.1", "[::1]"]
    assert "SECURE_SSL_REDIRECT" not in settings


def test_hosts_make_it_public(load: Load) -> None:
    settings = load(SECRET_KEY=KEY, ALLOWED_HOSTS="example.org")
    assert settings["DEBUG"] is False
    assert settings["ENABLE_TEST_MESSAGE"] is False
    assert settings["ALLOWED_HOSTS"] == ["example.org"]
    assert settings["CORS_ALLOW_ALL_ORIGINS"] is False
    assert all(settings[f"{name}_SECURE"] for name in ("SESSION_COOKIE", "CSRF_COOKIE"))
    assert settings["SECURE_SSL_REDIRECT"] is True


# Flows


def test_a_developer_has_the_sandbox_and_a_known_secret_and_others_have_neither(load: Load) -> None:
    settings = load()
    assert settings["FLOW_PROVIDER"] == "flows.sandbox.Sandbox"
    assert settings["FLOW_EVENTS_SECRETS"] == ["development-secret-for-flow-events"]
    settings = load(SECRET_KEY=KEY)
    assert settings["FLOW_PROVIDER"] == ""
    assert settings["FLOW_EVENTS_SECRETS"] == []


def test_the_sandbox_answers_only_where_it_is_told_to(load: Load) -> None:
    assert load()["SANDBOX_ANSWERS"] is False
    assert load(SANDBOX_ANSWERS="1")["SANDBOX_ANSWERS"] is True


# Keys


@pytest.mark.parametrize(
    ("key", "environment"), [("", {"DEBUG": "0"}), ("k" * 49, {"DEBUG": "0"}), ("k" * 49, {"DATABASE_URL": POSTGRES})]
)
def test_no_key_or_a_short_one_is_refused(load: Load, key: str, environment: dict[str, str]) -> None:
    with pytest.raises(ImproperlyConfigured, match="Set SECRET_KEY to at least 50 random characters"):
        load(SECRET_KEY=key, **environment)


def test_a_short_key_for_tokens_is_refused(load: Load) -> None:
    with pytest.raises(ImproperlyConfigured, match="JWT_SIGNING_KEY needs at least 32 bytes"):
        load(SECRET_KEY=KEY, JWT_SIGNING_KEY="k" * 31)


def test_tokens_have_a_key_of_their_own(load: Load) -> None:
    settings = load(SECRET_KEY=KEY)
    assert settings["SIMPLE_JWT"]["SIGNING_KEY"] not in ("", KEY)
    assert load(JWT_SIGNING_KEY="j" * 32)["SIMPLE_JWT"]["SIGNING_KEY"] == "j" * 32


@pytest.mark.parametrize("name", ["JWT_EXPIRY_POLICY_OWN", "JWT_EXPIRY_POLICY_EXTERNAL"])
def test_a_policy_that_is_none_is_refused(load: Load, name: str) -> None:
    with pytest.raises(ImproperlyConfigured, match="Invalid value: lax"):
        load(**{name: "lax"})


def test_a_developers_key_survives_a_restart_and_is_nobody_elses(load: Load, tmp_path: Path) -> None:
    key = load()["SECRET_KEY"]
    assert len(key) >= 50
    assert load()["SECRET_KEY"] == key
    assert (tmp_path / "var" / "secret_key").stat().st_mode & 0o777 == 0o600


# As it is started


@pytest.mark.slow
@pytest.mark.parametrize("key", ["", "short"])
def test_the_start_ends_with_a_clear_message(key: str) -> None:
    ended = manage("check", DEBUG="0", SECRET_KEY=key)
    assert ended.returncode != 0
    assert "Set SECRET_KEY to at least 50 random characters" in ended.stderr


@pytest.mark.slow
@pytest.mark.parametrize("urls", [{}, {"DATABASE_URL": POSTGRES, "REDIS_URL": REDIS}])
def test_it_is_ready_to_be_deployed(urls: dict[str, str]) -> None:
    ended = manage("check", "--deploy", "--fail-level", "WARNING", **PRODUCTION, **urls)
    assert ended.returncode == 0, ended.stderr
    assert "no issues (0 silenced)" in ended.stdout
