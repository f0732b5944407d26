"""What a courier does, one step after the other, with answers of the test's own instead of a network."""

from collections.abc import Callable
from typing import Any

from django.db.models.functions import Now

from conversations.models import Conversation
from stoory.accounts.models import User
from stoory.commands import execute
from stoory.webhooks import outbox
from stoory.webhooks.commands import CreateWebhook
from stoory.webhooks.models import WebhookEndpoint, WebhookPosition
from stoory.webhooks.outbox import Parcel
from stoory.webhooks.posting import Answer

URL = "https://hooks.example.org/stoory"
TAKEN = Answer(status=200)
BROKEN = Answer(status=500, error="HTTP status 500")

Answering = Callable[[Parcel], Answer]


def webhook_of(owner: User, *kinds: str, url: str = URL) -> WebhookEndpoint:
    """Make a webhook of somebody's."""
    return execute(CreateWebhook(actor=owner.pk, url=url, kinds=list(kinds)))


def deliver(answer: Answering = lambda parcel: TAKEN, *, everything: bool = False) -> list[Parcel]:
    """Deliver what is due; return what was posted, in order."""
    outbox.look(everything=everything)
    posted = []
    while (lease := outbox.claim()) is not None:
        while (parcel := outbox.next_parcel(lease)) is not None:
            posted.append(parcel)
            if not outbox.record(parcel, answer(parcel)):
                break
        outbox.yield_turn(lease)
    return posted


def told(posted: list[Parcel], webhook: WebhookEndpoint) -> list[Any]:
    """Return what an endpoint was told, as the log by REST has it."""
    return [
        {"seq": body.seq, "event": body.type, "payload": body.data}
        for body in (parcel.hook.body for parcel in posted if parcel.endpoint == webhook)
    ]


def texts(posted: list[Parcel]) -> list[str]:
    """Return the messages that were told."""
    bodies = [parcel.hook.body.data for parcel in posted]
    return [body["message"]["message"] for body in bodies if "message" in body]


def position(webhook: WebhookEndpoint, conversation: Conversation) -> WebhookPosition:
    """Return how far an endpoint has been told of a conversation."""
    return WebhookPosition.objects.get(endpoint=webhook, conversation=conversation)


def let_rest(webhook: WebhookEndpoint) -> None:
    """Let the time pass that an endpoint and its conversations wait after a failure."""
    WebhookEndpoint.objects.filter(pk=webhook.pk).update(rests_until=None)
    webhook.positions.filter(due_at__gt=Now()).update(due_at=Now())
