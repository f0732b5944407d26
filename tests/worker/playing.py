"""How far a bid gets, in few words."""

from datetime import timedelta
from typing import Any

from conversations.models import Conversation
from flows.commands import Delivery, PerformAction, ReceiveProviderEvent, Stepped
from flows.models import FlowEffect, FlowRun
from flows.oversight import shift
from stoory.accounts.models import SYSTEM_USER_ID, User
from stoory.commands import execute
from stoory.ids import uuid7
from stoory.times import utc_now

PRICE = "9000.00"


def press(who: User, conversation: Conversation, action: str, **data: Any) -> Stepped:
    """Press a button."""
    return execute(PerformAction(actor=who.pk, conversation_id=str(conversation.pk), action=action, data=data))


def report(conversation: Conversation, event: str, event_id: str | None = None, **data: Any) -> Delivery:
    """Let the provider report an event."""
    command = ReceiveProviderEvent(
        actor=SYSTEM_USER_ID,
        event_id=event_id or str(uuid7()),
        event=event,
        conversation_id=str(conversation.pk),
        data=data,
    )
    return execute(command)[0]


def agree(bid: Conversation, alice: User, bob: User) -> None:
    """Go from the request to an agreed price: the payment is pending."""
    press(bob, bid, "accept_connection")
    deadline = str(utc_now().date() + timedelta(days=30))
    press(alice, bid, "send_project_details", deliverables="One reel of 30 seconds", deadline=deadline)
    press(bob, bid, "accept_project")
    press(alice, bid, "send_price_offer", price=PRICE)
    press(bob, bid, "accept_price")


def pay(bid: Conversation, alice: User, bob: User) -> None:
    """Go from the request to a payment that has arrived: the work is in progress."""
    agree(bid, alice, bob)
    press(alice, bid, "proceed_to_payment")
    report(bid, "payment.captured", payment_id="p-1")


def submit(bid: Conversation, bob: User) -> None:
    """Submit work."""
    press(bob, bid, "submit_work", work_url="https://example.org/reel", work_notes="Here it is.")


def let_pass(conversation: Conversation, **time: float) -> None:
    """Let time pass for a conversation; nobody has looked yet."""
    shift(FlowRun.objects.get(pk=conversation.pk), -timedelta(**time))


def states(conversation: Conversation) -> list[str]:
    """Return the states that a conversation went through."""
    return list(FlowRun.objects.get(pk=conversation.pk).transitions.values_list("to_state", flat=True))


def effects(conversation: Conversation) -> list[tuple[str, str]]:
    """Return a conversation's effects, and how far each is."""
    return list(FlowEffect.objects.filter(run=conversation.pk).values_list("name", "status"))
