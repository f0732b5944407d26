"""Each check, on a small flow with one fault."""

from typing import Any

import pytest

from flows.checks import check
from flows.definitions import KEYS
from tests.flows.players import SHIPPED, SMALL, bent, findings

FAULTS: list[tuple[str, Any, str]] = [
    ("key", "Small", "error: $: 'Small' is not a name"),
    ("currency", "rupees", "error: currency: 'rupees' is not a currency"),
    ("timezone", "Mars/Olympus", "error: timezone: 'Mars/Olympus' is not a timezone"),
    ("title", {"hi": "छोटा"}, "error: title: The language 'en' is missing"),
    ("title", {"en": "A", "English!": "B"}, "error: title.English!: 'English!' is not a language"),
    ("states.asked.timers.0.after", "3 days", "error: states.asked.timers[0].after: '3 days' is not a duration"),
    ("states.asked.timers.0.after", "P0D", "error: states.asked.timers[0].after: This must be more than no time"),
    ("states.answered.timers.0.repeat", "PT59M", "timers[0].repeat: A reminder comes once an hour at most"),
    ("states.asked.actions.0.inputs.0.min", "ten", "error: states.asked.actions[0].inputs[0]: min and max are amounts"),
    ("states.asked.actions.0.inputs.0.min", "501", "error: states.asked.actions[0].inputs[0]: min is more than max"),
    ("states.asked.actions.0.inputs.0.min_ref", "price", "'price' is not a reference like ctx.price"),
    ("context.round.initial", "0", "error: context.round.initial: This must be a whole number"),
    ("context.price.initial", "5", "error: context.price.initial: Write it as '5.00'"),
    ("initial", "nowhere", "error: initial: There is no state 'nowhere'"),
    ("states.asked.actions.0.to", "nowhere", "error: states.asked.actions[0].to: There is no state 'nowhere'"),
    ("states.asked.actions.0.do.set.cost", "input.price", "do.set.cost: There is no variable 'cost'"),
    ("states.asked.actions.0.do.set.price", "input.cost", "do.set.price: input.cost does not exist here"),
    ("states.asked.actions.0.do.set.note", "input.price", "input.price is of type money, note of type text"),
    ("states.asked.actions.0.do.set.price", {}, "do.set.price: Give exactly one of value and compute"),
    ("states.asked.actions.0.do.set.price", {"value": True}, "True is not of type money"),
    ("states.asked.actions.0.do.set.price", {"compute": "money.magic"}, "There is no computation 'money.magic'"),
    ("states.asked.actions.0.do.set.price", {"compute": "money.fee"}, "money.fee takes ctx.agreed_amount"),
    ("states.asked.actions.0.do.inc", ["price"], "do.inc: price is not a whole number"),
    ("states.asked.actions.0.do.call", ["shell.run"], "do.call: There is no effect 'shell.run'"),
    ("states.asked.actions.0.do.call", ["escrow.hold"], "escrow.hold takes ctx.payment_id"),
    ("states.asked.events", [{"event": "moon.full", "to": "left"}], "There is no event 'moon.full'"),
    ("states.asked.prompt.influencer.text", "{{ctx.cost}}", "ctx.cost does not exist here"),
    ("states.asked.prompt.influencer.text", "{{input.price|money}}", "input.price does not exist here"),
    ("states.asked.prompt.influencer.text", "{{ctx.price}}", "ctx.price is of type money: write {{ctx.price|money}}"),
    ("states.asked.prompt.influencer.text", "{{ctx.note|money}}", "ctx.note is of type text: write {{ctx.note}}"),
    ("states.asked.prompt.influencer.text", "{{ctx.note|upper}}", "There is no filter 'upper'"),
    ("states.asked.prompt.influencer.text", "{{ctx.note", "Braces that are no placeholder"),
    ("states.answered.actions.1.when.all.0.var", "ctx.rounds", "ctx.rounds does not exist here"),
    ("states.answered.actions.1.when.all.0.var", "input.price", "input.price does not exist here"),
    ("states.answered.actions.1.when.all.0.value", "2", "'2' is not what ctx.round (int) is compared to"),
    ("states.answered.actions.1.when.all.0.value.var", "ctx.price", "lt can't compare ctx.round and ctx.price"),
    (
        "states.answered.actions.1.when.all.0",
        {"var": "ctx.note", "op": "lt", "value": "a"},
        "lt does not compare",
    ),
    ("states.answered.actions.1.when.all.0", {"var": "ctx.note", "op": "in", "value": "a"}, "compared to by in"),
    ("states.answered.actions.1.when.all.0", {"var": "ctx.note", "op": "is_set", "value": "a"}, "takes no value"),
    ("states.answered.timers.0.at", "ctx.price", "timers[0].at: ctx.price is not a date"),
    ("states.real_time.chat", ..., "A flow has a state real_time"),
    ("states.late.actions", [{"id": "a", "role": "staff", "label": "A", "to": "left"}], "Nothing leads out of a final"),
    ("states.late.awaiting", "influencer", "A final state awaits nobody"),
    ("states.asked.chat", "real_time", "Only a final state opens the chat"),
    ("states.asked.prompt", ..., "There is no prompt for influencer, who is awaited"),
    ("states.asked.awaiting", "brand_owner", "awaits brand_owner, who has no action in it"),
    ("states.asked.actions.0.role", "staff", "Staff has actions where influencer is awaited"),
    ("states.asked.timers", [], "error: states.asked.timers: This state waits for influencer and never expires"),
    ("states.asked.actions.0.id", "leave", "error: states.asked.actions: 'leave' is here twice"),
    ("states.asked.actions.0.inputs.2", {"type": "date", "id": "day", "label": "D"}, "inputs: 'day' is here twice"),
    ("states.answered.timers.0.to", "late", "A reminder does not change the state"),
    ("states.answered.timers.0.after", ..., "Give exactly one of after and at"),
    ("states.answered.timers.0.after", "P5D", "warning: states.answered.timers[0].after: The state has expired before"),
    ("states.answered.timers.0.say", [], "warning: states.answered.timers[0]: remind does nothing"),
    ("states.asked.timers.0.to", ..., "This timer leads nowhere"),
    ("states.asked.timers.0.repeat", "P1D", "An expiry happens once and under all conditions"),
    ("states.asked.timers.0.to", "left", "expire ends the conversation as lost; timers, and only they, expire it"),
    ("states.asked.actions.1.to", "late", "leave ends the conversation as expired; timers, and only they, expire it"),
    ("states.asked.actions.1.style", "primary", "warning: states.asked.actions[1].style: leave is a primary button"),
    ("states.asked.actions.0.say.1", {"to": "both", "text": "Hi"}, "brand_owner gets more than one message"),
    ("states.asked.actions.1.to", ..., "warning: states.asked.actions[1]: leave does nothing"),
    ("states.asked.actions.1.to", [{"state": "left", "when": {}}], "The last branch has no condition"),
    ("states.asked.actions.1.to", [{"state": "left"}, {"state": "late"}], "are never taken"),
    (
        "states.asked.actions.0.do.set",
        {},
        "states.answered.prompt.brand_owner.text: ctx.price may be empty here",
    ),
    ("states.answered.timers.0", {"id": "x", "at": "ctx.day", "to": "late"}, "timers[0]: ctx.day may be empty here"),
    ("start", {"call": ["escrow.create_order"]}, "error: start.call: escrow.create_order takes ctx.agreed_amount"),
    ("start", {"call": ["shell.run"]}, "error: start.call: There is no effect 'shell.run'"),
    ("start", {"set": {"note": "ctx.note"}}, "error: start.set: ctx.note may be empty here"),
    ("states.lonely", SMALL["states"]["asked"], "error: states.lonely: Nothing leads to this state"),
    ("states.answered.actions.1.when", ..., "The parties can go round for ever: answered, asked"),
    ("limits.rounds", 0, "warning: states.answered.actions[1]: refuse can never happen"),
]


