"""Answers: what each type of input takes, and why it does not take the rest."""

from typing import Any

import msgspec
import pytest

from flows.inputs import bounds, read_answers
from flows.schema import Input
from flows.scopes import Scope
from tests.flows.players import TODAY

SCOPE: Scope = {"ctx": {"offer": "400.00", "empty": None}}


def field(kind: str, **more: Any) -> Input:
    return msgspec.convert({"type": kind, "id": "x", "label": "X", **more}, Input)  # type: ignore[no-any-return]


def read(asked: Input, value: Any) -> Any:
    """The value that was taken, or the error."""
    answers = read_answers((asked,), {"x": value}, SCOPE, TODAY)
    return answers.errors.get("x", answers.values.get("x"))


CHOICE = {"options": [{"value": "a", "label": "A"}, {"value": "b", "label": "B"}]}


@pytest.mark.parametrize(
    ("asked", "value", "taken"),
    [
        (field("text"), "  hello ", "hello"),
        (field("text", multiline=True), "a\nb", "a\nb"),
        (field("text", format="url"), "https://example.org/a?b#c", "https://example.org/a?b#c"),
        (field("text", format="email"), "asha@example.org", "asha@example.org"),
        (field("text", format="handle"), "@asha.k", "@asha.k"),
        (field("money"), "9000", "9000.00"),
        (field("money"), 9000, "9000.00"),
        (field("money"), " 12.5 ", "12.50"),
        (field("money", max_ref="ctx.offer"), "400", "400.00"),
        (field("money", max_ref="ctx.empty"), "401", "401.00"),
        (field("number", min=-5), -5, -5),
        (field("date"), "2026-01-05", "2026-01-05"),
        (field("choice", **CHOICE), "b", "b"),
        (field("choice", multiple=True, **CHOICE), ["b", "a"], ["b", "a"]),
        (field("bool"), False, False),
        (field("file", max_count=2), ["f1", "f2"], ["f1", "f2"]),
        (field("text", required=False), "", None),
        (field("file", required=False), [], None),
        (field("date", required=False), None, None),
    ],
)
def test_it_takes(asked: Input, value: Any, taken: Any) -> None:
    assert read(asked, value) == taken


@pytest.mark.parametrize(
    ("asked", "value", "reason"),
    [
        (field("text"), None, "is required"),
        (field("text"), 5, "must be text"),
        (field("text", min_length=3, max_length=4), "ab", "must have 3 to 4 characters"),
        (field("text"), "   ", "must have 1 to 500 characters"),
        (field("text"), "a\nb", "must be one line"),
        (field("text"), "a\x00", "NUL characters are not allowed"),
        (field("text"), "\ud800", "Lone surrogates are not allowed"),
        (field("text", format="url"), "javascript:alert(1)", "must be a web address like https://example.org/post"),
        (field("text", format="url"), "http://[", "must be a web address like https://example.org/post"),
        (field("text", format="email"), "asha@", "must be an email address"),
        (field("text", format="handle"), "a b", "must be the name of an account, like @asha"),
        (field("money"), 11.5, 'must be a decimal number in quotes, like "9000.00"'),
        (field("money"), True, 'must be a decimal number in quotes, like "9000.00"'),
        (field("money"), "1.234", 'must be an amount with at most two decimals, like "9000.00"'),
        (field("money"), "NaN", 'must be an amount with at most two decimals, like "9000.00"'),
        (field("money"), "1e5", 'must be an amount with at most two decimals, like "9000.00"'),
        (field("money"), "٣٤", 'must be an amount with at most two decimals, like "9000.00"'),
        (field("money", min="100", max_ref="ctx.offer"), "400.01", "must be between 100 and 400.00"),
        (field("money", min_ref="ctx.offer", max="500"), "399", "must be between 400.00 and 500"),
        (field("number", max=9), 10, "must be between 0 and 9"),
        (field("number"), "5", "must be a whole number"),
        (field("number"), True, "must be a whole number"),
        (field("date", min_days=2, max_days=3), "2026-01-06", "must be between 2026-01-07 and 2026-01-08"),
        (field("date"), "20260110", "must be a date like 2026-12-31"),
        (field("date"), "9999-12-31", "must be a date like 2026-12-31"),
        (field("date"), "2026-02-30", "must be a date like 2026-12-31"),
        (field("choice", **CHOICE), "c", "must be one of a, b"),
        (field("choice", **CHOICE), ["a"], "must be one of a, b"),
        (field("choice", multiple=True, **CHOICE), ["a", "a"], "must be some of a, b"),
        (field("choice", **CHOICE), {"a": 1}, "must be one of a, b"),
        (field("bool", must_be_true=True), False, "must be accepted"),
        (field("bool"), 1, "must be true or false"),
        (field("file"), ["a", "b"], "must be a list of at most 1 ids of files"),
        (field("file", max_count=3), ["a", "a"], "must be a list of different ids of files"),
        (field("file"), "a", "must be a list of at most 1 ids of files"),
    ],
)
def test_it_says_why_not(asked: Input, value: Any, reason: str) -> None:
    assert read(asked, value) == reason


def test_it_refuses_numbers_that_python_would_not_even_print() -> None:
    assert "amount" in read(field("money"), 10**5000)


def test_all_errors_come_at_once_and_fields_that_nobody_asked_for_are_errors() -> None:
    answers = read_answers((field("text"), field("money", required=False)), {"y": 1, "z" * 99: 2}, SCOPE, TODAY)

    assert answers.errors == {"x": "is required", "y": "is not asked for", "z" * 64: "is not asked for"}


def test_an_error_names_no_more_than_some_unknown_fields() -> None:
    answers = read_answers((), {f"y{number}": 1 for number in range(1000)}, SCOPE, TODAY)

    assert 0 < len(answers.errors) <= 20


@pytest.mark.parametrize(
    ("asked", "limits"),
    [
        (field("money", min="10", max_ref="ctx.offer"), ("10", "400.00")),
        (field("money", min="500", min_ref="ctx.offer"), ("500", "10000000")),
        (field("number", min=1, max=3), (1, 3)),
        (field("date", min_days=1, max_days=2), ("2026-01-06", "2026-01-07")),
        (field("bool"), None),
    ],
)
def test_bounds_are_those_of_the_moment(asked: Input, limits: object) -> None:
    assert bounds(asked, SCOPE, TODAY) == limits
