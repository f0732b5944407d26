"""Patience with other processes."""

import time
from collections.abc import Callable

import pytest

PATIENCE_SECONDS = 20.0


@pytest.fixture
def eventually() -> Callable[[Callable[[], bool]], None]:
    """Wait until something holds, which another process brings about."""

    def wait(holds: Callable[[], bool]) -> None:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not holds():
            assert time.monotonic() < deadline, "It did not come about."
            time.sleep(0.05)

    return wait
