"""Steps, runs and versions as JSON."""

from typing import Any

import msgspec

from flows import shapes
from flows.commands import Stepped
from flows.guidance import deadline, staff_buttons
from flows.models import FlowEffect, FlowRun, FlowTimer, FlowTransition, FlowVersion
from flows.runs import definition_of, parties_of, snapshot_of
from flows.snapshots import state_of
from flows.texts import FALLBACK, localized
from stoory.times import iso, iso_or_none

NEWEST = 100
"""How many timers and effects of a conversation are shown."""


def step_body(stepped: Stepped) -> shapes.Step:
    """Return where a step led."""
    return {
        "conversation_id": stepped.conversation_id,
        "replayed": stepped.replayed,
        "flow_state": stepped.flow_state,
        "awaiting_role": stepped.awaiting_role,
        "chat_status": stepped.chat_status,
        "state_seq": stepped.state_seq,
    }


def transition_body(transition: FlowTransition, reader_role: str | None = None) -> shapes.Transition:
    """Return a line of the log as a party may read it; to staff, who has no role, with all there is."""
    body: shapes.Transition = {
        "id": transition.pk,
        "reason": transition.reason,
        "from_state": transition.from_state,
        "to_state": transition.to_state,
        "seq_from": transition.seq_from,
        "seq_to": transition.seq_to,
        "role": transition.role,
        "inputs": transition.inputs if reader_role in (None, transition.role) else {},
        "dwell_seconds": transition.dwell.total_seconds() if transition.dwell is not None else None,
        "at": iso(transition.created_at),
    }
    if reader_role is not None:
        return body
    return body | {
        "actor_id": transition.actor_id,
        "note": transition.note,
        "nonce": transition.nonce,
        "version": transition.version.number,
    }


def run_body(run: FlowRun) -> shapes.Run:
    """Return a conversation's flow as staff sees it: where it is, what it knows, its timers and effects."""
    definition, conversation = definition_of(run.version), run.conversation
    snapshot = snapshot_of(run, parties_of(conversation))
    state = state_of(definition, snapshot)
    buttons: Any = staff_buttons(run, definition, snapshot)
    return {
        "conversation_id": str(conversation.pk),
        "flow": run.version.key,
        "version": run.version.number,
        "flow_state": snapshot.state,
        "title": localized(state.title, FALLBACK),
        "phase": state.phase,
        "state_seq": snapshot.state_seq,
        "awaiting_role": conversation.awaiting_role,
        "chat_status": conversation.chat_status,
        "outcome": run.outcome,
        "entered_at": iso(run.entered_at),
        "expires_at": iso_or_none(deadline(run, definition, snapshot)),
        "paused_at": iso_or_none(run.paused_at),
        "data": run.data,
        "staff_actions": buttons,
        "timers": [timer_body(timer) for timer in run.timers.order_by("-pk")[:NEWEST]],
        "effects": [effect_body(effect) for effect in run.effects.order_by("-pk")[:NEWEST]],
    }


def timer_body(timer: FlowTimer) -> shapes.Timer:
    """Return a timer."""
    return {
        "id": timer.pk,
        "name": timer.name,
        "kind": timer.kind,
        "state_seq": timer.state_seq,
        "due_at": iso(timer.due_at),
        "status": timer.status,
    }


def effect_body(effect: FlowEffect) -> shapes.Effect:
    """Return what was asked of the world, and what came of it."""
    return {
        "id": effect.pk,
        "name": effect.name,
        "arguments": effect.arguments,
        "key": effect.key,
        "status": effect.status,
        "attempts": effect.attempts,
        "due_at": iso(effect.due_at),
        "result": effect.result,
        "error": effect.error,
        "done_at": iso_or_none(effect.done_at),
        "created_at": iso(effect.created_at),
    }


def version_body(version: FlowVersion, *, has_document: bool = False) -> shapes.Version:
    """Return a version, with what it says only if that is asked for: the order of the states is that of the picture."""
    body: shapes.Version = {
        "key": version.key,
        "number": version.number,
        "status": version.status,
        "conversation_type": version.conversation_type,
        "checksum": version.checksum,
        "notes": version.notes,
        "created_by": version.created_by_id,
        "created_at": iso(version.created_at),
        "published_by": version.published_by_id,
        "published_at": iso_or_none(version.published_at),
    }
    return body | {"document": msgspec.json.decode(version.document)} if has_document else body
