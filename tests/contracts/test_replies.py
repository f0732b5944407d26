"""What the asking socket hears is what the golden files say: greetings, replies, faults and acknowledgements."""

from uuid import UUID

import pytest

from stoory.realtime.contracts import CONTRACTS, workspace
from stoory.realtime.contracts.base import Contract
from tests.contracts.answers import ANSWERS, FAULTS, GREETING, REFUSALS, answered
from tests.contracts.golden import ASKING, FAMILIES, GOLDEN, Occasion, occasions, payloads
from tests.contracts.samples import AT, MESSAGE

CASES = [(family, given) for cases in (ANSWERS, FAULTS) for family, named in cases.items() for given in named]
GREETED = [family for family in FAMILIES if family != "work"]  # whose clients connect as chat's

every_contract = pytest.mark.parametrize("contract", CONTRACTS, ids=lambda contract: contract.name)


@pytest.fixture(autouse=True)
def fixed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fix the time, and the id that a send is promised."""
    monkeypatch.setattr(workspace, "uuid7", lambda: UUID(MESSAGE))
    monkeypatch.setattr(workspace, "utc_now", lambda: AT)


@pytest.mark.parametrize("occasion", occasions(answers=True), ids=str)
def test_it_answers_exactly_this(occasion: Occasion) -> None:
    family, event, given, to, _ = occasion
    heard = [each.payload for each in answered(family, given) if (each.event, each.to) == (event, to)]
    assert heard == payloads(occasion)


def test_every_answer_has_a_golden_file() -> None:
    given = [*CASES, *((family, GREETING) for family in GREETED), *(("workspace", name) for name in REFUSALS)]
    heard = {(family, each.event, name, each.to) for family, name in given for each in answered(family, name)}
    assert heard == {golden.occasion[:4] for golden in GOLDEN if golden.is_answer}


@every_contract
def test_every_inbound_event_is_answered_here(contract: Contract) -> None:
    assert set(contract.inbound) == {event for event, _ in ANSWERS[contract.name].values()}


@pytest.mark.parametrize(("family", "given"), CASES)
def test_the_acknowledgement_comes_last_and_once(family: str, given: str) -> None:
    *events, last = answered(family, given)
    assert (last.event, last.payload["ok"]) == ("ack", given in ANSWERS[family])
    assert {each.to for each in events} <= {ASKING}


def test_a_send_is_sent_before_it_is_delivered() -> None:
    told = [each.payload.get("status") for each in answered("workspace", "message:send")]
    assert told == ["SENT", "DELIVERED", None]
