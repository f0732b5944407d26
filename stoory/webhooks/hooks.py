"""What a hook says: an entry of the log as the chat family hears it, in one shape for all of them."""

from typing import Annotated
from uuid import uuid5

import msgspec
from msgspec import Meta

from stoory.documents import fields as f
from stoory.events import Event
from stoory.ids import uuid7
from stoory.realtime.contracts.base import as_log_entries
from stoory.realtime.contracts.chat import CHAT
from stoory.realtime.vocabulary.chat import CHAT_WORDS, LoggedPayload
from stoory.times import iso, utc_now
from stoory.webhooks.models import WebhookEndpoint

KINDS = frozenset(name for name, event in CHAT_WORDS.hears.items() if event.is_logged)
"""Events of the log, of which an endpoint may choose."""
GAP, PING = "gap", "ping"


Type = Annotated[
    str,
    Meta(
        description="An event of the log, or one of `gap` and `ping`.",
        examples=["chat:deleted"],
        extra_json_schema={"enum": [*sorted(KINDS), GAP, PING]},
    ),
]


class Body(msgspec.Struct, frozen=True, kw_only=True):
    """What is posted: of every type these keys."""

    type: Type
    timestamp: f.Time
    conversation_id: f.ConversationId | None
    seq: f.Seq | None
    data: LoggedPayload


class Hook(msgspec.Struct, frozen=True, kw_only=True):
    """Something to post; it has the same id however often it is."""

    id: str
    body: Body


def hook_of(endpoint: WebhookEndpoint, event: Event, role: str) -> Hook | None:
    """Return what a reader of this role is told of `event`; None where the endpoint has no interest in it."""
    for entry in as_log_entries(CHAT, [event], CHAT.rooms(event.conversation_id, role)):
        if not endpoint.kinds or entry["event"] in endpoint.kinds:
            body = Body(
                type=entry["event"],
                timestamp=iso(event.at),
                conversation_id=event.conversation_id,
                seq=entry["seq"],
                data=entry["payload"],
            )
            return _hook(endpoint, body)
    return None


def gap_hook(endpoint: WebhookEndpoint, conversation_id: str, after_seq: int, last_seq: int) -> Hook:
    """Return what tells that the log can't say what came after a place, and up to where."""
    body = Body(
        type=GAP,
        timestamp=iso(utc_now()),
        conversation_id=conversation_id,
        seq=last_seq,
        data={"conversationId": conversation_id, "afterSeq": after_seq, "lastSeq": last_seq},
    )
    return _hook(endpoint, body)


def ping_hook() -> Hook:
    """Return a hook that says nothing."""
    return Hook(
        id=f"msg_{uuid7().hex}", body=Body(type=PING, timestamp=iso(utc_now()), conversation_id=None, seq=None, data={})
    )


def _hook(endpoint: WebhookEndpoint, body: Body) -> Hook:
    place = uuid5(endpoint.pk, f"{body.conversation_id}:{body.seq}:{body.type}")
    return Hook(id=f"msg_{place.hex}", body=body)
