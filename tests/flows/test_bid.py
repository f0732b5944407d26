"""The bid flow, played from the first request to each of its ends."""

from datetime import timedelta
from typing import Any

import pytest

from flows.cards import card
from flows.interpreter import available
from flows.simulation import Simulation
from tests.flows.players import SHIPPED, follows, play, refused

BID = SHIPPED["bid"]
DETAILS = {"deliverables": "One reel of 30 seconds", "deadline": "2026-02-01"}
PROBLEM = {"problem": "Nobody answers"}
WORK = {"work_notes": "Done", "work_url": "https://example.org/reel"}

CONNECTED = (("influencer", "accept_connection"),)
BRIEFED = (*CONNECTED, ("brand_owner", "send_project_details", DETAILS))
PRICING = (*BRIEFED, ("influencer", "accept_project"))
OFFERED = (*PRICING, ("brand_owner", "send_price_offer", {"price": "9000"}))
ASKED = (*OFFERED, ("influencer", "negotiate_price", {"price": "11500"}))
AGREED = (*OFFERED, ("influencer", "accept_price"))
ORDERED = (*AGREED, ("brand_owner", "proceed_to_payment"))
WORKING = (*ORDERED, ("payment.captured", {"payment_id": "p-1"}))
SUBMITTED = (*WORKING, ("influencer", "submit_work", WORK))
DISPUTED = (*WORKING, ("influencer", "report_problem", PROBLEM))
APPROVED = (*SUBMITTED, ("brand_owner", "approve_work"))
PAID_OUT = (*APPROVED, ("payout.succeeded",))


def effects(game: Simulation) -> list[tuple[str, dict[str, Any]]]:
    return [(call.effect, call.arguments) for call in game.calls]


def texts(game: Simulation, party: Any) -> list[str]:
    return [message.texts["en"] for message in game.seen_by(party)]


def test_the_way_to_free_chat() -> None:
    game = play(BID, *PAID_OUT)

    assert (game.snapshot.state, BID.states["real_time"].chat_status) == ("real_time", "real_time")
    assert effects(game) == [
        ("escrow.create_order", {"agreed_amount": "9000.00"}),
        ("escrow.hold", {"payment_id": "p-1"}),
        ("escrow.release", {"payment_id": "p-1"}),
    ]
    assert [step.after.state_seq for step in game.steps] == list(range(1, len(game.steps) + 1))
    assert texts(game, "influencer") == [
        "Brewly wants to work with you on “Cold brew reel”. Do you accept?",
        "You accepted. Brewly will now send the project details.",
        "Project details from Brewly:\nOne reel of 30 seconds\nDeadline: 1 Feb 2026",
        "You accepted the project. Next: the price.",
        "Brewly offers ₹9,000.",
        "You accepted ₹9,000.",
        "₹9,000 is in escrow. You can start.",
        "You submitted your work.",
        "Brewly approved your work.",
        "Payout sent. You can now chat freely.",
    ]
    assert texts(game, "brand_owner") == [
        "Asha accepted your request.",
        "You sent the project details.",
        "Asha accepted the project.",
        "You offered ₹9,000.",
        "Asha accepted ₹9,000.",
        "Complete the payment of ₹9,000 in the window that opens.",
        "Payment of ₹9,000 received in escrow.",
        "Asha submitted work: Done https://example.org/reel",
        "You approved the work.",
        "The collaboration is complete. You can now chat freely.",
    ]


def test_the_amount_of_the_application_can_be_taken_where_there_is_one() -> None:
    game = play(BID, *PRICING, ("brand_owner", "accept_proposed_amount"), proposed_amount="12000")

    assert game.snapshot.context["agreed_amount"] == "12000.00"
    assert refused(play(BID, *PRICING).press("brand_owner", "accept_proposed_amount")).code == "not_available"


def test_negotiation_goes_to_its_bound() -> None:
    game = play(BID, *ASKED)
    for price in ("10000", "9900"):
        follows(game.press("brand_owner", "send_counter_offer", price=price))
        follows(game.press("influencer", "negotiate_price", price="11000"))

    assert game.snapshot.context["round"] == BID.limits["max_rounds"] == 3
    assert refused(game.press("brand_owner", "send_counter_offer", price="10500")).code == "not_available"
    follows(game.press("brand_owner", "send_final_offer", price="10500"))
    follows(game.press("influencer", "accept_final_price"))
    assert (game.snapshot.state, game.snapshot.context["agreed_amount"]) == ("payment_pending", "10500.00")


