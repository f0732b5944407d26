"""The campaign flow, played from the invitation to each of its ends."""

from datetime import timedelta
from typing import Any

import pytest

from flows.interpreter import start
from flows.simulation import DAWN
from tests.flows.players import SHIPPED, START_VALUES, follows, play, refused

CAMPAIGN = SHIPPED["campaign"]
BRIEF = {
    "deliverables": "Two stories and a reel",
    "deadline": "2026-02-01",
    "publish_on": "2026-02-10",
    "usage_rights": "d30",
}
READY = {name: START_VALUES[name] for name in ("deliverables", "deadline", "publish_on")}
DRAFT = {"draft_files": ["file-1"], "draft_notes": "First cut"}
PROBLEM = {"problem": "Nobody answers"}

JOINED = (("influencer", "accept_connection"),)
BRIEFED = (*JOINED, ("brand_owner", "send_project_details", BRIEF))
PRICING = (*BRIEFED, ("influencer", "accept_project"))
OFFERED = (*PRICING, ("brand_owner", "send_price_offer", {"price": "8000"}))
ASKED = (*OFFERED, ("influencer", "negotiate_price", {"price": "9000"}))
AGREED = (*OFFERED, ("influencer", "accept_price"))
WORKING = (*AGREED, ("brand_owner", "proceed_to_payment"), ("payment.captured", {"payment_id": "p-1"}))
SUBMITTED = (*WORKING, ("influencer", "submit_work", DRAFT))
PUBLISHING = (*SUBMITTED, ("brand_owner", "approve_work"))
PUBLISHED = (*PUBLISHING, ("influencer", "submit_post", {"post_url": "https://example.org/p"}))
DISPUTED = (*PUBLISHED, ("brand_owner", "report_problem", PROBLEM))
DONE = (*PUBLISHED, ("brand_owner", "confirm_post"), ("payout.succeeded",))


def test_the_way_to_free_chat() -> None:
    game = play(CAMPAIGN, *DONE)

    assert game.snapshot.state == "real_time"
    assert [call.effect for call in game.calls] == ["escrow.create_order", "escrow.hold", "escrow.release"]


def test_a_ready_brief_and_a_fixed_fee_shorten_the_way() -> None:
    game = play(CAMPAIGN, *JOINED, ("influencer", "accept_project"), **READY, fixed_fee="8000")
    assert game.snapshot.state == "fixed_fee_confirm"

    follows(game.press("influencer", "accept_price"))
    assert (game.snapshot.state, game.snapshot.context["agreed_amount"]) == ("payment_pending", "8000.00")


def test_a_brief_without_its_dates_is_not_ready() -> None:
    game = play(CAMPAIGN, *JOINED, deliverables="A reel")

    assert game.snapshot.state == "brand_owner_details"


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31", "tomorrow", 20260201, None])
def test_a_day_that_no_clock_reaches_is_no_start_value(day: object) -> None:
    answer = start(CAMPAIGN, {"deadline": day}, DAWN)

    assert day is None or refused(answer).fields == {"deadline": "must be a date like 2026-12-31"}


def test_negotiation_goes_to_its_bound() -> None:
    game = play(CAMPAIGN, *ASKED, ("brand_owner", "send_counter_offer", {"price": "8500"}))
    follows(game.press("influencer", "negotiate_price", price="8800"))
    follows(game.press("brand_owner", "send_counter_offer", price="8600"))

    assert refused(game.press("influencer", "negotiate_price", price="8700")).code == "not_available"


def test_revisions_go_to_their_bound() -> None:
    game = play(CAMPAIGN, *SUBMITTED)
    for _ in range(2):
        follows(game.press("brand_owner", "request_revision", notes="A warmer light, please"))
        follows(game.press("influencer", "submit_work", **DRAFT))

    assert refused(game.press("brand_owner", "request_revision", notes="A warmer light")).code == "not_available"


@pytest.mark.parametrize(
    ("stage", "role", "action", "end"),
    [
        ((), "influencer", "reject_connection", "connection_rejected"),
        ((), "brand_owner", "withdraw", "closed"),
        (JOINED, "brand_owner", "cancel", "closed"),
        (BRIEFED, "influencer", "reject_project", "project_rejected"),
        (PRICING, "brand_owner", "cancel", "closed"),
        (OFFERED, "influencer", "reject_price", "price_rejected"),
        (ASKED, "brand_owner", "reject_negotiation", "price_rejected"),
        (AGREED, "brand_owner", "cancel", "closed"),
    ],
)
def test_it_can_be_declined_at_every_stage(stage: tuple[Any, ...], role: str, action: str, end: str) -> None:
    assert play(CAMPAIGN, *stage, (role, action)).snapshot.state == end


@pytest.mark.parametrize("stage", [(), JOINED, BRIEFED, PRICING, OFFERED, ASKED, AGREED])
def test_silence_expires_every_stage_before_the_payment(stage: tuple[Any, ...]) -> None:
    game = play(CAMPAIGN, *stage)
    game.advance(timedelta(days=6))

    assert game.snapshot.state == "expired"


@pytest.mark.parametrize("stage", [(), JOINED, BRIEFED, PRICING, OFFERED, ASKED, AGREED])
def test_a_cancelled_campaign_closes_what_is_not_paid(stage: tuple[Any, ...]) -> None:
    assert play(CAMPAIGN, *stage, ("campaign.cancelled",)).snapshot.state == "closed"


@pytest.mark.parametrize("stage", [WORKING, SUBMITTED, PUBLISHING, PUBLISHED])
def test_a_cancelled_campaign_is_for_support_once_it_is_paid(stage: tuple[Any, ...]) -> None:
    game = play(CAMPAIGN, *stage, ("campaign.cancelled",))

    assert (game.snapshot.state, game.calls[-1].effect) == ("dispute", "support.open_ticket")


@pytest.mark.parametrize(
    ("stage", "end"),
    [
        (WORKING, "dispute"),
        (SUBMITTED, "publish_pending"),
        (PUBLISHING, "dispute"),
        (PUBLISHED, "work_approved"),
    ],
)
def test_silence_does_not_stop_what_is_paid(stage: tuple[Any, ...], end: str) -> None:
    game = play(CAMPAIGN, *stage)
    state = game.snapshot.state
    for _ in range(60):
        game.advance(timedelta(days=1))
        if game.snapshot.state != state:
            break

    assert game.snapshot.state == end


@pytest.mark.parametrize(
    ("resolution", "end", "effects"),
    [
        ("resolve_release", "work_approved", ["escrow.release"]),
        ("resolve_refund", "closed", ["escrow.refund"]),
        ("resolve_resume", "work_in_progress", []),
    ],
)
def test_a_dispute_is_resolved_by_staff(resolution: str, end: str, effects: list[str]) -> None:
    game = play(CAMPAIGN, *DISPUTED)
    step = follows(game.press("staff", resolution))

    assert (game.snapshot.state, [call.effect for call in step.calls]) == (end, effects)


def test_a_late_payment_is_given_back() -> None:
    game = play(CAMPAIGN, *AGREED, ("brand_owner", "proceed_to_payment"), ("campaign.cancelled",))
    follows(game.receive("payment.captured", payment_id="late"))

    assert [(call.effect, call.arguments) for call in game.calls][-1] == ("escrow.refund", {"payment_id": "late"})
