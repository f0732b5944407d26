"""What REST answers about webhooks, as types with words, and how it is made."""

from typing import Annotated, TypedDict

from msgspec import Meta

from stoory.documents import fields as f
from stoory.times import iso, iso_or_none
from stoory.webhooks.inputs import Kinds, Url
from stoory.webhooks.models import WebhookDelivery, WebhookEndpoint

WebhookId = Annotated[
    str, Meta(description="The webhook's id, a UUID.", examples=["0197f000-0000-7000-8000-00000000e001"])
]
Secret = Annotated[
    str,
    Meta(
        description="Signs its hooks. Keep it: it is not told again.",
        examples=["whsec_c3Rvb3J5IGlzIGEgbWVzc2FnaW5nIGJhY2tlbmQhISE="],
    ),
]


class Webhook(TypedDict):
    """A webhook, and how it fares."""

    id: WebhookId
    url: Url
    kinds: Kinds
    is_active: bool
    off_reason: Annotated[str, Meta(description="Why it is switched off; empty where it is not.", examples=[""])]
    created_at: f.Time
    last_success_at: f.Time | None
    failing_since: Annotated[str | None, Meta(description="The first of the failures since then.", examples=[None])]


class SignedWebhook(Webhook):
    """A webhook, with the secret that signs its hooks."""

    secret: Secret


class Delivery(TypedDict):
    """An attempt to deliver a hook."""

    webhook_id: Annotated[
        str, Meta(description="The header of that name.", examples=["msg_5f0c2ad0e1c54d0c9e8f0b8d3c1d2e4f"])
    ]
    event: Annotated[str, Meta(examples=["chat:new"])]
    conversation_id: f.ConversationId | None
    seq: f.Seq | None
    at: f.Time
    status: Annotated[int | None, Meta(description="Of the answer; null where there was none.", examples=[200])]
    error: Annotated[str, Meta(description="Why it counts as failed; empty where it does not.", examples=[""])]
    seconds: Annotated[float, Meta(examples=[0.042])]


def webhook_body(webhook: WebhookEndpoint) -> Webhook:
    return {
        "id": str(webhook.pk),
        "url": webhook.url,
        "kinds": webhook.kinds,
        "is_active": webhook.is_active,
        "off_reason": webhook.off_reason,
        "created_at": iso(webhook.created_at),
        "last_success_at": iso_or_none(webhook.last_success_at),
        "failing_since": iso_or_none(webhook.failing_since),
    }


def signed_webhook_body(webhook: WebhookEndpoint) -> SignedWebhook:
    return {**webhook_body(webhook), "secret": webhook.secret}


def delivery_body(delivery: WebhookDelivery) -> Delivery:
    return {
        "webhook_id": delivery.hook_id,
        "event": delivery.event,
        "conversation_id": str(delivery.conversation_id) if delivery.conversation_id else None,
        "seq": delivery.seq,
        "at": iso(delivery.at),
        "status": delivery.status,
        "error": delivery.error,
        "seconds": delivery.seconds,
    }
