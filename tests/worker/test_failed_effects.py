"""Staff has a failed effect tried again, or lets it go; both are written down."""

from datetime import timedelta

import pytest

from conversations.models import Conversation
from flows import work
from flows.commands import DismissEffect, RetryEffect
from flows.errors import NotAvailable
from flows.models import FlowEffect, FlowTransition
from flows.ports import ProviderRefused
from flows.pruning import done_effects
from stoory.accounts.models import User
from stoory.commands import execute
from stoory.errors import Forbidden, InvalidPayload, NotFound
from stoory.times import utc_now
from tests.talk import hearing
from tests.worker.bank import Bank
from tests.worker.playing import effects

BOTH = pytest.mark.parametrize("command", [RetryEffect, DismissEffect])

Kind = type[RetryEffect] | type[DismissEffect]


@pytest.fixture
def failed(paid: Conversation, bank: Bank) -> FlowEffect:
    """The order of a bid, which the bank has refused; a hold waits behind it."""
    bank.troubles = [ProviderRefused("No such account.")]
    work.work_off()
    return FlowEffect.objects.get(status="failed")


def test_a_retry_has_the_same_key(failed: FlowEffect, paid: Conversation, bank: Bank, staff: User) -> None:
    execute(RetryEffect(actor=staff.pk, effect_id=failed.pk, reason="The account is there now."))
    assert work.work_off() == (0, 2)
    assert bank.methods == ["create_order", "create_order", "hold"]
    assert bank.keys[:2] == [failed.key] * 2
    failed.refresh_from_db()
    assert (failed.status, failed.attempts, failed.error) == ("done", 1, "")


def test_what_is_dismissed_holds_up_nothing(failed: FlowEffect, paid: Conversation, bank: Bank, staff: User) -> None:
    execute(DismissEffect(actor=staff.pk, effect_id=failed.pk, reason="Paid by hand."))
    assert work.work_off() == (0, 1)
    assert effects(paid) == [("escrow.create_order", "dismissed"), ("escrow.hold", "done")]


def test_what_is_dismissed_is_done_with(failed: FlowEffect, staff: User) -> None:
    execute(DismissEffect(actor=staff.pk, effect_id=failed.pk, reason="Paid by hand."))
    assert list(done_effects(utc_now() + timedelta(seconds=1))) == [failed]


@pytest.mark.parametrize(
    ("command", "reason"), [(RetryEffect, "staff:retry_effect"), (DismissEffect, "staff:dismiss_effect")]
)
def test_it_is_logged_with_its_reason_and_told_to_nobody(
    failed: FlowEffect, paid: Conversation, staff: User, command: Kind, reason: str
) -> None:
    paid.refresh_from_db()
    with hearing() as heard:
        execute(command(actor=staff.pk, effect_id=failed.pk, reason="I called them."))
    logged = FlowTransition.objects.latest("pk")
    assert (logged.reason, logged.note, logged.actor_id, logged.role) == (reason, "I called them.", staff.pk, "staff")
    assert logged.inputs == {"effect": "escrow.create_order", "key": failed.key}
    assert (logged.from_state, logged.to_state, logged.seq_to) == (paid.flow_state, paid.flow_state, paid.state_seq)
    assert heard == []


@BOTH
def test_it_is_for_staff(failed: FlowEffect, alice: User, command: Kind) -> None:
    with pytest.raises(Forbidden):
        execute(command(actor=alice.pk, effect_id=failed.pk, reason="Please."))
    failed.refresh_from_db()
    assert failed.status == "failed"


@BOTH
def test_it_needs_a_reason(failed: FlowEffect, staff: User, command: Kind) -> None:
    with pytest.raises(InvalidPayload, match="Say why"):
        command(actor=staff.pk, effect_id=failed.pk, reason=" ")


@BOTH
def test_what_has_not_failed_is_left_alone(failed: FlowEffect, staff: User, command: Kind) -> None:
    waiting = FlowEffect.objects.get(status="pending")
    with pytest.raises(NotAvailable):
        execute(command(actor=staff.pk, effect_id=waiting.pk, reason="Now."))
    with pytest.raises(NotFound, match="Effect not found"):
        execute(command(actor=staff.pk, effect_id=0, reason="Now."))
