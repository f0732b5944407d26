"""Many workers at once: each timer fires once, each effect is one call."""

from collections.abc import Callable

import pytest

from conversations.models import Conversation
from flows import work
from flows.commands import PerformAction
from flows.errors import Expired, FlowEnded
from flows.models import FlowEffect, FlowTransition
from stoory.accounts.models import User
from stoory.commands import execute
from tests.concurrency.threads import at_once
from tests.talk import hearing
from tests.worker.bank import Bank
from tests.worker.playing import let_pass, pay, report, states

pytestmark = pytest.mark.slow

WORKERS = 4


def test_a_timer_fires_once(bid: Conversation) -> None:
    let_pass(bid, days=1)
    with hearing() as heard:
        fired = at_once([work.fire_timers] * WORKERS)
    assert sum(fired) == 1
    assert FlowTransition.objects.filter(reason="timer:remind").count() == 1
    assert [event.seq for event in heard] == sorted({event.seq for event in heard})


def test_an_effect_is_called_once(bid: Conversation, alice: User, bob: User, bank: Bank) -> None:
    pay(bid, alice, bob)
    for number in range(2, 8):
        report(bid, "payment.captured", payment_id=f"p-{number}")
    tried = at_once([work.work_off] * WORKERS)

    while sum(effects for _, effects in tried) < 8:  # some found the next one behind another's call, and left
        tried.append(work.work_off())
    assert bank.methods == ["create_order", "hold"] + ["refund"] * 6
    assert len(set(bank.keys)) == 8
    assert set(FlowEffect.objects.values_list("status", "attempts")) == {("done", 1)}


@pytest.mark.parametrize("attempt", range(5))
def test_a_press_and_two_workers_at_the_deadline_expire_it_once(bid: Conversation, bob: User, attempt: int) -> None:
    let_pass(bid, days=3)
    command = PerformAction(actor=bob.pk, conversation_id=str(bid.pk), action="accept_connection")

    def press() -> str:
        try:
            execute(command)
        except (Expired, FlowEnded) as error:
            return error.code
        return "accepted"

    jobs: list[Callable[[], object]] = [press, work.fire_timers, work.fire_timers]
    answered = at_once(jobs)
    work.fire_timers()
    assert answered[0] in ("expired", "flow_ended")
    assert states(bid).count("expired") == 1
    assert FlowTransition.objects.filter(reason="timer:expire").count() == 1


def test_an_event_delivered_five_times_at_once_is_one(bid: Conversation, alice: User, bob: User, bank: Bank) -> None:
    pay(bid, alice, bob)
    deliveries = at_once([lambda: report(bid, "payment.captured", "evt-2", payment_id="p-2")] * 5)
    assert sorted(delivery.replayed for delivery in deliveries) == [False] + [True] * 4
    assert FlowTransition.objects.filter(nonce="event:evt-2").count() == 1
    assert FlowEffect.objects.filter(key="escrow.refund:p-2").count() == 1
