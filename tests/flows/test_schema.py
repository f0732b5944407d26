"""The format: everything that is wrong with a document is said at once, with its place; the JSON Schema agrees."""

import json
from typing import Any

import msgspec
import pytest

from flows.decoding import Malformed, decode, decode_json, json_schema
from flows.definitions import KEYS, document, load
from tests.flows.json_schema import violations
from tests.flows.players import SMALL, bent, small


def faults(broken: Any) -> dict[str, str]:
    with pytest.raises(Malformed) as caught:
        decode(broken)
    return dict(caught.value.faults)


def test_it_says_all_that_is_wrong_with_the_places() -> None:
    broken = bent("states.asked.actions.0.inputs.0", {"type": "money", "id": "price", "min": 5, "step": 1})
    broken["states"]["asked"]["actions"][0]["style"] = "huge"
    broken["states"]["answered"]["timers"][0]["say"][0]["to"] = "nobody"
    broken["states"]["left"]["outcome"] = "draw"
    broken["context"]["price"]["type"] = "cash"
    broken["colour"] = "red"
    del broken["currency"]

    assert faults(broken) == {
        "colour": "Unknown field",
        "currency": "This field is required",
        "context.price.type": "Invalid enum value 'cash'",
        "states.asked.actions[0].inputs[0].step": "Unknown field",
        "states.asked.actions[0].inputs[0].label": "This field is required",
        "states.asked.actions[0].inputs[0].min": "Expected `str`, got `int`",
        "states.asked.actions[0].style": "Invalid enum value 'huge'",
        "states.answered.timers[0].say[0].to": "Invalid enum value 'nobody'",
        "states.left.outcome": "Invalid enum value 'draw'",
    }


@pytest.mark.parametrize(
    ("path", "value", "place"),
    [
        ("states.asked.actions.0.inputs.0.type", "colour", "states.asked.actions[0].inputs[0]"),
        ("states.asked.actions.0.inputs", [], None),
        ("states.asked.actions.0.to", 5, "states.asked.actions[0].to"),
        ("states.asked.actions.0.to", [{"state": "left", "if": 1}], "states.asked.actions[0].to[0].if"),
        ("states.asked.actions.0.label", {"en": 5}, "states.asked.actions[0].label.en"),
        ("states.asked.actions.0.label", "x" * 41, "states.asked.actions[0].label"),
        ("states.answered.actions.1.when.all.0.value.var", 1, "states.answered.actions[1].when.all[0].value.var"),
        ("states.asked.actions.0.do.set.price", {"sum": 1}, "states.asked.actions[0].do.set.price.sum"),
        ("states", {}, "states"),
        ("states", [], "states"),
        ("schema", "stoory.flow/2", "schema"),
    ],
)
def test_it_finds_the_innermost_place(path: str, value: Any, place: str | None) -> None:
    if place is None:
        decode(bent(path, value))
    else:
        assert list(faults(bent(path, value))) == [place]


@pytest.mark.parametrize("text", ["", "{", "[]", "null", '"flow"', b"\xff"])
def test_it_refuses_what_is_no_definition(text: str | bytes) -> None:
    with pytest.raises(Malformed):
        decode_json(text)


@pytest.mark.parametrize("key", KEYS)
def test_a_shipped_flow_survives_a_round_trip(key: str) -> None:
    assert load(key).key == load(key).conversation_type == key
    assert decode(msgspec.to_builtins(load(key))) == load(key)


def test_there_is_no_other_shipped_flow() -> None:
    with pytest.raises(KeyError):
        load("../bid")


@pytest.mark.parametrize("key", KEYS)
def test_the_json_schema_accepts_the_shipped_flows(key: str) -> None:
    assert violations(json.loads(document(key)), json_schema()) == []


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("colour", "red"),
        ("currency", ...),
        ("initial", "Not A Name"),
        ("states.asked.awaiting", "staff"),
        ("states.asked.actions.0.label", ""),
        ("states.asked.actions.0.inputs.0.min", 5),
        ("states.asked.actions.0.inputs.0.type", "colour"),
        ("states.asked.timers.0.after", "3 days"),
        ("context.price.type", "cash"),
    ],
)
def test_the_json_schema_refuses_what_the_format_refuses(path: str, value: Any) -> None:
    assert violations(SMALL, json_schema()) == []
    assert violations(bent(path, value), json_schema())


def test_final_states_close_the_conversation_or_open_the_chat() -> None:
    status = {name: state.chat_status for name, state in small().states.items()}

    assert status == {
        "asked": "automated",
        "answered": "automated",
        "real_time": "real_time",
        "left": "closed",
        "late": "closed",
    }
