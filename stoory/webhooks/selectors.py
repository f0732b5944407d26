"""Reads of webhooks: everybody has their own."""

from django.db.models import QuerySet

from stoory.ids import parse_uuid
from stoory.webhooks.errors import WebhookNotFound
from stoory.webhooks.models import WebhookDelivery, WebhookEndpoint
from stoory.webhooks.outbox import KEPT_DELIVERIES


def webhooks_of(user_id: str) -> QuerySet[WebhookEndpoint]:
    """Return the user's webhooks, the oldest first."""
    return WebhookEndpoint.objects.filter(owner_id=user_id)


def webhook_for(user_id: str, webhook_id: str) -> WebhookEndpoint:
    """Return a webhook of the user's; raises `WebhookNotFound` for any other."""
    return found(webhooks_of(user_id), webhook_id)


def found(rows: QuerySet[WebhookEndpoint], webhook_id: str) -> WebhookEndpoint:
    """Return the one of the rows; raises `WebhookNotFound`."""
    key = parse_uuid(webhook_id)
    webhook = rows.filter(pk=key).first() if key else None
    if webhook is None:
        raise WebhookNotFound
    return webhook


def newest_deliveries(webhook: WebhookEndpoint) -> QuerySet[WebhookDelivery]:
    """Return the newest attempts, the last one first."""
    return webhook.deliveries.order_by("-pk")[:KEPT_DELIVERIES]
