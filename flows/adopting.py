"""Guided conversations that were there before their flows. They get one when asked for, as that writes to people."""

from collections.abc import Iterator
from typing import NamedTuple

from django.db import transaction
from django.db.models import QuerySet

from conversations.models import GUIDED_TYPES, ChatStatus, Conversation
from conversations.selectors import locked_conversation
from flows.services import start_flow
from stoory.errors import DomainError


class Adoption(NamedTuple):
    """What became of a conversation; `fault` says why its flow could not start."""

    conversation_id: str
    fault: str | None


def without_flow() -> QuerySet[Conversation]:
    """Return the conversations that wait for a flow which they don't have."""
    return Conversation.objects.filter(type__in=GUIDED_TYPES, chat_status=ChatStatus.AUTOMATED, run__isnull=True)


def adopt_all() -> Iterator[Adoption]:
    """Start the flow of each conversation that waits for one, one transaction each, the oldest first."""
    for key in without_flow().order_by("pk").values_list("pk", flat=True):
        try:
            adopted = _adopt(str(key))
        except DomainError as error:
            path = error.details.get("path")
            yield Adoption(str(key), f"{path}: {error.message}" if path else error.message)
        else:
            if adopted:
                yield Adoption(str(key), None)


@transaction.atomic
def _adopt(conversation_id: str) -> bool:
    """Start a conversation's flow; not if it has one, or was closed or opened, in the meantime."""
    conversation = locked_conversation(conversation_id)
    waits = without_flow().filter(pk=conversation.pk).exists()
    if waits:
        start_flow(conversation)
    return waits
