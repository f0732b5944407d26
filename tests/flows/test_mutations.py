"""The checks check: whatever is broken in a shipped flow, they say so."""

import copy
import json
from collections.abc import Iterator
from typing import Any

import pytest
from msgspec.structs import replace

from flows.definitions import KEYS, document
from flows.graph import sites
from flows.mermaid import mermaid
from flows.schema import Definition, Transition
from tests.flows.players import SHIPPED, findings

pytestmark = pytest.mark.slow

Document = dict[str, Any]
DOCUMENTS: dict[str, Document] = {key: json.loads(document(key)) for key in KEYS}


def transitions(flow: Document) -> Iterator[tuple[str, Document]]:
    """The transitions of a document, with their states."""
    for name, state in flow["states"].items():
        for kind in ("actions", "events", "timers"):
            yield from ((name, transition) for transition in state.get(kind, []))


@pytest.mark.parametrize(("key", "state"), [(key, name) for key in KEYS for name in DOCUMENTS[key]["states"]])
def test_a_missing_state_is_reported(key: str, state: str) -> None:
    flow = copy.deepcopy(DOCUMENTS[key])
    del flow["states"][state]

    assert any(found.startswith("error: ") for found in findings(flow))


@pytest.mark.parametrize("key", KEYS)
def test_every_transition_to_nowhere_is_reported(key: str) -> None:
    flow = copy.deepcopy(DOCUMENTS[key])
    for state, transition in transitions(flow):
        if "to" in transition:
            right, transition["to"] = transition["to"], "nowhere"
            assert any("There is no state 'nowhere'" in found for found in findings(flow)), (state, transition)
            transition["to"] = right


@pytest.mark.parametrize("key", KEYS)
def test_every_transition_to_an_end_of_the_wrong_kind_is_reported(key: str) -> None:
    """A timer that cancels, a button that expires, a payment that opens the chat: the rest is the outline's to show."""
    flow = copy.deepcopy(DOCUMENTS[key])
    for state, transition in transitions(flow):
        for wrong in ("expired", "real_time") if key == "campaign" else ("expired",):
            paid = state == "work_approved" or "escrow.release" in transition.get("do", {}).get("call", [])
            late = "after" in transition or "at" in transition
            if transition.get("to") not in (None, wrong) and not (late if wrong == "expired" else paid):
                right, transition["to"] = transition["to"], wrong
                assert findings(flow), (state, transition)
                transition["to"] = right


@pytest.mark.parametrize("key", KEYS)
def test_every_change_of_a_target_shows_in_the_outline(key: str) -> None:
    definition = SHIPPED[key]
    outline = mermaid(definition)
    for site in sites(definition):
        for target in definition.states.keys() - set(site.transition.targets) if site.transition.targets else ():
            assert mermaid(retargeted(definition, site.state, site.transition, target)) != outline


def retargeted(definition: Definition, name: str, transition: Transition, target: str) -> Definition:
    state = definition.states[name]
    parts: dict[str, Any] = {
        kind: tuple(replace(each, to=target) if each is transition else each for each in getattr(state, kind))
        for kind in ("actions", "events", "timers")
    }
    return replace(definition, states=definition.states | {name: replace(state, **parts)})


@pytest.mark.parametrize("key", KEYS)
def test_every_missing_payment_effect_is_reported(key: str) -> None:
    flow = copy.deepcopy(DOCUMENTS[key])
    for state, transition in transitions(flow):
        calls = transition.get("do", {}).get("call", [])
        if {"escrow.hold", "escrow.release", "escrow.refund", "escrow.create_order"} & set(calls):
            transition["do"]["call"] = []
            assert any(found.startswith("error: ") for found in findings(flow)), (state, transition)
            transition["do"]["call"] = calls


@pytest.mark.parametrize("key", KEYS)
def test_every_missing_bound_of_a_loop_is_reported(key: str) -> None:
    for counter in ("round", "questions", "revisions", "payment_attempts"):
        flow = copy.deepcopy(DOCUMENTS[key])
        bounded = [transition for _, transition in transitions(flow) if f"ctx.{counter}" in str(transition.get("when"))]
        for transition in bounded:
            del transition["when"]

        assert any("round for ever" in found for found in findings(flow)) == bool(bounded)


@pytest.mark.parametrize("key", KEYS)
def test_every_missing_value_is_reported(key: str) -> None:
    """All that is set is shown, timed or paid later; but for what people only read in the history."""
    flow = copy.deepcopy(DOCUMENTS[key])
    needed = {"offer_amount", "agreed_amount", "deadline", "payment_id", "revision_notes", "publish_on", "post_url"}
    for state, transition in transitions(flow):
        assignments = transition.get("do", {}).get("set", {})
        for name in needed & assignments.keys():
            source = assignments.pop(name)
            reported = findings(flow)
            assignments[name] = source
            assert reported or name == "offer_amount", (state, transition)
