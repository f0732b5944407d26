"""Effects are carried out once, in order, and again with the same key where nobody knows what became of them."""

from datetime import timedelta

import pytest
from django.db import connection
from pytest_django import Settings

from conversations.models import Conversation
from flows import work
from flows.models import EffectStatus, FlowEffect
from flows.ports import ProviderRefused, ProviderUnavailable
from flows.settling import FIRST_DELAY, LONGEST_DELAY, MAX_ATTEMPTS, MAX_ERROR, delay
from stoory.accounts.models import User
from tests.worker.bank import Bank
from tests.worker.conftest import Clock
from tests.worker.playing import PRICE, effects, press, report, submit


def taken(clock: Clock) -> FlowEffect:
    """The effect that is due, leased."""
    effect = work.lease_effect(clock())
    assert effect is not None
    return effect


def attempt(clock: Clock) -> FlowEffect:
    """Try the effect that is due, and return it as it is then."""
    effect = taken(clock)
    work.carry_out(effect)
    return FlowEffect.objects.get(pk=effect.pk)


def test_the_provider_is_told_all_that_it_needs(
    agreed: Conversation, alice: User, bob: User, bank: Bank, clock: Clock
) -> None:
    press(alice, agreed, "proceed_to_payment")
    clock.advance(timedelta(seconds=1))
    effect = attempt(clock)

    assert bank.asked == [("create_order", effect.key, {"agreed_amount": PRICE})]
    deal = bank.deals[0]
    assert (deal.conversation_id, deal.source_id, deal.currency) == (str(agreed.pk), "bid-1", "INR")
    assert (deal.brand_owner_id, deal.influencer_id) == (alice.pk, bob.pk)
    assert (deal.reason, deal.inputs) == ("action:proceed_to_payment", {})
    assert (effect.status, effect.result, effect.done_at) == ("done", {"number": 1}, clock())


def test_all_that_is_due_is_done_in_order(paid: Conversation, alice: User, bob: User, bank: Bank) -> None:
    report(paid, "payment.captured", payment_id="p-2")
    submit(paid, bob)
    press(alice, paid, "approve_work")
    assert work.work_off() == (0, 4)
    assert bank.methods == ["create_order", "hold", "refund", "release"]
    assert [arguments.get("payment_id") for _, _, arguments in bank.asked] == [None, "p-1", "p-2", "p-1"]
    assert {status for _, status in effects(paid)} == {"done"}


def test_a_refund_has_one_key_for_each_payment(paid: Conversation, bank: Bank) -> None:
    for _ in range(2):
        report(paid, "payment.captured", payment_id="p-2")
    work.work_off()
    assert bank.keys[2:] == ["escrow.refund:p-2"]


def test_what_is_leased_is_nobody_elses(paid: Conversation, bank: Bank, clock: Clock) -> None:
    clock.advance(timedelta(seconds=1))
    assert taken(clock).attempts == 1
    assert work.lease_effect(clock()) is None


def test_the_provider_is_called_outside_of_any_transaction(
    transactional_db: None, paid: Conversation, bank: Bank, clock: Clock
) -> None:
    in_a_transaction: list[bool] = []
    bank.meanwhile = lambda: in_a_transaction.append(connection.in_atomic_block)
    clock.advance(timedelta(seconds=1))
    attempt(clock)
    assert in_a_transaction == [False]


def test_whose_worker_died_is_repeated_with_the_same_key(paid: Conversation, bank: Bank, clock: Clock) -> None:
    clock.advance(timedelta(seconds=1))
    first = taken(clock)
    work.call(first)  # and nobody records it
    clock.advance(work.LEASE)
    second = attempt(clock)

    assert (second.pk, second.status, second.attempts) == (first.pk, "done", 2)
    assert bank.keys == [first.key] * 2


def test_a_worker_that_was_taken_for_dead_spoils_nothing(paid: Conversation, bank: Bank, clock: Clock) -> None:
    clock.advance(timedelta(seconds=1))
    slow = taken(clock)
    clock.advance(work.LEASE)
    quick = taken(clock)
    bank.troubles = [ProviderRefused("Too late.")]
    work.carry_out(slow)
    assert FlowEffect.objects.get(pk=slow.pk).status == EffectStatus.PENDING

    work.carry_out(quick)
    work.carry_out(slow)
    assert FlowEffect.objects.get(pk=slow.pk).status == EffectStatus.DONE


