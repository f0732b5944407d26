"""`flows event`: the world reports something to a conversation, as its provider would."""

import json
from argparse import ArgumentParser
from collections.abc import Iterator
from typing import Any

from django.core.management.base import CommandError

from flows.commands import Delivery, ReceiveProviderEvent
from flows.management.pairs import values
from stoory.accounts.models import SYSTEM_USER_ID
from stoory.commands import execute
from stoory.errors import DomainError
from stoory.ids import uuid7


def add_arguments(event: ArgumentParser) -> None:
    event.add_argument("conversation", help="its id")
    event.add_argument("name", help="like payment.captured")
    event.add_argument("values", nargs="*", metavar="NAME=VALUE", help="what the event carries")
    event.add_argument("--id", help="the provider's id of it, to deliver an event once more; a new one by default")
    event.add_argument("--json", action="store_true", help="print one {event_id, outcome, replayed, state, seq} a line")


def report_event(options: dict[str, Any]) -> Iterator[str]:
    """Deliver an event, and say what it led to."""
    event_id = options["id"] or str(uuid7())
    try:
        deliveries = execute(
            ReceiveProviderEvent(
                actor=SYSTEM_USER_ID,
                event_id=event_id,
                event=options["name"],
                conversation_id=options["conversation"],
                data=values(options["values"]),
            )
        )
    except (DomainError, ValueError) as error:
        raise CommandError(_told(error)) from None
    for delivery in deliveries:
        told = _led_to(event_id, delivery)
        yield json.dumps(told) if options["json"] else _line(told)


def _led_to(event_id: str, delivery: Delivery) -> dict[str, Any]:
    return {
        "event_id": event_id,
        "outcome": "applied" if delivery.step else "ignored",
        "replayed": delivery.replayed,
        "state": delivery.where.flow_state,
        "seq": delivery.where.state_seq,
    }


def _line(told: dict[str, Any]) -> str:
    before = ", as before" if told["replayed"] else ""
    return f"{told['event_id']}: {told['outcome']}{before}: {told['state']} (#{told['seq']})"


def _told(error: Exception) -> str:
    if not isinstance(error, DomainError):
        return f"A value can't be read: {error}"
    faults = [f"{name} {fault}" for name, fault in error.details.get("fields", {}).items()]
    return " ".join([error.message, *faults])
