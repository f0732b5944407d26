"""Both conversations, played over REST from the request to each of their ends."""

from datetime import timedelta
from typing import Any

import pytest

from flows.models import FlowEffect, TimerStatus
from tests.guided.days import DEADLINE, DEADLINE_AS_TOLD, PUBLISHING
from tests.guided.game import Game, Line, Start
from tests.guided.stages import BID, CAMPAIGN, STAGES
from tests.rest.routes import failure, of
from tests.talk import undone

pytestmark = pytest.mark.slow

BOTH = pytest.mark.parametrize("kind", STAGES)


def at(start: Start, kind: str, stage: str, *lines: Line) -> Game:
    """A conversation that has come so far."""
    return start(kind).play(*STAGES[kind][stage], *lines)


def writes(game: Game, role: str) -> Any:
    return game.players[role].client.post(of(game.key, "messages"), {"message": "Hello"})


def test_the_way_of_a_bid(start: Start) -> None:
    game = start("bid").play(
        ("influencer", "accept_connection"),
        ("brand_owner", "send_project_details", {"deliverables": "One reel of 30 s", "deadline": DEADLINE.isoformat()}),
        *BID["free"][2:],
    )

    assert game.effects == [
        ("escrow.create_order", {"agreed_amount": "9000.00"}),
        ("escrow.hold", {"payment_id": "p-1"}),
        ("escrow.release", {"payment_id": "p-1"}),
    ]
    assert game.texts("influencer") == [
        "Alice wants to work with you on “Cold brew reel”. Do you accept?",
        "You accepted. Alice will now send the project details.",
        f"Project details from Alice:\nOne reel of 30 s\nDeadline: {DEADLINE_AS_TOLD}",
        "You accepted the project. Next: the price.",
        "Alice offers ₹9,000.",
        "You accepted ₹9,000.",
        "₹9,000 is in escrow. You can start.",
        "You submitted your work.",
        "Alice approved your work.",
        "Payout sent. You can now chat freely.",
    ]
    assert game.texts("brand_owner") == [
        "Bob accepted your request.",
        "You sent the project details.",
        "Bob accepted the project.",
        "You offered ₹9,000.",
        "Bob accepted ₹9,000.",
        "Complete the payment of ₹9,000 in the window that opens.",
        "Payment of ₹9,000 received in escrow.",
        "Bob submitted work: Done https://example.org/reel",
        "You approved the work.",
        "The collaboration is complete. You can now chat freely.",
    ]


@BOTH
def test_free_chat_opens_at_the_end_of_the_way_and_not_before(start: Start, kind: str) -> None:
    game = start(kind)
    for line in STAGES[kind]["free"]:
        assert failure(writes(game, "influencer")) == failure(writes(game, "brand_owner")) == (409, "automated_mode")
        game.play(line)

    assert (game.state, game.conversation.chat_status, game.run.outcome) == ("real_time", "real_time", "won")
    assert writes(game, "influencer").status_code == writes(game, "brand_owner").status_code == 201
    assert game.card("influencer")["current_action_data"] is None


def test_the_money_of_a_campaign(start: Start) -> None:
    game = start("campaign", fixed_fee="8000")
    game.play(*CAMPAIGN["pricing"], ("influencer", "accept_price"), *CAMPAIGN["free"][5:])

    assert (game.state, game.run.data["agreed_amount"]) == ("real_time", "8000.00")
    assert [name for name, _ in game.effects] == ["escrow.create_order", "escrow.hold", "escrow.release"]


def test_a_campaign_with_a_ready_brief_asks_for_none(start: Start) -> None:
    dates = {"deadline": DEADLINE.isoformat(), "publish_on": PUBLISHING.isoformat()}
    game = start("campaign", deliverables="A reel", usage_rights="d30", **dates)
    game.play(("influencer", "accept_connection"))

    assert game.state == "influencer_reviewing"


def test_the_amount_of_the_application_can_be_taken(start: Start) -> None:
    game = start("bid", proposed_amount="12000").play(*BID["pricing"], ("brand_owner", "accept_proposed_amount"))

    assert (game.state, game.run.data["agreed_amount"]) == ("payment_pending", "12000.00")


# Bounds


def check_bound(game: Game, role: str, action: str, **answers: Any) -> None:
    """The button is gone, and pressing it all the same changes nothing."""
    assert game.button(role, action) is None
    seq = game.conversation.last_seq
    assert failure(game.attempt(role, action, answers)) == (409, "not_available")
    assert game.conversation.last_seq == seq


