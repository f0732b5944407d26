"""Flows by REST: drawn, compared, played and counted."""

from typing import Any

import pytest
from rest_framework.test import APIClient

from flows import simulation
from flows.decoding import json_schema
from flows.models import FlowVersion
from flows.pictures import svg
from stoory.accounts.models import User
from tests.flows.guided import drafted, guided, press, released
from tests.flows.players import SMALL, bent, small
from tests.rest.routes import FLOWS, failure

pytestmark = pytest.mark.usefixtures("system_user")

FIRST = f"{FLOWS}/small/versions/1"
SECOND = f"{FLOWS}/small/versions/2"


@pytest.fixture
def first(staff: User) -> FlowVersion:
    return released(staff)


def test_the_picture(as_staff: APIClient, first: FlowVersion, alice: User, bob: User) -> None:
    plain = as_staff.get(f"{FIRST}/graph.svg", headers={"Accept": "image/svg+xml"})
    assert (plain.status_code, plain["Content-Type"]) == (200, "image/svg+xml")
    assert "default-src 'none'" in plain["Content-Security-Policy"]
    assert plain.content.decode() == svg(small())

    guided(alice, bob)
    full = as_staff.get(f"{FIRST}/graph.svg?counts=1&state=asked").content.decode()
    assert full == svg(small(), {"asked": 1}, "asked")


def test_the_picture_holds_no_markup_of_its_authors(as_staff: APIClient, staff: User) -> None:
    drafted(staff, bent("title", '"><script>alert(1)</script>'))
    assert b"<script" not in as_staff.get(f"{FIRST}/graph.svg").content


def test_the_outline(as_staff: APIClient, first: FlowVersion) -> None:
    outline = as_staff.get(f"{FIRST}/mermaid", headers={"Accept": "text/plain"})
    assert outline["Content-Type"] == "text/plain; charset=utf-8"
    assert outline.content.startswith(b"stateDiagram-v2\n")


@pytest.mark.parametrize("route", ["graph.svg", "mermaid", "simulate"])
def test_what_can_not_be_read_is_not_drawn(as_staff: APIClient, staff: User, route: str) -> None:
    drafted(staff, {"key": "small", "conversation_type": "bid", "states": 5})
    call = as_staff.post if route == "simulate" else as_staff.get
    refused = call(f"{FIRST}/{route}")

    assert failure(refused) == (422, "invalid_flow")
    assert "states" in [found["path"] for found in refused.json()["findings"]]


def test_the_schema(as_staff: APIClient, first: FlowVersion) -> None:
    for route in (f"{FLOWS}/schema.json", f"{FIRST}/schema.json"):
        assert as_staff.get(route).json() == json_schema()


# Differences


def test_a_draft_is_compared_with_what_is_published(
    as_staff: APIClient, first: FlowVersion, staff: User, alice: User, bob: User
) -> None:
    guided(alice, bob)
    press(bob, guided(alice, bob, "bid-2"), "leave")
    drafted(staff, bent("states.asked", ...))
    body = as_staff.get(f"{SECOND}/diff").json()

    assert (body["against"], body["occupied"], body["gone"]) == (1, {"asked": 1}, ["asked"])
    assert body["differences"] == [
        {
            "path": "states.asked",
            "change": "removed",
            "before": SMALL["states"]["asked"],
            "after": None,
            "text": "- states.asked: Asked",
        }
    ]


def test_any_version_can_be_compared_with(as_staff: APIClient, first: FlowVersion, staff: User) -> None:
    drafted(staff, bent("title", "Second"))
    assert [each["text"] for each in as_staff.get(f"{FIRST}/diff?against=2").json()["differences"]] == [
        "~ title: Second → A small flow"
    ]
    assert as_staff.get(f"{SECOND}/diff?against=2").json()["differences"] == []
    assert failure(as_staff.get(f"{SECOND}/diff?against=9")) == (404, "not_found")
    assert failure(as_staff.get(f"{SECOND}/diff?against=x")) == (400, "invalid_payload")


def test_the_only_version_has_nothing_to_compare_with(as_staff: APIClient, first: FlowVersion) -> None:
    assert failure(as_staff.get(f"{FIRST}/diff")) == (404, "not_found")


def test_a_broken_draft_can_be_compared(as_staff: APIClient, first: FlowVersion, staff: User) -> None:
    drafted(staff, {"key": "small", "conversation_type": "bid", "states": 5})
    assert as_staff.get(f"{SECOND}/diff").json()["gone"] == []


# Simulation

