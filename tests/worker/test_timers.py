"""Timers fire by themselves, once, and not where staff holds the conversation."""

import pytest

from conversations.commands import SetChatStatus
from conversations.models import Conversation
from flows import work
from flows.commands import PauseFlow, ResumeFlow
from flows.models import FlowTimer
from flows.services import fire_timer
from stoory.accounts.models import User
from stoory.commands import execute
from stoory.times import utc_now
from tests.worker.bank import Bank
from tests.worker.playing import agree, let_pass, states, submit


def last(conversation: Conversation) -> str:
    return states(conversation)[-1]


def test_nothing_is_due_before_its_time(bid: Conversation) -> None:
    assert work.fire_timers() == 0
    assert states(bid) == ["influencer_responding"]


def test_a_reminder_is_sent_once(bid: Conversation) -> None:
    let_pass(bid, days=1)
    assert [work.fire_timers(), work.fire_timers()] == [1, 0]
    assert states(bid) == ["influencer_responding"] * 2


def test_who_stays_silent_is_reminded_and_then_expires(bid: Conversation) -> None:
    let_pass(bid, days=4)
    assert work.fire_timers() == 2
    assert last(bid) == "expired"
    bid.refresh_from_db()
    assert bid.chat_status == "closed"


def test_what_a_timer_leads_to_is_asked_of_the_provider(paid: Conversation, bob: User, bank: Bank) -> None:
    submit(paid, bob)
    let_pass(paid, days=8)
    assert work.work_off() == (2, 3)
    assert last(paid) == "work_approved"
    assert bank.methods == ["create_order", "hold", "release"]


def test_a_timer_of_a_state_that_was_left_is_void(bid: Conversation, alice: User, bob: User) -> None:
    agree(bid, alice, bob)
    assert set(FlowTimer.objects.exclude(state_seq=6).values_list("status", flat=True)) == {"void"}


def test_a_paused_conversation_waits_and_then_has_its_time(bid: Conversation, staff: User) -> None:
    hold = {"actor": staff.pk, "conversation_id": str(bid.pk), "reason": "A question of ours."}
    execute(PauseFlow(**hold))
    let_pass(bid, days=4)
    assert work.fire_timers() == 0
    assert list(work.due_timers(utc_now())) == []

    execute(ResumeFlow(**hold))
    assert work.fire_timers() == 2


def test_a_closed_conversation_stays_closed(bid: Conversation, staff: User) -> None:
    execute(SetChatStatus(actor=staff.pk, conversation_id=str(bid.pk), chat_status="closed", reason="Spam."))
    let_pass(bid, days=4)
    assert work.fire_timers() == 0
    assert list(work.due_timers(utc_now())) == []


def test_a_fault_in_one_holds_up_no_other(
    bid: Conversation, alice: User, bob: User, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    let_pass(bid, days=4)
    broken = FlowTimer.objects.get(name="remind", status="pending").pk

    def fire(timer_id: int) -> bool:
        if timer_id == broken:
            raise ZeroDivisionError
        return fire_timer(timer_id)

    monkeypatch.setattr(work, "fire_timer", fire)
    assert work.fire_timers() == 1
    assert last(bid) == "expired"
    assert "can't fire and is looked at again later" in caplog.text
