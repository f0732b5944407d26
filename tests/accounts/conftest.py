"""An external issuer whose tokens are accepted, and a clock for what its keys are kept for."""

import time
from collections.abc import Iterator

import pytest
from pytest_django import Settings

from stoory import jwks
from tests.accounts.issuer import Issuer, running_issuer, trust


@pytest.fixture
def issuer(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Issuer]:
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    jwks.keys_at.cache_clear()  # of an earlier issuer at the same port
    with running_issuer() as running:
        trust(running, settings)
        yield running


class Clock:
    """The time of the key cache, which can be moved on."""

    def __init__(self) -> None:
        self.ahead = 0.0

    def __call__(self) -> float:
        return time.monotonic() + self.ahead

    def shift(self, *, minutes: float = 0, seconds: float = 0) -> None:
        self.ahead += 60 * minutes + seconds


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(jwks, "monotonic", clock)
    return clock
