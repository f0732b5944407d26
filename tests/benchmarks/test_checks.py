"""A server that does wrong has no figures."""

from typing import Any

import msgspec
import pytest

from benchmarks.load import CheckFailedError, Operated

RIGHT = Operated(
    issued=2,
    acknowledged=2,
    twice=0,
    refused=0,
    did={"send": 2},
    expected={"ack": 2, "new": 4},
    heard={"ack": 2, "new": 4},
    unknown=0,
    lost=0,
    error="",
    p50=1.0,
    p99=2.0,
    seconds=0.5,
    load=0.1,
)


def test_it_takes_what_is_right() -> None:
    RIGHT.check()

    assert (RIGHT.rate, RIGHT.deliveries) == (4, 6)


@pytest.mark.parametrize(
    "fault",
    [
        {"acknowledged": 1},
        {"twice": 1},
        {"refused": 1},
        {"lost": 1},
        {"unknown": 1},
        {"heard": {"ack": 2, "new": 3}},
        {"heard": {"ack": 3, "new": 4}},
        {"issued": 0, "acknowledged": 0},
    ],
    ids=str,
)
def test_it_refuses_what_is_not(fault: dict[str, Any]) -> None:
    with pytest.raises(CheckFailedError):
        msgspec.structs.replace(RIGHT, **fault).check()
