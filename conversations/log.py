"""The event log: gapless numbers under the conversation's row lock, written in the transaction of the change."""

from collections.abc import Sequence
from typing import Any, TypeVar

import msgspec
from django.db.models.functions import Now

from conversations.models import Conversation, ConversationEvent
from stoory.events import Event, publish

SomeEvent = TypeVar("SomeEvent", bound=Event)

_BASE_FIELDS = {"kind", *Event.__struct_fields__}


def record(
    conversation: Conversation,
    event: Event,
    *,
    actor: str | None,
    payload: dict[str, Any] | None = None,
    extra: dict[str, Any] | None = None,
) -> None:
    """Write and publish `event`, numbered `conversation.last_seq + 1` by its maker; the conversation is locked.

    `extra` is for staff alone: it stands in the log beside the event's own fields, and is no part of the event.
    """
    conversation.last_seq = event.seq
    row = entry(event, actor=actor, payload=payload)
    row.payload |= extra or {}
    append(conversation, [event], [row])


def append(conversation: Conversation, events: Sequence[Event], entries: Sequence[ConversationEvent]) -> None:
    """Write and publish what happened in one step, its numbers taken from the locked conversation's `last_seq`."""
    conversation.updated_at = events[-1].at
    # By the database's clock, of which there is one: servers look for what moved since they looked last.
    Conversation.objects.filter(pk=conversation.pk).update(last_seq=conversation.last_seq, updated_at=Now())
    write(entries)
    publish(*events)


def entry(event: Event, *, actor: str | None, payload: dict[str, Any] | None = None) -> ConversationEvent:
    """Return the unsaved row of `event`; `payload` replaces the event's own fields where they are stored elsewhere."""
    data: dict[str, Any] = msgspec.to_builtins(event)
    return ConversationEvent(
        conversation_id=event.conversation_id,
        seq=event.seq,
        kind=data["kind"],
        payload={k: v for k, v in data.items() if k not in _BASE_FIELDS} if payload is None else payload,
        actor_id=actor,
        visible_to=event.visible_to,
        created_at=event.at,
    )


def write(entries: Sequence[ConversationEvent]) -> None:
    """Insert log rows in one statement."""
    ConversationEvent.objects.bulk_create(entries)


def restore(row: ConversationEvent, kind: type[SomeEvent]) -> SomeEvent:
    """Return the event that `row` was written from."""
    base = {
        "conversation_id": str(row.conversation_id),
        "seq": row.seq,
        "at": row.created_at,
        "visible_to": row.visible_to,
        "kind": row.kind,
    }
    return msgspec.convert(base | row.payload, kind)