STEPS: list[dict[str, Any]] = [
    {"kind": "action", "role": "influencer", "id": "ask", "data": {"price": "5"}},
    {"kind": "action", "role": "influencer", "id": "ask", "data": {"price": "90"}},
    {"advance": "P1DT1H"},
]


def test_a_flow_is_played(as_staff: APIClient, first: FlowVersion) -> None:
    body = as_staff.post(f"{FIRST}/simulate", {"context": {"note": "Hello"}, "steps": STEPS}).json()

    assert [step.get("state", "refused") for step in body["steps"]] == ["asked", "refused", "answered", "answered"]
    assert body["steps"][1]["refusal"]["fields"] == {"price": "must be between 10 and 500"}
    assert body["steps"][2]["messages"]["brand_owner"][0]["texts"] == {"en": "Asha asks for ₹90."}
    assert body["steps"][2]["messages"]["influencer"] == []
    assert body["state"] == "answered"
    assert {role: [button["id"] for button in buttons] for role, buttons in body["actions"].items()} == {
        "influencer": [],
        "brand_owner": ["agree", "refuse"],
        "staff": [],
    }


@pytest.mark.parametrize(
    "script",
    [
        {"steps": [{"jump": 1}]},
        {"steps": "x"},
        {"context": {"price": "1"}},
        {"steps": [{"advance": "a day"}]},
        {"steps": [{"advance": "P9999D"}], "now": "9990-01-01T00:00:00Z"},
        {"now": "2026-01-01T00:00:00"},
        {"steps": [{}] * 201},
    ],
)
def test_a_script_that_makes_no_sense_is_refused(as_staff: APIClient, first: FlowVersion, script: Any) -> None:
    assert failure(as_staff.post(f"{FIRST}/simulate", script)) == (400, "invalid_payload")


def test_a_game_comes_to_an_end(as_staff: APIClient, staff: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(simulation, "MAX_STEPS", 20)
    released(staff, bent("states.answered.timers.0.repeat", "PT1H"))
    refused = as_staff.post(f"{FIRST}/simulate", {"steps": [STEPS[1], {"advance": "P2D"}]})

    assert failure(refused) == (400, "invalid_payload")
    assert refused.json()["message"] == "More than 20 steps"


# Figures


def test_figures(as_staff: APIClient, first: FlowVersion, alice: User, bob: User) -> None:
    press(bob, guided(alice, bob), "leave")
    body = as_staff.get(f"{FLOWS}/small/analytics").json()

    assert (body["key"], body["versions"], body["started"], body["counters"]) == ("small", None, 1, {})
    assert body["outcomes"] == [{"outcome": "lost", "count": 1, "share": 1.0}]
    assert body["states"][0] | {"median_seconds": 0} == {
        "state": "asked",
        "title": "Asked",
        "phase": "price",
        "outcome": None,
        "now": 0,
        "entered": 1,
        "left": 1,
        "median_seconds": 0,
        "edges": [{"reason": "action:leave", "to_state": "left", "count": 1, "conversion": 1.0}],
    }


@pytest.mark.parametrize(
    ("query", "started"),
    [
        ("from=2026-01-01", 1),
        ("to=2026-01-01", 0),
        ("from=2026-01-01T00:00:00Z&to=2199-01-01T00:00:00%2B05:30", 1),
        ("from=&to=", 1),
        ("version=1", 1),
        ("version=2", 0),
        ("version=1&version=2", 1),
    ],
)
def test_figures_of_a_period_or_version(
    as_staff: APIClient, first: FlowVersion, staff: User, alice: User, bob: User, query: str, started: int
) -> None:
    guided(alice, bob)
    drafted(staff)
    assert as_staff.get(f"{FLOWS}/small/analytics?{query}").json()["started"] == started


@pytest.mark.parametrize(
    ("query", "answer"),
    [
        ("from=yesterday", (400, "invalid_payload")),
        ("to=2026-13-01", (400, "invalid_payload")),
        ("from=0001-01-01T00:00%2B23:00", (400, "invalid_payload")),
        ("to=9999-12-31T23:59-23:00", (400, "invalid_payload")),
        ("version=x", (400, "invalid_payload")),
        ("version=", (400, "invalid_payload")),
        ("version=9", (404, "not_found")),
    ],
)
def test_figures_of_nonsense_are_refused(
    as_staff: APIClient, first: FlowVersion, query: str, answer: tuple[int, str]
) -> None:
    assert failure(as_staff.get(f"{FLOWS}/small/analytics?{query}")) == answer
