"""All that is said is written about, as it is said: golden payloads, inbound payloads and examples fit the schemas."""

from typing import Any

import pytest

from flows.cards import Button as FlowButton
from flows.cards import Card as FlowCard
from messaging.shapes import Button, Card
from stoory.errors import DomainError
from stoory.http import parse
from stoory.realtime.registry import FAMILIES, Emitted, Family, Heard
from stoory.realtime.vocabulary.base import EVERY_ERROR
from tests.contracts.answers import ANSWERS, FAULTS, answered
from tests.contracts.golden import GOLDEN, Golden, said
from tests.contracts.inbound import INBOUND
from tests.contracts.samples import ALICE, SAMPLES
from tests.contracts.schemas import EMITTED, HEARD, REGISTRY, faults
from tests.docs.test_references import errors

every_family = pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.name)
every_emitted = pytest.mark.parametrize("event", REGISTRY.emitted, ids=lambda event: f"{event.family} {event.name}")
every_heard = pytest.mark.parametrize("event", REGISTRY.heard, ids=lambda event: f"{event.family} {event.name}")

ACKS = [golden for golden in GOLDEN if golden.event == "ack"]
FROM_THE_SERVER = {"auth:expiring"}  # said by no contract


@every_family
def test_it_tells_of_what_is_routed_and_of_nothing_else(family: Family) -> None:
    assert set(family.words.says) == set(family.contract.inbound)


@every_family
def test_it_tells_of_what_is_emitted_and_of_nothing_else(family: Family) -> None:
    samples = {each.event for sample in SAMPLES.values() for each in said(sample) if each.family == family.name}
    cases = [*ANSWERS[family.name], *FAULTS[family.name]]
    answers = {each.event for given in cases for each in answered(family.name, given)} - {"ack"}
    golden = {each.event for each in GOLDEN if each.family == family.name} - {"ack"}
    assert samples | answers <= golden
    assert golden == set(family.words.hears) - FROM_THE_SERVER


@pytest.mark.parametrize("golden", [each for each in GOLDEN if each.event != "ack"], ids=lambda each: each.occasion)
def test_a_golden_payload_is_as_described(golden: Golden) -> None:
    assert faults(HEARD[golden.family, golden.event].payload, golden.payload) == []


@pytest.mark.parametrize("golden", ACKS, ids=lambda each: f"{each.family} {each.given}")
def test_an_acknowledgement_is_as_described(golden: Golden) -> None:
    event = EMITTED.get((golden.family, golden.to.removeprefix("the callback of ")))
    if golden.payload["ok"]:
        assert event is not None
        assert faults(event.ack, golden.payload) == []
        return
    refused = REGISTRY.emitted[0].refusal
    assert faults(refused, golden.payload) == []
    assert event is None or golden.payload["error"]["code"] in event.errors


@every_emitted
def test_what_clients_say_is_as_described(event: Emitted) -> None:
    for payload, _ in INBOUND[event.family][event.name].valid:
        assert faults(event.payload, payload) == []


@every_emitted
def test_what_clients_get_wrong_is_not_as_described(event: Emitted) -> None:
    told = INBOUND[event.family][event.name]
    payload = told.valid[0][0]
    for name in told.required:
        assert faults(event.payload, {key: value for key, value in payload.items() if key != name}) != []
    for name, values in told.wrong.items():
        for value in values:
            assert faults(event.payload, payload | {name: value}) != []


@every_emitted
def test_an_example_is_taken(event: Emitted) -> None:
    route = next(family for family in FAMILIES if family.name == event.family).contract.inbound[event.name]
    assert faults(event.payload, event.example) == []
    assert route.request(ALICE, parse(route.payload, event.example)) is not None


@every_emitted
def test_examples_of_answers_are_as_described(event: Emitted) -> None:
    assert faults(event.ack, event.ack_example) == []
    assert faults(event.refusal, event.refusal_example) == []


@every_heard
def test_an_example_of_what_is_heard_is_as_described(event: Heard) -> None:
    assert faults(event.payload, event.example) == []


@pytest.mark.parametrize("golden", [each for each in GOLDEN if each.given in SAMPLES], ids=lambda each: each.occasion)
def test_what_the_log_numbers_is_told_to_be_logged(golden: Golden) -> None:
    if golden.family == "chat":
        is_logged = golden.to.startswith("room:") and SAMPLES[golden.given].seq > 0
        assert is_logged <= HEARD[golden.family, golden.event].hears.is_logged <= golden.to.startswith("room:")


@every_family
def test_what_follows_an_event_is_an_event_of_the_family(family: Family) -> None:
    follows = {name for says in family.words.says.values() for name in (*says.answers, *says.leads_to)}
    assert follows <= set(family.words.hears)


@every_emitted
def test_what_it_answers_is_what_is_answered(event: Emitted) -> None:
    given = next(given for given, (name, _) in ANSWERS[event.family].items() if name == event.name)
    assert [each.event for each in answered(event.family, given)] == [*event.says.answers, "ack"]


def test_every_code_is_one_of_ours() -> None:
    codes = {code for event in REGISTRY.emitted for code in event.errors} | set(EVERY_ERROR)
    known = {error.code for error in errors(DomainError)}
    assert codes <= known


def test_every_type_has_a_name_of_its_own() -> None:
    names = [event.type_name for event in REGISTRY.emitted]
    assert len({*names, *REGISTRY.components}) == len(names) + len(REGISTRY.components)


@pytest.mark.parametrize(("shown", "made"), [(Card, FlowCard), (Button, FlowButton)])
def test_a_card_is_told_as_the_flow_makes_it(shown: Any, made: Any) -> None:
    assert set(made.__annotations__) == set(shown.__annotations__) - {"submitted"}
