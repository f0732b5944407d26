"""The work rooms of seed 001: what happens in a campaign, for whoever works in it."""

from collections.abc import Iterable
from typing import Any

import msgspec

from conversations.events import CampaignUpdated, StateChanged
from stoory.documents.fields import CampaignId
from stoory.errors import DomainError
from stoory.events import Event
from stoory.realtime.contracts.base import Contract, Emit, Follow, Message, Route, ToRoom, Unfollow, when
from stoory.realtime.vocabulary.work import WorkUpdated
from stoory.times import iso

# Rooms


def room(campaign_id: str) -> str:
    """Return a campaign's room."""
    return f"room:work:{campaign_id}"


def rooms(conversation_id: str, role: str) -> tuple[str, ...]:
    """Return nothing: work rooms belong to campaigns, not to conversations."""
    return ()


# Client → server


class CampaignPayload(msgspec.Struct, rename="camel"):
    campaign_id: CampaignId


def join(actor: str, p: CampaignPayload) -> Follow:
    return Follow(campaign_id=p.campaign_id, room=room(p.campaign_id))


def leave(actor: str, p: CampaignPayload) -> Unfollow:
    return Unfollow(campaign_id=p.campaign_id, room=room(p.campaign_id))


def joined(p: CampaignPayload, result: Any) -> Iterable[Message]:
    yield "work:joined", {"campaignId": p.campaign_id}


INBOUND: dict[str, Route[Any]] = {
    "work:join": Route(payload=CampaignPayload, request=join, limit="join", replies=joined),
    "work:leave": Route(payload=CampaignPayload, request=leave),
}


# Server → client


def outbound(event: Event) -> Iterable[Emit]:
    """Return what a campaign's followers hear of `event`."""
    match event:
        case StateChanged(campaign_id=str(campaign_id), is_renewal=False):
            yield Emit(ToRoom(room(campaign_id)), "work:updated", state_body(event, campaign_id))
        case CampaignUpdated():
            yield Emit(ToRoom(room(event.campaign_id)), "work:updated", update_body(event))


def state_body(event: StateChanged, campaign_id: str) -> WorkUpdated:
    return {
        "campaignId": campaign_id,
        "conversationId": event.conversation_id,
        "kind": "state_changed",
        "flow_state": event.conversation.flow_state,
        "awaiting_role": event.conversation.awaiting_role,
        "chat_status": event.conversation.chat_status,
        "timestamp": iso(event.at),
    }


def update_body(event: CampaignUpdated) -> WorkUpdated:
    return {
        "campaignId": event.campaign_id,
        "kind": event.update_kind,
        "data": event.data,
        "timestamp": iso(event.at),
    }


def fault(event: str, payload: Any, error: DomainError) -> Message:
    return "work:error", {"message": error.message, "code": error.code, **when(error)}


WORK = Contract(name="work", inbound=INBOUND, outbound=outbound, rooms=rooms, fault=fault)
