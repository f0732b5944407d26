"""REST for one's own webhooks."""

from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from stoory.api import ApiView
from stoory.commands import execute
from stoory.webhooks import inputs
from stoory.webhooks.commands import (
    ChangeWebhook,
    CreateWebhook,
    DeleteWebhook,
    PingWebhook,
    ReplayWebhook,
    RotateSecret,
)
from stoory.webhooks.selectors import newest_deliveries, webhook_for, webhooks_of
from stoory.webhooks.shapes import delivery_body, signed_webhook_body, webhook_body


class Webhooks(ApiView):
    """List your webhooks, or make one: `{url, kinds?}`. The answer has its secret, and no other answer does."""

    serializer_class = inputs.WebhookForm
    limits = {"POST": "action"}

    def get(self, request: Request) -> Response:
        return Response({"success": True, "webhooks": [webhook_body(each) for each in webhooks_of(self.actor)]})

    def post(self, request: Request) -> Response:
        body = self.body(inputs.NewWebhook)
        webhook = execute(CreateWebhook(actor=self.actor, url=body.url, kinds=body.kinds))
        return Response({"success": True, "webhook": signed_webhook_body(webhook)}, status=status.HTTP_201_CREATED)


class OneWebhook(ApiView):
    """Look at a webhook of yours, change it (`{url?, kinds?, is_active?}`), or delete it."""

    serializer_class = inputs.WebhookChangeForm
    limits = {"PATCH": "action", "DELETE": "action"}

    def get(self, request: Request, webhook_id: str) -> Response:
        return Response({"success": True, "webhook": webhook_body(webhook_for(self.actor, webhook_id))})

    def patch(self, request: Request, webhook_id: str) -> Response:
        body = self.body(inputs.WebhookChange)
        command = ChangeWebhook(
            actor=self.actor, webhook_id=webhook_id, url=body.url, kinds=body.kinds, is_active=body.is_active
        )
        return Response({"success": True, "webhook": webhook_body(execute(command))})

    def delete(self, request: Request, webhook_id: str) -> Response:
        execute(DeleteWebhook(actor=self.actor, webhook_id=webhook_id))
        return Response({"success": True})


class Ping(ApiView):
    """Have a `ping` sent, whether the webhook is switched on or not; `deliveries` has what came of it."""

    limits = {"POST": "action"}

    def post(self, request: Request, webhook_id: str) -> Response:
        execute(PingWebhook(actor=self.actor, webhook_id=webhook_id))
        return Response({"success": True}, status=status.HTTP_202_ACCEPTED)


class Secret(ApiView):
    """Replace the secret; for a day the old one signs as well."""

    limits = {"POST": "action"}

    def post(self, request: Request, webhook_id: str) -> Response:
        webhook = execute(RotateSecret(actor=self.actor, webhook_id=webhook_id))
        return Response({"success": True, "webhook": signed_webhook_body(webhook)})


class Replay(ApiView):
    """Have a conversation told once more: `{conversation_id, after_seq?}`; everything behind that place, in order."""

    serializer_class = inputs.ReplayForm
    limits = {"POST": "action"}

    def post(self, request: Request, webhook_id: str) -> Response:
        body = self.body(inputs.Replay)
        command = ReplayWebhook(
            actor=self.actor,
            webhook_id=webhook_id,
            conversation_id=body.conversation_id,
            after_seq=body.after_seq,
        )
        execute(command)
        return Response({"success": True}, status=status.HTTP_202_ACCEPTED)


class Deliveries(ApiView):
    """The newest attempts, the last one first."""

    def get(self, request: Request, webhook_id: str) -> Response:
        webhook = webhook_for(self.actor, webhook_id)
        return Response({"success": True, "deliveries": [delivery_body(each) for each in newest_deliveries(webhook)]})
