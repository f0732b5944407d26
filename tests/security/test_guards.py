"""What is for whoever runs the server: asked from the machine itself, or with the token where there is one."""

from typing import Any

import pytest
from django.core.checks import run_checks
from django.test import RequestFactory

from stoory.guards import is_operator

TOKEN = "t" * 32


def asked(**headers: str) -> bool:
    """Whether a request with these of Django's names in its `META` is the operator's."""
    request = RequestFactory().get("/metrics")
    request.META.update(headers)
    return is_operator(request)


@pytest.mark.parametrize("address", ["127.0.0.1", "127.8.8.8", "::1", "::ffff:127.0.0.1"])
def test_the_machine_itself_may(address: str) -> None:
    assert asked(REMOTE_ADDR=address)


@pytest.mark.parametrize("address", ["203.0.113.9", "10.0.0.1", "2001:db8::1", "", "localhost", "127.0.0.1.example"])
def test_others_may_not(address: str) -> None:
    assert not asked(REMOTE_ADDR=address)


@pytest.mark.parametrize("name", ["X_FORWARDED_FOR", "FORWARDED", "X_REAL_IP", "X_FORWARDED_PROTO", "VIA"])
def test_what_came_through_a_proxy_is_not_the_machines_own(name: str) -> None:
    assert not asked(REMOTE_ADDR="127.0.0.1", **{f"HTTP_{name}": "127.0.0.1"})


def test_who_shows_the_token_may_from_anywhere(settings: Any) -> None:
    settings.METRICS_TOKEN = TOKEN
    assert asked(REMOTE_ADDR="203.0.113.9", HTTP_AUTHORIZATION=f"Bearer {TOKEN}")
    assert asked(REMOTE_ADDR="203.0.113.9", HTTP_X_FORWARDED_FOR="x", HTTP_AUTHORIZATION=f"bearer {TOKEN}")


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer ", f"Basic {TOKEN}", TOKEN, f"Bearer {TOKEN}t", "Bearer ÿ"])
def test_where_there_is_a_token_nothing_else_will_do(settings: Any, header: str) -> None:
    settings.METRICS_TOKEN = TOKEN
    assert not asked(REMOTE_ADDR="127.0.0.1", HTTP_AUTHORIZATION=header)


@pytest.mark.parametrize(("token", "faults"), [("", 0), (TOKEN, 0), (TOKEN[1:], 1)])
def test_a_token_that_can_be_guessed_is_refused(settings: Any, token: str, faults: int) -> None:
    settings.METRICS_TOKEN = token
    assert sum(fault.id == "stoory.E006" for fault in run_checks()) == faults
