"""`POST /api/flows/events`: signed, once for each event and conversation, and clear about what it led to."""

import json
import time
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from pytest_django import Settings

from conversations.commands import CreateConversation
from conversations.models import Conversation
from flows.models import FlowEffect, FlowTransition, ProviderEvent
from flows.signatures import sign
from stoory.accounts.models import User
from stoory.commands import execute
from tests.rest.routes import UNKNOWN_ID, failure
from tests.worker.playing import press, states

pytestmark = pytest.mark.slow

ROUTE = "/api/flows/events"
SECRET = "the secret of this test, thirty-two characters or more"

Deliver = Callable[..., Any]


@pytest.fixture
def deliver(client: Client, settings: Settings, db: None) -> Deliver:
    """Post a body, signed now unless told otherwise."""
    settings.FLOW_EVENTS_SECRETS = [SECRET]

    def post(body: Any, header: str | None = None, route: str = ROUTE, **headers: str) -> Any:
        sent = body if isinstance(body, bytes) else json.dumps(body).encode()
        signature = sign(sent, SECRET, int(time.time())) if header is None else header
        signed = {"Stoory-Signature": signature} if signature else {}
        return client.post(route, sent, content_type="application/json", headers={**signed, **headers})

    return post


def captured(conversation: Conversation, event_id: str = "evt-1", payment_id: str = "p-1") -> dict[str, Any]:
    return {
        "id": event_id,
        "event": "payment.captured",
        "conversation_id": str(conversation.pk),
        "data": {"payment_id": payment_id},
    }


def outcome(response: Any) -> tuple[str, bool]:
    assert response.status_code == 200, response.content
    result = response.json()["results"][0]
    return result["outcome"], result["replayed"]


def test_it_is_applied(agreed: Conversation, deliver: Deliver) -> None:
    response = deliver(captured(agreed))
    agreed.refresh_from_db()
    assert response.json() == {
        "success": True,
        "id": "evt-1",
        "results": [
            {
                "conversation_id": str(agreed.pk),
                "outcome": "applied",
                "replayed": False,
                "flow_state": "work_in_progress",
                "awaiting_role": "influencer",
                "chat_status": "automated",
                "state_seq": agreed.state_seq,
            }
        ],
    }


def test_delivered_five_times_it_is_one(agreed: Conversation, deliver: Deliver) -> None:
    answers = [outcome(deliver(captured(agreed))) for _ in range(5)]
    assert answers == [("applied", False)] + [("applied", True)] * 4
    assert FlowTransition.objects.filter(reason="event:payment.captured").count() == 1
    assert FlowEffect.objects.filter(name="escrow.hold").count() == ProviderEvent.objects.count() == 1


def test_one_that_is_not_expected_is_ignored_and_noted(bid: Conversation, deliver: Deliver) -> None:
    response = deliver(captured(bid))
    result = response.json()["results"][0]
    assert (result["outcome"], result["replayed"]) == ("ignored", False)
    assert (result["flow_state"], result["state_seq"]) == ("influencer_responding", 1)
    assert outcome(deliver(captured(bid))) == ("ignored", True)
    assert ProviderEvent.objects.get().transition is None


def test_a_name_that_nobody_knows_is_ignored(agreed: Conversation, deliver: Deliver) -> None:
    assert outcome(deliver(captured(agreed) | {"event": "customer.updated", "data": {}})) == ("ignored", False)


def test_an_id_belongs_to_one_event(agreed: Conversation, deliver: Deliver) -> None:
    deliver(captured(agreed))
    assert failure(deliver(captured(agreed, payment_id="p-2"))) == (422, "nonce_reused")
    assert states(agreed)[-1] == "work_in_progress"


def test_long_ids_that_begin_alike_are_two(agreed: Conversation, deliver: Deliver) -> None:
    events = [captured(agreed, f"{'e' * 119}{number}", f"p-{number}") for number in range(2)]
    assert [outcome(deliver(event)) for event in events] == [("applied", False)] * 2


def test_it_comes_to_every_conversation_of_a_campaign(
    alice: User, bob: User, charlie: User, shipped_flows: None, deliver: Deliver
) -> None:
    for influencer in (bob, charlie):
        command = CreateConversation(
            actor=alice.pk, type="campaign", participant_ids=[influencer.pk], source_id="spring"
        )
        created = execute(command).conversation
    press(charlie, created, "reject_connection")

    body = {"id": "evt-1", "event": "campaign.cancelled", "campaign_id": "spring"}
    answer = deliver(body).json()
    assert answer["remaining"] == 0
    assert [(result["flow_state"], result["outcome"]) for result in answer["results"]] == [
        ("closed", "applied"),
        ("connection_rejected", "ignored"),
    ]
    assert [result["replayed"] for result in deliver(body).json()["results"]] == [True, True]


def test_a_campaign_without_conversations_has_no_results(deliver: Deliver) -> None:
    response = deliver({"id": "evt-1", "event": "campaign.cancelled", "campaign_id": "autumn"})
    assert (response.status_code, response.json()["results"]) == (200, [])


