"""The families' stories, one a seed, and one that all are in; told over every transport."""

import sys
from collections.abc import Callable

import pytest

from tests.e2e.conftest import Stage, Tell
from tests.e2e.servers import ROOT

SECONDS = 50.0
pytestmark = pytest.mark.slow


@pytest.fixture
def tell_family(tell: Tell, stage: Stage) -> Callable[[str], str]:
    """Tell a story in which staff acts from the product's shell."""
    manage = {"python": sys.executable, "folder": str(ROOT), "env": stage.env}
    return lambda story: tell(story, seconds=SECONDS, manage=manage)


@pytest.mark.parametrize("story", ["feed", "messenger", "workspace", "work"])
def test_it_follows_the_seed(tell_family: Callable[[str], str], story: str) -> None:
    tell_family(story)


def test_it_is_one_conversation_for_five_families(tell_family: Callable[[str], str]) -> None:
    tell_family("five_readers")
