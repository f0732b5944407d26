"""The pictures of README.md: taken when asked for (`make screenshots`), and otherwise as they were."""

import os

import pytest

from tests.browser.conftest import Show
from tests.e2e.servers import ROOT

MOST_BYTES = 200_000
PICTURES = ROOT / "docs" / "images"


@pytest.mark.slow
@pytest.mark.once
@pytest.mark.skipif("SCREENSHOTS" not in os.environ, reason="Pictures are taken by `make screenshots`.")
def test_pictures_are_taken(show: Show) -> None:
    show("pictures")


def test_pictures_are_small() -> None:
    pictures = list(PICTURES.glob("*.png"))
    assert pictures
    assert {path.name: path.stat().st_size for path in pictures if path.stat().st_size > MOST_BYTES} == {}