def test_a_counter_offer_is_no_more_than_what_is_asked() -> None:
    game = play(BID, *ASKED)
    shown = next(b for b in available(BID, game.snapshot, "brand_owner", game.now) if b["id"] == "send_counter_offer")

    assert (shown["inputs"][0]["min"], shown["inputs"][0]["max"]) == ("100", "11500.00")
    assert refused(game.press("brand_owner", "send_counter_offer", price="11500.01")).fields == {
        "price": "must be between 100 and 11500.00"
    }


def test_questions_go_to_their_bound() -> None:
    game = play(BID, *BRIEFED)
    for _ in range(2):
        follows(game.press("influencer", "ask_question", question="Which music?"))
        follows(game.press("brand_owner", "send_project_details", **DETAILS))

    assert refused(game.press("influencer", "ask_question", question="And?")).code == "not_available"


def test_revisions_go_to_their_bound() -> None:
    game = play(BID, *SUBMITTED)
    for _ in range(2):
        follows(game.press("brand_owner", "request_revision", notes="Make it brighter, please"))
        follows(game.press("influencer", "submit_work", **WORK))

    refusal = refused(game.press("brand_owner", "request_revision", notes="Make it brighter, please"))
    assert (refusal.code, game.snapshot.state) == ("not_available", "work_submitted")


@pytest.mark.parametrize(
    ("stage", "role", "action", "end"),
    [
        ((), "influencer", "reject_connection", "connection_rejected"),
        ((), "brand_owner", "withdraw", "closed"),
        (CONNECTED, "brand_owner", "cancel", "closed"),
        (BRIEFED, "influencer", "reject_project", "project_rejected"),
        (PRICING, "brand_owner", "cancel", "closed"),
        (OFFERED, "influencer", "reject_price", "price_rejected"),
        (ASKED, "brand_owner", "reject_negotiation", "price_rejected"),
        (
            (*ASKED, ("brand_owner", "send_final_offer", {"price": "9500"})),
            "influencer",
            "reject_final_price",
            "price_rejected",
        ),
        (AGREED, "brand_owner", "cancel", "closed"),
    ],
)
def test_it_can_be_declined_at_every_stage(stage: tuple[Any, ...], role: str, action: str, end: str) -> None:
    game = play(BID, *stage, (role, action))

    assert (game.snapshot.state, BID.states[end].chat_status) == (end, "closed")
    assert refused(game.press("influencer", "accept_connection")).code == "flow_ended"
    assert "escrow.hold" not in [name for name, _ in effects(game)]


@pytest.mark.parametrize("stage", [(), CONNECTED, BRIEFED, PRICING, OFFERED, ASKED, AGREED, ORDERED])
def test_silence_expires_every_stage_before_the_payment(stage: tuple[Any, ...]) -> None:
    game = play(BID, *stage)
    fired = [step.record.reason for step in game.advance(timedelta(days=6))]

    assert (game.snapshot.state, fired) == ("expired", ["timer:remind", "timer:expire"])


@pytest.mark.parametrize("end", ["cancel", None])
def test_a_late_payment_is_given_back(end: str | None) -> None:
    game = play(BID, *ORDERED)
    follows(game.press("brand_owner", end)) if end else game.advance(timedelta(days=2))
    step = follows(game.receive("payment.captured", payment_id="late"))

    assert step.entered is False
    assert effects(game)[-2:] == [("escrow.void", {}), ("escrow.refund", {"payment_id": "late"})]
    assert texts(game, "brand_owner")[-1] == "A late payment arrived and will be refunded."


@pytest.mark.parametrize("stage", [WORKING, SUBMITTED, DISPUTED, APPROVED, PAID_OUT])
def test_a_second_payment_is_given_back_and_the_first_one_stays(stage: tuple[Any, ...]) -> None:
    game = play(BID, *stage)
    state = game.snapshot.state
    follows(game.receive("payment.captured", payment_id="p-2"))

    assert (game.snapshot.state, effects(game)[-1]) == (state, ("escrow.refund", {"payment_id": "p-2"}))
    assert refused(game.receive("payment.captured", payment_id="p-1")).code == "ignored"