def test_the_small_flow_has_no_faults() -> None:
    assert findings(SMALL) == []


@pytest.mark.parametrize(("path", "value", "said"), FAULTS, ids=lambda value: str(value)[:60])
def test_a_fault_is_reported(path: str, value: Any, said: str) -> None:
    found = findings(bent(path, value))

    assert any(said in finding for finding in found), found


@pytest.mark.parametrize("key", KEYS)
def test_the_shipped_flows_have_no_faults(key: str) -> None:
    report = check(SHIPPED[key])

    assert [str(finding) for finding in report.findings] == []
    assert report.configurations > 500


def test_a_state_must_end_without_the_parties() -> None:
    document = bent("states.asked.actions.1.to", "stuck")
    document["states"]["stuck"] = {
        "title": "Stuck",
        "phase": "done",
        "actions": [{"id": "go", "role": "brand_owner", "label": "Go", "to": "left"}],
    }

    assert findings(document) == ["error: states.stuck: This hangs for ever if both parties stay silent"]


def test_a_state_without_a_way_to_an_end_is_reported_with_the_way_into_it() -> None:
    document = bent("states.asked.actions.1.to", "here")
    for name, other in (("here", "there"), ("there", "here")):
        document["states"][name] = {
            "title": name,
            "phase": "done",
            "events": [{"event": "payout.succeeded", "to": other}],
        }

    assert "error: states.here: There is no way to an end from here after leave" in findings(document)


