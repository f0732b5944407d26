"""Pages of our own and of named origins may open sockets; what a request claims about itself makes none ours."""

from typing import Any

import pytest

from stoory.realtime.origins import is_allowed


@pytest.fixture(autouse=True)
def production(settings: Any) -> None:
    settings.CORS_ALLOW_ALL_ORIGINS = False
    settings.CORS_ALLOWED_ORIGINS = ["https://app.example.org"]
    settings.CSRF_TRUSTED_ORIGINS = ["https://admin.example.org"]
    settings.ALLOWED_HOSTS = ["chat.example.org", "localhost"]


@pytest.mark.parametrize(
    ("origin", "host"),
    [
        ("https://app.example.org", "chat.example.org"),
        ("https://admin.example.org", "chat.example.org"),
        ("https://chat.example.org", "chat.example.org"),
        ("https://CHAT.example.org", "chat.EXAMPLE.org"),
        ("http://localhost:8000", "localhost:8000"),
    ],
)
def test_it_lets_in(origin: str, host: str) -> None:
    assert is_allowed(origin, host)


@pytest.mark.parametrize(
    ("origin", "host"),
    [
        ("https://evil.example.com", "chat.example.org"),
        ("https://evil.example.com", "evil.example.com"),
        ("http://localhost:3000", "localhost:8000"),
        ("https://app.example.org.evil.com", "chat.example.org"),
        ("null", "chat.example.org"),
        ("", ""),
        ("https://[", "["),
    ],
)
def test_it_keeps_out(origin: str, host: str) -> None:
    assert not is_allowed(origin, host)


def test_a_developers_server_lets_anybody_in(settings: Any) -> None:
    settings.CORS_ALLOW_ALL_ORIGINS = True
    assert is_allowed("https://anywhere.example.com", "localhost")
