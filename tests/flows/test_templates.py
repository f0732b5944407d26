"""Texts with placeholders: one pass, four ways to write a value, nothing else."""

import pytest

from flows.scopes import Scope
from flows.templates import is_well_formed, render
from tests.flows.players import small

SCOPE: Scope = {
    "ctx": {"price": "1234567.50", "day": "2026-03-01", "files": ["a", "b"], "empty": None, "evil": "{{ctx.price}}"},
    "input": {"note": None},
}


@pytest.mark.parametrize(
    ("text", "rendered"),
    [
        ("{{ctx.price|money}}", "₹1,234,567.50"),
        ("{{ ctx.price | money }}", "₹1,234,567.50"),
        ("{{ctx.day|date}}", "1 Mar 2026"),
        ("{{ctx.files|count}} files: {{ctx.files}}", "2 files: a, b"),
        ("{{ctx.empty}}", "\u2014"),
        ("So: {{input.note}}", "So:"),
        ("{{ctx.evil}}", "{{ctx.price}}"),
        ("{{ctx.price.__class__}}", "{{ctx.price.__class__}}"),
        ("{% debug %} ${x} {0}", "{% debug %} ${x} {0}"),
    ],
)
def test_it_replaces_placeholders_and_nothing_else(text: str, rendered: str) -> None:
    assert render(small(), text, SCOPE) == rendered


@pytest.mark.parametrize("text", ["{{ctx.price", "{{ctx.a.b}}", "{{ctx}}", "{{ctx.a|b|c}}", "{% if %}", "}}"])
def test_it_knows_braces_that_are_no_placeholder(text: str) -> None:
    assert not is_well_formed(text)
