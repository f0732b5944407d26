"""Whatever an author writes, the checks answer; what they let through, the interpreter plays and the pictures show."""

import contextlib
import copy
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from flows.checks import check_document
from flows.mermaid import mermaid
from flows.pictures import svg
from flows.simulation import CannotStart, Simulation
from tests.flows.players import SMALL
from tests.flows.test_stateful import JSON

pytestmark = pytest.mark.slow

Place = tuple[str | int, ...]


def places(value: Any, path: Place = ()) -> Iterator[Place]:
    """All places inside a document."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        yield (*path, key)
        yield from places(item, (*path, key))


def planted(document: Any, place: Place, value: Any) -> Any:
    changed = copy.deepcopy(document)
    part = changed
    for key in place[:-1]:
        part = part[key]
    part[place[-1]] = value
    return changed


def found(document: Any, place: Place) -> Any:
    for key in place:
        document = document[key]
    return document


PLACES = list(places(SMALL))
PIECES = [found(SMALL, place) for place in PLACES]
WORDS = [
    "left",
    "asked",
    "ctx.price",
    "input.price",
    "{{ctx.price|money}}",
    "{{",
    "P1D",
    "P9999D",
    "escrow.hold",
    "5",
    "",
]
relaxed = settings(max_examples=400, deadline=None, database=None, suppress_health_check=list(HealthCheck))


@relaxed
@example(place=("context", "note", "at_start"), value=True)
@given(place=st.sampled_from(PLACES), value=JSON | st.sampled_from(WORDS) | st.sampled_from(PIECES))
def test_any_change_is_judged(place: Place, value: Any) -> None:
    report = check_document(planted(SMALL, place, value))

    if not report.errors:
        assert report.definition
        asks = any(variable.at_start is True for variable in report.definition.context.values())
        with pytest.raises(CannotStart) if asks else contextlib.nullcontext():
            Simulation(report.definition)
        assert svg(report.definition)
        assert mermaid(report.definition)


@relaxed
@given(document=JSON)
def test_any_document_is_judged(document: Any) -> None:
    assert check_document(document).errors