def test_no_step_that_stays_moves_the_date_of_a_timer() -> None:
    document = bent("states.answered.timers.1", {"id": "expire", "at": "ctx.day", "to": "late"})
    document["states"]["asked"]["actions"][0]["inputs"][1]["required"] = True
    later: dict[str, Any] = {
        "id": "later",
        "role": "brand_owner",
        "label": "Later",
        "when": document["states"]["answered"]["actions"][1]["when"],
        "inputs": [{"type": "date", "id": "day", "label": "Day"}],
        "do": {"set": {"day": "input.day"}, "inc": ["round"]},
    }
    document["states"]["answered"]["actions"].append(later)
    [found] = findings(document)
    assert "error: states.answered.actions[2].do.set.day: A timer here counts from ctx.day" in found

    later["to"] = "answered"
    assert findings(document) == []


def test_whoever_is_awaited_has_a_button_in_every_round() -> None:
    document = bent("states.answered.actions.0.when", {"all": [{"var": "ctx.round", "op": "lt", "value": 1}]})
    document["limits"]["rounds"] = 1

    assert any("brand_owner is awaited and has no button after ask" in found for found in findings(document))


def test_an_endless_count_ends_the_search_and_is_reported() -> None:
    document = bent("states.answered.actions.1.when.all.0", {"var": "ctx.round", "op": "gte", "value": 0})

    assert any("round for ever" in found for found in findings(document))


PAID: dict[str, Any] = {
    "title": "Paying",
    "phase": "payment",
    "actions": [
        {"id": "order", "role": "staff", "label": "Order", "do": {"call": ["escrow.create_order"]}, "to": "paying"},
        {"id": "release", "role": "staff", "label": "Release", "do": {"call": ["escrow.release"]}, "to": "real_time"},
        {"id": "refund", "role": "staff", "label": "Refund", "do": {"call": ["escrow.refund"]}, "to": "left"},
    ],
    "events": [
        {
            "event": "payment.captured",
            "do": {"set": {"payment_id": "event.payment_id"}, "call": ["escrow.hold"]},
        }
    ],
}


def test_the_ledger_finds_each_way_to_lose_money() -> None:
    document = bent("states.asked.actions.1.to", "paying")
    document["states"]["paying"] = PAID
    document["context"]["payment_id"] = {"type": "text", "initial": "none"}
    document["context"]["agreed_amount"] = {"type": "money", "initial": "5.00"}
    said = " | ".join(findings(document))

    for complaint in (
        "paying.actions[1].do.call: Money is released that is not held after leave, release",
        "paying.actions[2].do.call: Money is refunded that is not held after leave, refund",
        "paying.events[0].do.call: A second payment is held after leave, order, order, payment.captured",
        "real_time.events: A payment that arrives here is neither held nor refunded after leave, order",
        "left.events: A payment that arrives here is neither held nor refunded after leave, order",
        "real_time: The chat opens without a payment that was held and released after ask, agree",
    ):
        assert complaint in said


def test_too_many_possibilities_are_reported_before_they_take_for_ever() -> None:
    document = bent("context.x", {"type": "text", "at_start": "optional"})
    names = [f"v{number}" for number in range(40)]
    document["context"] |= {name: {"type": "text", "at_start": "optional"} for name in names}
    document["states"]["answered"]["actions"][0]["when"] = {
        "any": [{"var": f"ctx.{name}", "op": "is_set"} for name in names]
    }

    assert any("is a loop unbounded?" in found for found in findings(document))


@pytest.mark.parametrize(
    ("effect", "said"),
    [
        ("escrow.create_order", "states.asked.events: A payment that arrives here is neither held nor refunded"),
        ("escrow.refund", "start.call: There is no money yet when a conversation starts"),
    ],
)
def test_the_ledger_looks_at_the_start(effect: str, said: str) -> None:
    document = bent("start", {"call": [effect]})
    document["context"]["payment_id"] = {"type": "text", "initial": "none"}
    document["context"]["agreed_amount"] = {"type": "money", "initial": "5.00"}

    assert any(said in found for found in findings(document))
