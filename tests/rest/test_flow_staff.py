"""A guided conversation by REST for staff: its inside, its buttons, and what only staff may do."""

from datetime import timedelta
from typing import Any

import pytest
from rest_framework.test import APIClient

from conversations.commands import SetChatStatus
from conversations.models import Conversation
from flows import staff_views
from flows.commands import DismissEffect, RetryEffect
from flows.models import FlowEffect, FlowTransition
from stoory.accounts.models import User
from stoory.commands import execute
from stoory.times import utc_now
from tests.flows.guided import last_of, run_of
from tests.rest.routes import UNKNOWN_ID, failure, of

pytestmark = pytest.mark.slow

WHY = "They asked for it"
ROUTES: list[tuple[str, str, Any]] = [
    ("get", "flow", None),
    ("post", "staff-actions", {"action": "resolve_release", "reason": WHY}),
    ("post", "force-transition", {"state": "dispute", "reason": WHY}),
    ("post", "pause", {"reason": WHY}),
    ("post", "resume", {"reason": WHY}),
    ("post", "effects/1/retry", {"reason": WHY}),
    ("post", "effects/1/dismiss", {"reason": WHY}),
]

every_route = pytest.mark.parametrize(("method", "part", "body"), ROUTES)


def ask(client: APIClient, method: str, route: str, body: Any) -> Any:
    return getattr(client, method)(route, body)


def forced(as_staff: APIClient, bid: Conversation, state: str) -> None:
    assert as_staff.post(of(bid, "force-transition"), {"state": state, "reason": WHY}).status_code == 200


@pytest.fixture
def effect(bid: Conversation) -> FlowEffect:
    """An effect that has failed for good."""
    return FlowEffect.objects.create(
        run=run_of(bid), transition=last_of(bid), name="support.open_ticket", key="ticket", status="failed", error="No"
    )


# Who may


@every_route
def test_it_is_for_staff(
    as_alice: APIClient,
    as_charlie: APIClient,
    as_nobody: APIClient,
    bid: Conversation,
    method: str,
    part: str,
    body: Any,
) -> None:
    assert failure(ask(as_alice, method, of(bid, part), body)) == (403, "forbidden")
    assert failure(ask(as_charlie, method, of(bid, part), body)) == (404, "not_found")
    assert failure(ask(as_charlie, method, of(UNKNOWN_ID, part), body)) == (404, "not_found")
    assert failure(ask(as_nobody, method, of(bid, part), body)) == (401, "not_authenticated")
    assert FlowTransition.objects.count() == 1


@every_route
def test_what_is_not_there_is_not_found(as_staff: APIClient, method: str, part: str, body: Any) -> None:
    for key in (UNKNOWN_ID, "nonsense"):
        assert failure(ask(as_staff, method, of(key, part), body)) == (404, "not_found")


@every_route
def test_a_conversation_without_a_flow(
    as_staff: APIClient, direct: Conversation, method: str, part: str, body: Any
) -> None:
    assert failure(ask(as_staff, method, of(direct, part), body)) in [(404, "not_found"), (409, "not_available")]


@pytest.mark.parametrize(("method", "part", "body"), ROUTES[1:])
@pytest.mark.parametrize("reason", [None, "", "  ", "x" * 1001])
def test_a_reason_must_be_written(
    as_staff: APIClient, bid: Conversation, effect: FlowEffect, method: str, part: str, body: Any, reason: Any
) -> None:
    part = part.replace("/1/", f"/{effect.pk}/")
    assert failure(ask(as_staff, method, of(bid, part), body | {"reason": reason})) == (400, "invalid_payload")
    assert FlowTransition.objects.count() == 1


# What staff does


def test_the_inside_of_a_conversation(as_staff: APIClient, bid: Conversation, effect: FlowEffect) -> None:
    flow = as_staff.get(of(bid, "flow")).json()["flow"]

    assert flow["conversation_id"] == str(bid.pk)
    assert (flow["flow"], flow["version"], flow["flow_state"], flow["state_seq"]) == (
        "bid",
        1,
        "influencer_responding",
        1,
    )
    assert (flow["awaiting_role"], flow["chat_status"], flow["outcome"]) == ("influencer", "automated", None)
    assert flow["data"]["round"] == 0
    assert {timer["status"] for timer in flow["timers"]} == {"pending"}
    assert flow["expires_at"] in {timer["due_at"] for timer in flow["timers"] if timer["kind"] == "transition"}
    assert [(each["name"], each["status"], each["error"]) for each in flow["effects"]] == [
        ("support.open_ticket", "failed", "No")
    ]


