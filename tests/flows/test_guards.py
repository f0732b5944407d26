"""Conditions as data."""

from typing import Any

import msgspec
import pytest

from flows.guards import UNKNOWN, passes, verdict
from flows.schema import Guard
from flows.scopes import Scope
from tests.flows.players import small

CONTEXT = {"price": "90.00", "round": 2, "day": "2026-03-01", "note": "busy", "empty": None, "secret": UNKNOWN}
SCOPE: Scope = {"ctx": CONTEXT, "limits": {"rounds": 3}}


def guard(**parts: list[tuple[Any, ...]]) -> Guard:
    rows = {
        name: [dict(zip(("var", "op", "value"), row, strict=False)) for row in all_] for name, all_ in parts.items()
    }
    return msgspec.convert(rows, Guard)


@pytest.mark.parametrize(
    ("row", "holds"),
    [
        (("ctx.price", "lt", "100"), True),  # as amounts; as texts "90.00" comes after "100"
        (("ctx.price", "eq", "90"), True),
        (("ctx.price", "in", ["90", "91"]), True),
        (("ctx.round", "lt", {"var": "limits.rounds"}), True),
        (("ctx.round", "gte", 3), False),
        (("ctx.day", "lte", "2026-03-01"), True),
        (("ctx.note", "not_in", ["busy"]), False),
        (("ctx.note", "ne", "free"), True),
        (("ctx.empty", "is_unset"), True),
        (("ctx.empty", "is_set"), False),
        (("ctx.note", "is_set"), True),
    ],
)
def test_it_compares_by_type(row: tuple[Any, ...], holds: bool) -> None:
    assert passes(small(), guard(all=[row]), SCOPE) is holds


@pytest.mark.parametrize("op", ["eq", "ne", "lt", "lte", "gt", "gte", "in", "not_in"])
def test_a_comparison_with_nothing_is_false(op: str) -> None:
    value = ["1"] if op.endswith("in") else "1"
    assert not passes(small(), guard(all=[("ctx.empty", op, value)]), SCOPE)
    assert not passes(small(), guard(all=[("ctx.note", op, {"var": "ctx.empty"})]), SCOPE)


def test_all_and_any_combine() -> None:
    yes, no = ("ctx.round", "eq", 2), ("ctx.round", "eq", 9)

    assert passes(small(), None, SCOPE)
    assert passes(small(), guard(all=[yes], any=[no, yes]), SCOPE)
    assert not passes(small(), guard(all=[yes], any=[no]), SCOPE)
    assert not passes(small(), guard(all=[yes, no]), SCOPE)


def test_what_is_not_known_may_go_either_way() -> None:
    maybe, yes, no = ("ctx.secret", "eq", "x"), ("ctx.round", "eq", 2), ("ctx.round", "eq", 9)

    assert verdict(small(), guard(all=[maybe]), SCOPE) is None
    assert verdict(small(), guard(all=[maybe, no]), SCOPE) is False
    assert verdict(small(), guard(any=[maybe, yes]), SCOPE) is True
    assert verdict(small(), guard(any=[maybe, no]), SCOPE) is None
    assert verdict(small(), guard(all=[("ctx.secret", "is_set")]), SCOPE) is True
