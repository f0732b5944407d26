"""The sandbox keeps to one answer a key, counts, and answers for the world where it is told to."""

import pytest
from pytest_django import Settings

from conversations.models import Conversation
from flows import work
from flows.models import ProviderEvent, SandboxCall
from flows.ports import Deal, ProviderRefused
from flows.sandbox import Sandbox
from stoory.accounts.models import User
from tests.worker.playing import effects, press, states, submit

pytestmark = pytest.mark.django_db

DEAL = Deal(
    conversation_id="c-1",
    conversation_type="bid",
    source_id="bid-1",
    campaign_id=None,
    currency="INR",
    brand_owner_id="alice",
    influencer_id="bob",
    reason="start",
    inputs={},
)


def test_a_key_is_answered_as_it_was_the_first_time() -> None:
    escrow = Sandbox().escrow
    answers = [escrow.hold(key="k", deal=DEAL, payment_id="p-1") for _ in range(3)]
    assert answers[0] == answers[1] == answers[2] != {}
    assert SandboxCall.objects.get().calls == 3


def test_other_keys_are_other_calls() -> None:
    escrow = Sandbox().escrow
    assert escrow.refund(key="k-1", deal=DEAL, payment_id="p-1") != escrow.refund(
        key="k-2", deal=DEAL, payment_id="p-2"
    )


def test_a_key_is_for_one_call() -> None:
    sandbox = Sandbox()
    sandbox.escrow.hold(key="k", deal=DEAL, payment_id="p-1")
    with pytest.raises(ProviderRefused, match="another call"):
        sandbox.escrow.hold(key="k", deal=DEAL, payment_id="p-2")
    with pytest.raises(ProviderRefused, match="another call"):
        sandbox.support.escalate(key="k", deal=DEAL)


def test_it_is_silent_by_default(agreed: Conversation, alice: User) -> None:
    press(alice, agreed, "proceed_to_payment")
    assert work.work_off() == (0, 1)
    assert states(agreed)[-1] == "payment_pending"
    assert not ProviderEvent.objects.exists()


def test_told_to_answer_it_pays_and_pays_out(agreed: Conversation, alice: User, bob: User, settings: Settings) -> None:
    settings.SANDBOX_ANSWERS = True
    press(alice, agreed, "proceed_to_payment")
    assert work.work_off() == (0, 2)
    assert states(agreed)[-1] == "work_in_progress"

    submit(agreed, bob)
    press(alice, agreed, "approve_work")
    assert work.work_off() == (0, 1)
    assert states(agreed)[-1] == "real_time"
    assert [name for name, _ in effects(agreed)] == ["escrow.create_order", "escrow.hold", "escrow.release"]


def test_a_repeated_call_is_one_payment(agreed: Conversation, alice: User, settings: Settings) -> None:
    settings.SANDBOX_ANSWERS = True
    press(alice, agreed, "proceed_to_payment")
    effect = agreed.run.effects.get()
    for _ in range(2):
        work.call(effect)
    assert ProviderEvent.objects.count() == 1
    assert [name for name, _ in effects(agreed)] == ["escrow.create_order", "escrow.hold"]
