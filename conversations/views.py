"""REST for campaigns, and for the members of channels."""

from typing import Any

import msgspec
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from conversations.commands import AddMember, PublishCampaignUpdate, RemoveMember
from stoory.api import ApiView
from stoory.commands import execute
from stoory.documents.fields import UserId
from stoory.http import naming
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


class Member(msgspec.Struct):
    """The body of a request that names a member."""

    member_id: UserId


class MemberForm(serializers.Serializer[Any]):
    member_id = serializers.CharField()


class Members(ApiView):
    """Add a member to a channel, or remove one: `{member_id}`. For its owner and staff; oneself anybody may remove."""

    serializer_class = MemberForm
    limits = {"POST": "join", "DELETE": "join"}

    def post(self, request: Request, conversation_id: str) -> Response:
        body = self.body(Member)
        with naming(user_id="member_id"):
            is_new = execute(AddMember(actor=self.actor, conversation_id=conversation_id, user_id=body.member_id))
        return Response(
            {"success": True, "added": is_new}, status=status.HTTP_201_CREATED if is_new else status.HTTP_200_OK
        )

    def delete(self, request: Request, conversation_id: str) -> Response:
        body = self.body(Member)
        with naming(user_id="member_id"):
            removed = execute(RemoveMember(actor=self.actor, conversation_id=conversation_id, user_id=body.member_id))
        return Response({"success": True, "removed": removed})
