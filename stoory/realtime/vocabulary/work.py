"""The words of the work rooms (seed 001)."""

from typing import Annotated, Any, NotRequired, TypedDict

from msgspec import Meta

from stoory.documents import fields as f
from stoory.realtime.vocabulary.base import ASKING, Done, Hears, Says, Vocabulary


class WorkJoined(TypedDict):
    """You hear the campaign from here on."""

    campaignId: f.CampaignId


class WorkError(TypedDict):
    """A fault, beside the failed acknowledgement."""

    message: Annotated[str, Meta(examples=["Campaign not found"])]
    code: f.Code
    retryAfter: NotRequired[f.RetryAfter]


class WorkUpdated(TypedDict):
    """What happened in a campaign: `data` of an update, or where a conversation is now."""

    campaignId: f.CampaignId
    kind: Annotated[str, Meta(description="`state_changed`, or what an update was called.", examples=["brief_changed"])]
    timestamp: f.Time
    data: NotRequired[Annotated[dict[str, Any] | None, Meta(examples=[{"version": 2}])]]
    conversationId: NotRequired[Annotated[str, Meta(description="Whose state has changed.")]]
    flow_state: NotRequired[str | None]
    awaiting_role: NotRequired[str | None]
    chat_status: NotRequired[Annotated[str, Meta(description="As `conversation_state_changed` has it.")]]


WORK_WORDS = Vocabulary(
    title="Work rooms",
    about="What happens in a campaign, for its owner, for who has a conversation in it, and for staff.",
    says={
        "work:join": Says(summary="Hear a campaign.", ack=Done, answers=("work:joined",), errors=("not_found",)),
        "work:leave": Says(summary="Stop hearing it.", ack=Done),
    },
    hears={
        "work:joined": Hears(payload=WorkJoined, to=ASKING, summary="Answers `work:join`."),
        "work:error": Hears(payload=WorkError, to=ASKING, summary="Something you emitted was refused."),
        "work:updated": Hears(
            payload=WorkUpdated,
            to="room:work:<campaignId>",
            summary="A conversation of the campaign changed its state, or an update was posted by REST.",
        ),
    },
)
