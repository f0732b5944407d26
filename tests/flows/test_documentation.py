"""docs/flows.md tells all there is, and its example works."""

import json
from io import StringIO
from pathlib import Path
from typing import Any, get_args

import msgspec
import pytest
from django.core.management import call_command

from flows import schema
from flows.checks.references import LOCAL
from flows.effects import COMPUTATIONS, EFFECTS, EVENTS
from flows.guards import OPERATORS
from flows.snapshots import RefusalCode
from flows.templates import FILTERS
from tests.docs.documents import in_code, marked, prose, read, table
from tests.flows.players import findings

TEXT = read("docs/flows.md")


def part(name: str) -> list[list[str]]:
    return table(TEXT.replace(f"<!-- part: {name} -->", f"<!-- table: {name} -->"), name)


def first_names(rows: list[list[str]]) -> set[str]:
    return {name for row in rows for name in in_code(row[0])}


def test_the_example_passes_all_checks() -> None:
    assert findings(json.loads(marked(TEXT, "flow")["small"].text)) == []


def test_the_script_prints_what_is_shown(tmp_path: Path) -> None:
    for kind in ("flow", "script"):
        (tmp_path / f"{kind}.json").write_text(marked(TEXT, kind)["small"].text)
    written = StringIO()
    call_command("flows", "simulate", str(tmp_path / "flow.json"), script=str(tmp_path / "script.json"), stdout=written)

    assert written.getvalue() == marked(TEXT, "output")["small"].text


@pytest.mark.parametrize("name", ["Definition", "Variable", "State", "Transition", "Action", "Timer"])
def test_every_field_is_explained(name: str) -> None:
    kind: Any = getattr(schema, name)
    shared = {"to", "when", "do", "say"} if name in ("Action", "Timer") else set()

    assert first_names(part(name)) == {field.name for field in msgspec.structs.fields(kind)} - shared


def test_every_input_is_explained() -> None:
    common = {"id", "label", "required", "placeholder", "help"}
    documented = {in_code(row[0])[0]: set(in_code(row[1])) for row in part("Input")}

    assert len(documented) == len(get_args(schema.Input))
    for kind in get_args(schema.Input):
        own = {field.name for field in msgspec.structs.fields(kind)} - common
        assert own <= documented[kind.__struct_config__.tag]


def test_every_effect_event_and_computation_is_listed() -> None:
    listed = {row[0]: (row[1], row[2]) for row in table(TEXT, "effects")}
    assert {name.strip("`"): (in_code(takes), in_code(answers)) for name, (takes, answers) in listed.items()} == {
        effect.name: (list(effect.takes), list(effect.answers)) for effect in EFFECTS.values()
    }
    assert {in_code(row[0])[0]: in_code(row[1]) for row in table(TEXT, "events")} == {
        event.name: list(event.carries) for event in EVENTS.values()
    }
    assert {in_code(row[0])[0]: (in_code(row[1]), in_code(row[2])) for row in table(TEXT, "computations")} == {
        each.name: (list(each.takes), [each.gives]) for each in COMPUTATIONS.values()
    }


def test_every_scope_filter_operator_and_refusal_is_listed() -> None:
    assert first_names(table(TEXT, "scopes")) == set(LOCAL)
    assert {*FILTERS, *OPERATORS, "is_set", "is_unset"} <= set(in_code(prose(TEXT)))
    assert first_names(table(TEXT, "refusals")) == set(get_args(RefusalCode))
