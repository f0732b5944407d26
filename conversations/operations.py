"""What REST for campaigns, and for the members of channels, takes and answers, for people who call it."""

from typing import Annotated, Any, TypedDict

from msgspec import Meta

from conversations.views import Member, NewUpdate
from stoory.documents import fields as f
from stoory.documents.operations import Operation, Operations, Success


class CampaignUpdate(TypedDict):
    """What everyone who follows the campaign hears."""

    campaign_id: f.CampaignId
    kind: Annotated[str, Meta(examples=["brief_changed"])]
    data: Annotated[dict[str, Any] | None, Meta(examples=[{"version": 2}])]
    timestamp: f.Time


class PublishedUpdate(Success):
    """It is told."""

    update: CampaignUpdate


class AddedMember(Success):
    """Whether they are new."""

    added: Annotated[bool, Meta(examples=[True])]


class RemovedMember(Success):
    """Whether they had been there."""

    removed: Annotated[bool, Meta(examples=[True])]


MEMBERS = "/api/conversations/{conversation_id}/members"

OPERATIONS: Operations = {
    f"POST {MEMBERS}": Operation(
        tag="Members",
        summary="Add a member to a channel; for its owner and staff",
        body=Member,
        example={"member_id": f.CHARLIE},
        answers={201: AddedMember, 200: AddedMember},
        errors=("forbidden", "not_found"),
    ),
    f"DELETE {MEMBERS}": Operation(
        tag="Members",
        summary="Remove a member of a channel; for its owner and staff, oneself anybody may remove",
        about="Whoever is removed hears nothing more of the conversation, on any server.",
        body=Member,
        example={"member_id": f.CHARLIE},
        answers={200: RemovedMember},
        errors=("forbidden", "not_found"),
    ),
    "POST /api/campaigns/{campaign_id}/updates": Operation(
        tag="Campaigns",
        summary="Tell everyone who follows a campaign's work; for its owner and staff",
        about="Sockets in the campaign's room hear `work:updated`.",
        body=NewUpdate,
        example={"kind": "brief_changed", "data": {"version": 2}},
        answers={201: PublishedUpdate},
        errors=("forbidden", "not_found"),
    ),
}