def test_values_that_are_missing_are_named(agreed: Conversation, deliver: Deliver) -> None:
    response = deliver(captured(agreed) | {"data": {}})
    assert (response.status_code, response.json()["code"]) == (422, "invalid_input")
    assert response.json()["fields"] == {"payment_id": "is required"}
    assert not ProviderEvent.objects.exists()


@pytest.mark.parametrize("conversation_id", [UNKNOWN_ID, "no id", ""])
def test_an_unknown_conversation_is_not_found(deliver: Deliver, conversation_id: str) -> None:
    body = {"id": "evt-1", "event": "payment.failed", "conversation_id": conversation_id}
    assert failure(deliver(body)) == (404, "not_found")


def test_a_conversation_without_a_flow_takes_none(direct: Conversation, deliver: Deliver) -> None:
    assert failure(deliver(captured(direct))) == (409, "not_available")


# Who may


@pytest.mark.parametrize(
    ("header", "status", "code"),
    [
        ("", 401, "not_authenticated"),
        ("nonsense", 401, "invalid_token"),
        (f"t=1,v1={'0' * 64}", 401, "invalid_token"),
    ],
)
def test_who_does_not_prove_who_they_are_is_refused(
    agreed: Conversation, deliver: Deliver, header: str, status: int, code: str
) -> None:
    assert failure(deliver(captured(agreed), header)) == (status, code)
    assert states(agreed)[-1] == "payment_pending"


def test_what_was_signed_long_ago_is_refused(agreed: Conversation, deliver: Deliver) -> None:
    sent = json.dumps(captured(agreed)).encode()
    assert failure(deliver(sent, sign(sent, SECRET, int(time.time()) - 301))) == (401, "token_expired")


def test_a_token_does_not_help(agreed: Conversation, deliver: Deliver, staff: User) -> None:
    assert failure(deliver(captured(agreed), "nonsense", Authorization="Bearer x")) == (401, "invalid_token")


def test_while_secrets_change_both_are_good(agreed: Conversation, deliver: Deliver, settings: Settings) -> None:
    settings.FLOW_EVENTS_SECRETS = ["the next secret, which is thirty-two characters", SECRET]
    assert outcome(deliver(captured(agreed))) == ("applied", False)


def test_without_a_secret_nobody_may(agreed: Conversation, deliver: Deliver, settings: Settings) -> None:
    settings.FLOW_EVENTS_SECRETS = []
    assert failure(deliver(captured(agreed))) == (403, "forbidden")


# What can't be read


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"\xff",
        b"[]",
        b'{"id": NaN}',
        b'{"id": "\\ud800"}',
        b"[" * 10_000,
        {"event": "payment.failed", "conversation_id": UNKNOWN_ID},
        {"id": "e", "event": "payment.failed"},
        {"id": "e", "event": "payment.failed", "conversation_id": UNKNOWN_ID, "campaign_id": "c"},
        {"id": "", "event": "payment.failed", "conversation_id": UNKNOWN_ID},
        {"id": "e" * 121, "event": "payment.failed", "conversation_id": UNKNOWN_ID},
        {"id": 1, "event": "payment.failed", "conversation_id": UNKNOWN_ID},
        {"id": "e", "event": "e" * 65, "conversation_id": UNKNOWN_ID},
        {"id": "e", "event": "payment.failed", "campaign_id": "\x00"},
        {"id": "e", "event": "payment.failed", "campaign_id": "c" * 65},
        {"id": "e", "event": "payment.failed", "conversation_id": UNKNOWN_ID, "data": []},
        {"id": "e", "event": "payment.failed", "conversation_id": UNKNOWN_ID, "data": {"n": 2**53}},
        {"id": "e", "event": "payment.failed", "conversation_id": UNKNOWN_ID, "data": {"text": "\x00"}},
        {"id": "e", "event": "payment.failed", "conversation_id": UNKNOWN_ID, "data": {"text": "x" * 16_384}},
    ],
)
def test_what_is_malformed_is_refused(deliver: Deliver, body: Any) -> None:
    assert failure(deliver(body)) == (400, "invalid_payload")


def test_what_is_too_long_is_refused_unread(deliver: Deliver, settings: Settings) -> None:
    assert failure(deliver(b"x" * (settings.MAX_EVENT_BYTES + 1), "nonsense")) == (413, "payload_too_large")


def test_nothing_is_to_be_got(client: Client, db: None) -> None:
    assert client.get(ROUTE).status_code == 405


def test_a_slash_may_follow(agreed: Conversation, deliver: Deliver) -> None:
    assert outcome(deliver(captured(agreed), route=f"{ROUTE}/")) == ("applied", False)


def test_a_browser_is_answered_too(agreed: Conversation, deliver: Deliver) -> None:
    assert deliver(captured(agreed), Accept="text/html").status_code == 200
    assert states(agreed)[-1] == "work_in_progress"


def test_a_payment_that_comes_too_late_is_given_back(agreed: Conversation, alice: User, deliver: Deliver) -> None:
    press(alice, agreed, "cancel")
    assert outcome(deliver(captured(agreed))) == ("applied", False)
    assert list(FlowEffect.objects.values_list("name", flat=True)) == ["escrow.void", "escrow.refund"]
