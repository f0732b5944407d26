"""Each story of `stories/`, told in a real Chromium."""

import pytest

from tests.browser.conftest import Show

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("browser")]


def test_staff_logs_in(show: Show) -> None:
    show("admin_login")


def test_two_people_play(show: Show) -> None:
    show("playground")


def test_they_lose_their_connection_and_miss_nothing(show: Show) -> None:
    show("inspector")


def test_the_interfaces_are_read(show: Show) -> None:
    show("documents")


def test_staff_looks_on_and_steps_in(show: Show) -> None:
    show("admin_live")
