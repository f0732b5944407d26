"""REST for campaigns."""

from typing import Any

import msgspec
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from conversations.commands import PublishCampaignUpdate
from stoory.api import ApiView
from stoory.commands import execute
from stoory.times import iso


class NewUpdate(msgspec.Struct):
    """The body of an update."""

    kind: str
    data: dict[str, Any] | None = None


class UpdateForm(serializers.Serializer[Any]):
    kind = serializers.CharField()
    data = serializers.JSONField(required=False)  # type: ignore[assignment]  # a name that DRF uses otherwise


class CampaignUpdates(ApiView):
    """Tell everyone who follows a campaign's work: `{kind, data?}`. For its owner and staff."""

    serializer_class = UpdateForm
    limits = {"POST": "send"}

    def post(self, request: Request, campaign_id: str) -> Response:
        body = self.body(NewUpdate)
        event = execute(
            PublishCampaignUpdate(actor=self.actor, campaign_id=campaign_id, kind=body.kind, data=body.data)
        )
        update = {
            "campaign_id": event.campaign_id,
            "kind": event.update_kind,
            "data": event.data,
            "timestamp": iso(event.at),
        }
        return Response({"success": True, "update": update}, status=status.HTTP_201_CREATED)