def test_a_state_is_forced(as_staff: APIClient, bid: Conversation, staff: User) -> None:
    answer = as_staff.post(of(bid, "force-transition"), {"state": "dispute", "reason": WHY}).json()

    assert (answer["success"], answer["flow_state"], answer["state_seq"]) == (True, "dispute", 2)
    assert (last_of(bid).reason, last_of(bid).note, last_of(bid).actor) == ("staff:force", WHY, staff)
    refused = as_staff.post(of(bid, "force-transition"), {"state": "nowhere", "reason": WHY})
    assert failure(refused) == (422, "invalid_input")
    assert refused.json()["fields"] == {"state": "is unknown"}


def test_the_buttons_of_staff(as_staff: APIClient, bid: Conversation) -> None:
    forced(as_staff, bid, "dispute")
    actions = [button["id"] for button in as_staff.get(of(bid, "flow")).json()["flow"]["staff_actions"]]
    body = {"action": "resolve_resume", "reason": WHY, "state_seq": 2, "client_nonce": "one"}
    assert "resolve_resume" in actions

    first, again = (as_staff.post(of(bid, "staff-actions"), body).json() for _ in range(2))
    assert (first["flow_state"], first["replayed"], first["client_nonce"]) == ("work_in_progress", False, "one")
    assert again == first | {"replayed": True}
    assert (last_of(bid).role, last_of(bid).note) == ("staff", WHY)
    stale = as_staff.post(of(bid, "staff-actions"), body | {"client_nonce": "two", "action": "resolve_refund"})
    assert failure(stale) == (409, "stale_action")


@pytest.mark.parametrize("hold", ["pause", "close"])
def test_staff_has_no_buttons_where_it_holds_the_conversation(
    as_staff: APIClient, bid: Conversation, staff: User, hold: str
) -> None:
    forced(as_staff, bid, "dispute")
    if hold == "pause":
        as_staff.post(of(bid, "pause"), {"reason": WHY})
    else:
        execute(SetChatStatus(actor=staff.pk, conversation_id=str(bid.pk), chat_status="closed", reason=WHY))

    flow = as_staff.get(of(bid, "flow")).json()["flow"]
    assert (flow["staff_actions"], flow["expires_at"]) == ([], None)


def test_staff_has_no_button_of_a_party(as_staff: APIClient, bid: Conversation) -> None:
    answer = as_staff.post(of(bid, "staff-actions"), {"action": "accept_connection", "reason": WHY})
    assert failure(answer) == (403, "wrong_role")


def test_a_conversation_is_held_and_let_go(as_staff: APIClient, as_bob: APIClient, bid: Conversation) -> None:
    before = as_staff.get(of(bid, "flow")).json()["flow"]["expires_at"]
    assert as_staff.post(of(bid, "pause"), {"reason": WHY}).json()["flow_state"] == "influencer_responding"
    held = as_staff.get(of(bid, "flow")).json()["flow"]
    assert (held["paused_at"] is None, held["expires_at"]) == (False, None)
    assert failure(as_bob.post(of(bid, "actions"), {"action": "accept_connection"})) == (409, "flow_paused")

    run = run_of(bid)
    run.paused_at = utc_now() - timedelta(hours=5)
    run.entered_at -= timedelta(days=1)
    run.save()
    assert as_staff.post(of(bid, "resume"), {"reason": WHY}).json()["success"] is True
    flow = as_staff.get(of(bid, "flow")).json()["flow"]
    assert flow["paused_at"] is None
    assert flow["expires_at"] != before
    assert as_bob.post(of(bid, "actions"), {"action": "accept_connection"}).status_code == 200


@pytest.mark.parametrize(("verb", "kind"), [("retry", RetryEffect), ("dismiss", DismissEffect)])
def test_an_effect_is_retried_or_let_go(
    as_staff: APIClient,
    bid: Conversation,
    effect: FlowEffect,
    staff: User,
    monkeypatch: pytest.MonkeyPatch,
    verb: str,
    kind: Any,
) -> None:
    asked: list[Any] = []
    monkeypatch.setattr(staff_views, "execute", asked.append)
    answer = as_staff.post(of(bid, f"effects/{effect.pk}/{verb}"), {"reason": WHY})

    assert answer.json()["effect"]["id"] == effect.pk
    assert asked == [kind(actor=staff.pk, effect_id=effect.pk, reason=WHY)]


def test_an_effect_is_one_of_the_conversation(
    as_staff: APIClient, bid: Conversation, effect: FlowEffect, direct: Conversation
) -> None:
    assert failure(as_staff.post(of(direct, f"effects/{effect.pk}/retry"), {"reason": WHY})) == (404, "not_found")
    assert failure(as_staff.post(of(bid, f"effects/{effect.pk + 1}/retry"), {"reason": WHY})) == (404, "not_found")