def test_a_failed_payment_can_be_tried_again_up_to_the_bound() -> None:
    game = play(BID, *AGREED)
    for _ in range(5):
        follows(game.press("brand_owner", "proceed_to_payment"))
        step = follows(game.receive("payment.failed"))

    assert step.messages[0].action_required, "its buttons came again, with the new number"
    assert refused(game.press("brand_owner", "proceed_to_payment")).code == "not_available"


@pytest.mark.parametrize(
    ("resolution", "end", "effect"),
    [
        ("resolve_release", "work_approved", "escrow.release"),
        ("resolve_refund", "closed", "escrow.refund"),
        ("resolve_resume", "work_in_progress", "support.open_ticket"),
    ],
)
@pytest.mark.parametrize("party", ["influencer", "brand_owner"])
def test_a_dispute_is_resolved_by_staff(party: str, resolution: str, end: str, effect: str) -> None:
    game = play(BID, *SUBMITTED, (party, "report_problem", PROBLEM))

    assert BID.states["dispute"].awaiting is None
    assert refused(game.press(party, resolution)).code == "wrong_role"
    follows(game.press("staff", resolution))
    assert (game.snapshot.state, effects(game)[-1][0]) == (end, effect)
    assert effects(game)[-1][1] in ({"payment_id": "p-1"}, {})


def test_staff_is_reminded_of_a_dispute_every_day() -> None:
    game = play(BID, *DISPUTED)

    assert len(game.advance(timedelta(days=3, hours=1))) == 3
    assert [name for name, _ in effects(game)].count("support.escalate") == 3


def test_work_that_nobody_reviews_is_approved() -> None:
    game = play(BID, *SUBMITTED)
    game.advance(timedelta(days=7))

    assert (game.snapshot.state, effects(game)[-1][0]) == ("work_approved", "escrow.release")


def test_work_that_does_not_come_is_escalated_and_not_again_at_once() -> None:
    game = play(BID, *WORKING)
    game.advance(timedelta(days=60))
    assert game.snapshot.state == "dispute"

    follows(game.press("staff", "resolve_resume"))
    game.advance(timedelta(days=6))
    assert game.snapshot.state == "work_in_progress"


def test_a_failed_payout_is_for_support_and_staff_can_finish() -> None:
    game = play(BID, *APPROVED, ("payout.failed",), ("staff", "mark_paid_out"))

    assert (game.snapshot.state, effects(game)[-1][0]) == ("real_time", "support.open_ticket")


def test_a_private_price_never_reaches_the_other_party() -> None:
    """What each party reads and may press, at every stage: the note, the form and the reason stay where they belong."""
    secret = {"price": "11111", "note": "I need this for my rent"}
    game = play(BID, *OFFERED, ("influencer", "negotiate_price", secret))

    assert "rent" in texts(game, "brand_owner")[-1], "the note is for the brand"
    assert "rent" not in "".join(texts(game, "influencer"))
    declined = play(BID, ("influencer", "reject_connection", {"reason": "busy"}))
    assert "busy" not in str(
        [texts(declined, "brand_owner"), card(BID, declined.snapshot, "brand_owner", declined.now)]
    )


@pytest.mark.parametrize(
    "stage", [(), CONNECTED, BRIEFED, PRICING, OFFERED, ASKED, AGREED, WORKING, SUBMITTED, DISPUTED]
)
def test_each_party_has_its_own_buttons(stage: tuple[Any, ...]) -> None:
    game = play(BID, *stage)
    state = BID.states[game.snapshot.state]
    for role in ("influencer", "brand_owner", "staff"):
        offered = {button["id"] for button in available(BID, game.snapshot, role, game.now)}
        assert offered <= {action.id for action in state.actions if role in action.roles}
        shown = card(BID, game.snapshot, role, game.now)
        assert shown is None or {button["id"] for button in shown["buttons"]} == offered
    for message in game.steps[-1].messages:
        assert not message.action_required or message.to == state.awaiting