def test_negotiation_of_a_bid_goes_to_its_bound(start: Start) -> None:
    game = at(start, "bid", "negotiating")
    for price in ("10000", "9900"):
        game.play(("brand_owner", "send_counter_offer", {"price": price}))
        game.play(("influencer", "negotiate_price", {"price": "11000"}))

    check_bound(game, "brand_owner", "send_counter_offer", price="10500")
    game.play(("brand_owner", "send_final_offer", {"price": "10500"}), ("influencer", "accept_final_price"))
    assert (game.state, game.run.data["agreed_amount"]) == ("payment_pending", "10500.00")


def test_negotiation_of_a_campaign_goes_to_its_bound(start: Start) -> None:
    game = at(start, "campaign", "negotiating")
    game.play(("brand_owner", "send_counter_offer", {"price": "10000"}))
    game.play(("influencer", "negotiate_price", {"price": "11000"}))
    game.play(("brand_owner", "send_counter_offer", {"price": "10500"}))

    check_bound(game, "influencer", "negotiate_price", price="10900")
    game.play(("influencer", "accept_price"))
    assert (game.state, game.run.data["agreed_amount"]) == ("payment_pending", "10500.00")


def test_a_counter_offer_is_no_more_than_what_is_asked(start: Start) -> None:
    game = at(start, "bid", "negotiating")
    shown = game.button("brand_owner", "send_counter_offer")

    assert shown is not None
    assert (shown["inputs"][0]["min"], shown["inputs"][0]["max"]) == ("100", "11500.00")
    response = game.attempt("brand_owner", "send_counter_offer", {"price": "11500.01"})
    assert failure(response) == (422, "invalid_input")
    assert response.json()["fields"] == {"price": "must be between 100 and 11500.00"}


def test_questions_go_to_their_bound(start: Start) -> None:
    game = at(start, "bid", "briefed")
    for _ in range(2):
        game.play(("influencer", "ask_question"), ("brand_owner", "send_project_details"))

    check_bound(game, "influencer", "ask_question", question="And?")


@BOTH
def test_revisions_go_to_their_bound(start: Start, kind: str) -> None:
    game = at(start, kind, "submitted")
    for _ in range(2):
        game.play(("brand_owner", "request_revision"), ("influencer", "submit_work"))

    check_bound(game, "brand_owner", "request_revision", notes="Make it brighter, please")
    assert game.state == "work_submitted"


@BOTH
def test_payment_can_be_tried_up_to_a_bound(start: Start, kind: str) -> None:
    game = at(start, kind, "agreed")
    for _ in range(5):
        game.play(("brand_owner", "proceed_to_payment"), ("payment.failed",))

    check_bound(game, "brand_owner", "proceed_to_payment")
    assert [name for name, _ in game.effects] == ["escrow.create_order"] * 5


# Declining


DECLINED = [
    ("bid", "asked", "influencer", "reject_connection", "connection_rejected"),
    ("bid", "asked", "brand_owner", "withdraw", "closed"),
    ("bid", "connected", "brand_owner", "cancel", "closed"),
    ("bid", "briefed", "influencer", "reject_project", "project_rejected"),
    ("bid", "pricing", "brand_owner", "cancel", "closed"),
    ("bid", "offered", "influencer", "reject_price", "price_rejected"),
    ("bid", "negotiating", "brand_owner", "reject_negotiation", "price_rejected"),
    ("bid", "final", "influencer", "reject_final_price", "price_rejected"),
    ("bid", "agreed", "brand_owner", "cancel", "closed"),
    ("bid", "ordered", "brand_owner", "cancel", "closed"),
    ("campaign", "asked", "influencer", "reject_connection", "connection_rejected"),
    ("campaign", "asked", "brand_owner", "withdraw", "closed"),
    ("campaign", "connected", "brand_owner", "cancel", "closed"),
    ("campaign", "briefed", "influencer", "reject_project", "project_rejected"),
    ("campaign", "pricing", "brand_owner", "cancel", "closed"),
    ("campaign", "offered", "influencer", "reject_price", "price_rejected"),
    ("campaign", "negotiating", "brand_owner", "reject_negotiation", "price_rejected"),
    ("campaign", "agreed", "brand_owner", "cancel", "closed"),
]