# Trouble


@pytest.mark.parametrize(
    ("trouble", "said"),
    [
        (ProviderUnavailable("Closed\nfor \x1b[31mlunch"), "Closed for \N{REPLACEMENT CHARACTER}[31mlunch"),
        (ConnectionError("https://user:secret@bank.example"), "ConnectionError"),
    ],
)
def test_it_is_tried_again_later(paid: Conversation, bank: Bank, clock: Clock, trouble: Exception, said: str) -> None:
    clock.advance(timedelta(seconds=1))
    bank.troubles = [trouble]
    effect = attempt(clock)
    assert (effect.status, effect.error) == ("pending", said)
    assert FIRST_DELAY / 2 <= effect.due_at - clock() <= FIRST_DELAY

    assert work.lease_effect(clock()) is None
    clock.advance(FIRST_DELAY)
    effect = attempt(clock)
    assert (effect.status, effect.error, effect.attempts) == ("done", "", 2)
    assert len(set(bank.keys)) == 1


def test_each_delay_is_twice_as_long_up_to_an_hour(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("random.uniform", lambda low, high: high)
    assert [delay(attempts).total_seconds() for attempts in (1, 2, 3, 11)] == [2, 4, 8, 2048]
    assert {delay(attempts) for attempts in range(12, MAX_ATTEMPTS)} == {LONGEST_DELAY}


def test_the_delays_are_spread() -> None:
    delays = {delay(12) for _ in range(50)}
    assert len(delays) > 1
    assert LONGEST_DELAY / 2 <= min(delays) <= max(delays) <= LONGEST_DELAY


def test_after_the_last_attempt_it_has_failed(paid: Conversation, bank: Bank, clock: Clock) -> None:
    clock.advance(timedelta(seconds=1))
    bank.troubles = [ProviderUnavailable("Closed")] * MAX_ATTEMPTS
    for _ in range(MAX_ATTEMPTS):
        effect = attempt(clock)
        clock.advance(LONGEST_DELAY)
    assert (effect.status, effect.attempts) == ("failed", MAX_ATTEMPTS)
    assert len(set(bank.keys)) == 1
    assert work.lease_effect(clock()) is None


def test_a_refusal_is_final(paid: Conversation, bank: Bank, clock: Clock) -> None:
    clock.advance(timedelta(seconds=1))
    bank.troubles = [ProviderRefused("No such account. " * 100)]
    effect = attempt(clock)
    assert effect.status == "failed"
    assert len(effect.error) == MAX_ERROR


def test_what_kills_its_workers_fails_in_the_end(paid: Conversation, bank: Bank, clock: Clock) -> None:
    for _ in range(MAX_ATTEMPTS):
        clock.advance(work.LEASE)
        effect = taken(clock)
    clock.advance(work.LEASE)
    assert work.lease_effect(clock()) is None
    effect.refresh_from_db()
    assert (effect.status, effect.error) == ("failed", "Nobody who called the provider lived to tell the outcome.")


# Order


def test_what_is_asked_of_the_escrow_waits_for_what_was_asked_before(
    paid: Conversation, alice: User, bank: Bank, clock: Clock
) -> None:
    press(alice, paid, "report_problem", problem="Nobody answers.")
    clock.advance(timedelta(seconds=1))
    bank.troubles = [ProviderUnavailable("Closed")]
    attempt(clock)  # the order; the hold waits behind it, the ticket does not
    attempt(clock)
    assert bank.methods == ["create_order", "open_ticket"]
    assert work.lease_effect(clock()) is None
    clock.advance(FIRST_DELAY)
    assert work.work_off() == (0, 2)
    assert bank.methods[2:] == ["create_order", "hold"]


def test_it_waits_behind_what_has_failed(paid: Conversation, bank: Bank, clock: Clock) -> None:
    clock.advance(timedelta(seconds=1))
    bank.troubles = [ProviderRefused("No")]
    attempt(clock)
    assert work.lease_effect(clock()) is None
    assert effects(paid) == [("escrow.create_order", "failed"), ("escrow.hold", "pending")]


def test_without_a_provider_effects_wait(paid: Conversation, settings: Settings) -> None:
    settings.FLOW_PROVIDER = ""
    assert work.work_off() == (0, 0)
    assert {(effect.status, effect.attempts) for effect in FlowEffect.objects.all()} == {("pending", 0)}
