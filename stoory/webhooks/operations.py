"""What REST for webhooks takes and answers, for people who call it."""

from stoory.documents.operations import Operation, Operations, Success
from stoory.webhooks.inputs import NewWebhook, Replay, WebhookChange
from stoory.webhooks.shapes import Delivery, SignedWebhook, Webhook


class Webhooks(Success):
    """Your webhooks, the oldest first."""

    webhooks: list[Webhook]


class OneWebhook(Success):
    """The webhook as it is now."""

    webhook: Webhook


class WebhookWithSecret(Success):
    """The webhook, with the secret that signs its hooks from now on."""

    webhook: SignedWebhook


class Deliveries(Success):
    """The newest 100 attempts, the last one first."""

    deliveries: list[Delivery]


ONE = "/api/webhooks/{webhook_id}"

OPERATIONS: Operations = {
    "GET /api/webhooks": Operation(tag="Webhooks", summary="List your webhooks", answers={200: Webhooks}),
    "POST /api/webhooks": Operation(
        tag="Webhooks",
        summary="Have an address told what you may see, from now on",
        about="The answer has the secret that signs its hooks; no other answer does.",
        body=NewWebhook,
        answers={201: WebhookWithSecret},
    ),
    f"GET {ONE}": Operation(
        tag="Webhooks", summary="Look at a webhook of yours", answers={200: OneWebhook}, errors=("not_found",)
    ),
    f"PATCH {ONE}": Operation(
        tag="Webhooks",
        summary="Change its address or events, switch it off or on",
        about="One that is switched on, or was failing, is told at once what it missed.",
        body=WebhookChange,
        example={"is_active": True},
        answers={200: OneWebhook},
        errors=("not_found",),
    ),
    f"DELETE {ONE}": Operation(
        tag="Webhooks", summary="Delete a webhook of yours", answers={200: Success}, errors=("not_found",)
    ),
    f"POST {ONE}/test": Operation(
        tag="Webhooks",
        summary="Have a `ping` sent, within a second, once",
        about="Its deliveries have what came of it. A webhook that is switched off is sent it too.",
        answers={202: Success},
        errors=("not_found",),
    ),
    f"POST {ONE}/rotate": Operation(
        tag="Webhooks",
        summary="Replace the secret; for a day the old one signs as well",
        answers={200: WebhookWithSecret},
        errors=("not_found",),
    ),
    f"POST {ONE}/replay": Operation(
        tag="Webhooks",
        summary="Have a conversation told once more, from a place on",
        about="Hooks have the ids that they had. What was before you joined is not told.",
        body=Replay,
        answers={202: Success},
        errors=("not_found",),
    ),
    f"GET {ONE}/deliveries": Operation(
        tag="Webhooks",
        summary="Read the newest attempts, and what came of each",
        answers={200: Deliveries},
        errors=("not_found",),
    ),
}