@pytest.mark.parametrize(("kind", "stage", "role", "action", "end"), DECLINED)
def test_it_can_be_declined_at_every_stage(
    start: Start, kind: str, stage: str, role: str, action: str, end: str
) -> None:
    game = at(start, kind, stage, (role, action))

    assert (game.state, game.conversation.chat_status) == (end, "closed")
    assert game.card("influencer")["actions"] == game.card("brand_owner")["actions"] == []
    assert failure(writes(game, role)) == (409, "conversation_closed")
    assert failure(game.attempt("influencer", "accept_connection")) == (409, "flow_ended")
    assert not game.run.timers.filter(status=TimerStatus.PENDING).exists()
    assert {name for name, _ in game.effects} <= {"escrow.create_order", "escrow.void"}


# Silence


EXPIRING = [
    *(("bid", stage, role) for stage, role in {
        "asked": "influencer", "connected": "brand_owner", "briefed": "influencer", "pricing": "brand_owner",
        "offered": "influencer", "negotiating": "brand_owner", "final": "influencer", "agreed": "brand_owner",
        "ordered": "brand_owner",
    }.items()),
    *(("campaign", stage, role) for stage, role in {
        "asked": "influencer", "connected": "brand_owner", "briefed": "influencer", "pricing": "brand_owner",
        "offered": "influencer", "negotiating": "brand_owner", "agreed": "brand_owner", "ordered": "brand_owner",
    }.items()),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "stage", "role"), EXPIRING)
def test_silence_ends_every_stage_before_the_payment_even_if_no_worker_looks(
    start: Start, kind: str, stage: str, role: str
) -> None:
    game = at(start, kind, stage)
    button = game.card(role)["actions"][0]["id"]
    game.let_pass(timedelta(days=6))

    assert game.card(role)["actions"] == []
    assert failure(game.attempt(role, button)) == (410, "expired")
    assert (game.state, game.run.outcome) == ("expired", "expired")
    assert game.run.transitions.last().reason == "timer:expire"  # type: ignore[union-attr]
    assert (("escrow.void", {}) in game.effects) is (stage in ("agreed", "ordered"))


@BOTH
def test_reminders_come_first_and_leave_the_buttons_good(start: Start, kind: str) -> None:
    game = at(start, kind, "asked")
    seq = game.conversation.state_seq
    before = game.texts("influencer")
    game.wait_for("remind")

    assert len(game.texts("influencer")) == len(before) + 1
    assert game.conversation.state_seq == seq
    assert game.attempt("influencer", "accept_connection", state_seq=seq).status_code == 200


SEEN_TO = [
    ("bid", "submitted", "auto_approve", "brand_owner", "approve_work", "work_approved", "escrow.release"),
    ("bid", "working", "escalate", "influencer", "submit_work", "dispute", "support.open_ticket"),
    ("bid", "revising", "escalate", "influencer", "submit_work", "dispute", "support.open_ticket"),
    ("campaign", "submitted", "auto_approve", "brand_owner", "approve_work", "publish_pending", "escrow.hold"),
    ("campaign", "working", "escalate", "influencer", "submit_work", "dispute", "support.open_ticket"),
    ("campaign", "revising", "escalate", "influencer", "submit_work", "dispute", "support.open_ticket"),
    ("campaign", "publishing", "escalate", "influencer", "submit_post", "dispute", "support.open_ticket"),
    ("campaign", "published", "auto_confirm", "brand_owner", "confirm_post", "work_approved", "escrow.release"),
]


@pytest.mark.parametrize("by_worker", [True, False])
@pytest.mark.parametrize(("kind", "stage", "timer", "role", "action", "to", "effect"), SEEN_TO)
def test_silence_after_the_payment_is_seen_to(
    start: Start, kind: str, stage: str, timer: str, role: str, action: str, to: str, effect: str, by_worker: bool
) -> None:
    game = at(start, kind, stage)
    seq = game.conversation.state_seq
    if by_worker:
        game.wait_for(timer)
    else:
        game.let_pass(timedelta(days=300))
        assert game.card(role)["actions"] == []

    assert failure(game.attempt(role, action, state_seq=seq)) == (410, "expired")
    assert (game.state, game.effects[-1][0]) == (to, effect)
    assert game.run.transitions.last().reason == f"timer:{timer}"  # type: ignore[union-attr]


# Disputes


