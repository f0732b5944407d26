"""Guided conversations from before their flows: nothing is done for them until somebody asks."""

from io import StringIO

import pytest
from django.core.management import call_command

from conversations.models import Conversation, Participant
from flows.commands import PerformAction
from flows.errors import NotAvailable
from flows.models import FlowRun
from stoory.accounts.models import User
from stoory.commands import execute
from tests.flows.guided import guided, run_of

pytestmark = pytest.mark.usefixtures("shipped_flows")


@pytest.fixture
def old(alice: User, bob: User) -> Conversation:
    """A bid conversation of alice and bob without a flow."""
    low, high = sorted((alice.pk, bob.pk))
    made = Conversation.objects.create(
        type="bid",
        source_id="old",
        pair_low=low,
        pair_high=high,
        chat_status="automated",
        automation_enabled=True,
        created_by=alice,
    )
    for person in (alice, bob):
        Participant.objects.create(conversation=made, user=person, role=person.role)
    return made


def adopt() -> str:
    written = StringIO()
    call_command("flows", "adopt", stdout=written)
    return written.getvalue()


def accept(bob: User, conversation: Conversation) -> PerformAction:
    return PerformAction(actor=bob.pk, conversation_id=str(conversation.pk), action="accept_connection")


def test_it_has_no_buttons(old: Conversation, bob: User) -> None:
    with pytest.raises(NotAvailable, match="No flow guides"):
        execute(accept(bob, old))


def test_it_gets_its_flow(old: Conversation, bob: User) -> None:
    assert adopt() == f"{old.pk}: adopted\n"
    assert run_of(old).conversation.flow_state == "influencer_responding"
    assert old.messages.filter(visible_to="influencer").exists()
    assert execute(accept(bob, old)).flow_state == "brand_owner_details"


def test_once(old: Conversation) -> None:
    adopt()
    assert adopt() == ""
    assert FlowRun.objects.count() == 1


@pytest.mark.parametrize("status", ["real_time", "closed"])
def test_who_talks_already_is_left_alone(old: Conversation, alice: User, bob: User, status: str) -> None:
    Conversation.objects.filter(pk=old.pk).update(chat_status=status)
    guided(alice, bob)
    assert adopt() == ""


def test_what_can_not_start_is_told_and_left(old: Conversation, alice: User, bob: User, charlie: User) -> None:
    Conversation.objects.filter(pk=old.pk).update(context={"proposed_amount": 12.5})
    assert adopt().startswith(f"{old.pk}: context.proposed_amount: must be a decimal")
    assert not FlowRun.objects.exists()
