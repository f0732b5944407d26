"""What is different in two documents: parts by their names, texts, order."""

from typing import Any

import pytest

from flows.differences import differences
from tests.flows.players import SMALL, bent

SHIPPING = {"title": "Shipping", "phase": "work"}


@pytest.mark.parametrize(
    ("path", "value", "said"),
    [
        ("states.shipping", SHIPPING, "+ states.shipping: Shipping"),
        ("states.late", ..., "- states.late: Late"),
        ("states.asked.title", "Wanted", "~ states.asked.title: Asked → Wanted"),
        ("states.asked.title", {"en": "Asked", "hi": "पूछा"}, "~ states.asked.title: Asked → en: Asked, hi: पूछा"),
        ("states.asked.actions.0", ..., "- states.asked.actions[ask]: Ask"),
        ("states.asked.actions.1.label", "Go", "~ states.asked.actions[leave].label: Leave → Go"),
        ("states.asked.actions.0.id", "name", "+ states.asked.actions[name]: Ask"),
        ("states.asked.actions.0.inputs.0.max", "600", "~ states.asked.actions[ask].inputs[price].max: 500 → 600"),
        (
            "states.asked.actions.0.say.0.text",
            "Hm.",
            "~ states.asked.actions[ask].say[0].text: {{influencer.name}} asks for {{input.price|money}}. → Hm.",
        ),
        (
            "states.asked.actions.0.say.1",
            {"to": "influencer", "text": "Sent."},
            "+ states.asked.actions[ask].say[1]: to: influencer, text: Sent.",
        ),
        ("states.asked.actions.0.do.inc", ["round", "day"], "~ states.asked.actions[ask].do.inc: round → round, day"),
        ("states.answered.timers.1.after", "P4D", "~ states.answered.timers[expire].after: P3D → P4D"),
        ("states.asked.events", [{"event": "campaign.cancelled"}], "+ states.asked.events: campaign.cancelled"),
        ("limits.rounds", 3, "~ limits.rounds: 2 → 3"),
        ("context.note.at_start", True, "~ context.note.at_start: optional → True"),
        ("states", ..., "- states: "),
    ],
)
def test_each_change_is_named(path: str, value: Any, said: str) -> None:
    assert any(str(found).startswith(said) for found in differences(SMALL, bent(path, value)))


def test_the_same_is_the_same() -> None:
    assert differences(SMALL, bent("title", SMALL["title"])) == []


def test_one_change_is_one_difference() -> None:
    assert [found.path for found in differences(SMALL, bent("states.asked.actions.0.style", "primary"))] == [
        "states.asked.actions[ask].style"
    ]


def test_the_order_of_buttons_counts() -> None:
    turned = bent("states.asked.actions", SMALL["states"]["asked"]["actions"][::-1])
    (found,) = differences(SMALL, turned)

    assert (found.path, found.change) == ("states.asked.actions", "reordered")
    assert str(found) == "~ states.asked.actions: ask, leave → leave, ask"


def test_a_truth_is_no_number() -> None:
    assert [found.change for found in differences({"initial": 1}, {"initial": True})] == ["changed"]


def test_there_and_back() -> None:
    other = bent("states.shipping", SHIPPING)
    assert [found.change for found in differences(SMALL, other)] == ["added"]
    assert [found.change for found in differences(other, SMALL)] == ["removed"]


@pytest.mark.parametrize("broken", [[], None, {"states": []}, {"states": {"asked": {"actions": [1, "x", None]}}}])
def test_a_draft_may_be_anything(broken: Any) -> None:
    assert differences(SMALL, broken)
    assert differences(broken, SMALL)