@BOTH
@pytest.mark.parametrize("stage", ["working", "submitted", "revising"])
@pytest.mark.parametrize("party", ["influencer", "brand_owner"])
@pytest.mark.parametrize(
    ("resolution", "to", "effect"),
    [
        ("resolve_resume", "work_in_progress", ("support.open_ticket", {})),
        ("resolve_release", "work_approved", ("escrow.release", {"payment_id": "p-1"})),
        ("resolve_refund", "closed", ("escrow.refund", {"payment_id": "p-1"})),
    ],
)
def test_a_dispute_is_resolved_by_staff(
    start: Start, kind: str, stage: str, party: str, resolution: str, to: str, effect: tuple[str, Any]
) -> None:
    game = at(start, kind, stage, (party, "report_problem"))

    assert (game.state, game.conversation.awaiting_role) == ("dispute", None)
    for role in ("influencer", "brand_owner"):
        assert game.card(role)["actions"] == []
        assert failure(game.attempt(role, resolution)) == (403, "wrong_role")
    game.decide(resolution)
    assert (game.state, game.effects[-1]) == (to, effect)
    assert game.run.transitions.last().note == "It is fair"  # type: ignore[union-attr]


@BOTH
def test_staff_is_reminded_of_a_dispute_every_day(start: Start, kind: str) -> None:
    game = at(start, kind, "disputed")
    for _ in range(3):
        game.wait_for("staff_sla")

    assert [name for name, _ in game.effects].count("support.escalate") == 3


# Money that comes late, twice, or not at all


@BOTH
@pytest.mark.parametrize("ending", ["cancel", "silence"])
def test_a_late_payment_is_given_back_once(start: Start, kind: str, ending: str) -> None:
    game = at(start, kind, "ordered")
    game.play(("brand_owner", "cancel")) if ending == "cancel" else game.wait_for("expire")
    ended_as = game.state
    for _ in range(2):  # the provider reports the same payment by two events
        game.report("payment.captured", payment_id="late")

    assert game.state == ended_as
    assert game.effects[-2:] == [("escrow.void", {}), ("escrow.refund", {"payment_id": "late"})]
    assert game.texts("brand_owner")[-1] == "A late payment arrived and will be refunded."
    assert game.texts("influencer")[-1] != game.texts("brand_owner")[-1]


@BOTH
@pytest.mark.parametrize("stage", ["working", "submitted", "revising", "disputed", "approved", "free"])
def test_a_second_payment_is_given_back_and_the_first_one_stays(start: Start, kind: str, stage: str) -> None:
    game = at(start, kind, stage)
    state = game.state
    assert game.report("payment.captured", payment_id="p-1").step is None
    game.report("payment.captured", payment_id="p-2")

    refunds = [arguments for name, arguments in game.effects if name == "escrow.refund"]
    assert (game.state, refunds) == (state, [{"payment_id": "p-2"}])


@BOTH
def test_a_refund_that_staff_has_made_is_not_made_again(start: Start, kind: str) -> None:
    game = at(start, kind, "disputed", ("staff", "resolve_refund"))
    game.report("payment.captured", payment_id="p-1")

    assert [key for key in FlowEffect.objects.values_list("key", flat=True) if "refund" in key] == ["escrow.refund:p-1"]


@BOTH
def test_a_payout_that_fails_is_looked_into_and_settled_by_staff(start: Start, kind: str) -> None:
    game = at(start, kind, "approved", ("payout.failed",))

    assert (game.state, game.effects[-1]) == ("work_approved", ("support.open_ticket", {}))
    game.decide("mark_paid_out")
    assert game.conversation.chat_status == "real_time"


@BOTH
def test_a_payout_that_does_not_come_is_looked_into(start: Start, kind: str) -> None:
    game = at(start, kind, "approved")
    texts = game.texts("influencer"), game.texts("brand_owner")
    game.wait_for("payout_stuck")

    assert (game.state, game.effects[-1]) == ("work_approved", ("support.open_ticket", {}))
    assert (game.texts("influencer"), game.texts("brand_owner")) == texts


def test_a_campaign_that_is_cancelled_is_closed_or_disputed(start: Start) -> None:
    game = start("campaign")
    for line in CAMPAIGN["approved"]:
        with undone():
            game.report("campaign.cancelled")
            assert game.state == ("dispute" if ("escrow.hold", {"payment_id": "p-1"}) in game.effects else "closed")
        game.play(line)

    game.report("campaign.cancelled")
    assert game.state == "work_approved", "the work is done and will be paid for"
