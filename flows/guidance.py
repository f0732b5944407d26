"""What a running conversation says to its people now: prompts and buttons, each party's own, and until when."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from conversations.guides import Card, Guidance
from conversations.models import Participant
from flows.alarms import expires_at
from flows.cards import Button, available, card, prompt
from flows.models import FlowRun
from flows.runs import Parties, definition_of, is_held, parties_by_conversation, snapshot_of
from flows.schema import Definition
from flows.snapshots import Snapshot, state_of
from stoory.times import utc_now


def guidance(readers: Sequence[Participant]) -> dict[tuple[UUID, str], Guidance]:
    """Return what is said to those readers whose conversation has a run, by conversation and user."""
    keys = {reader.conversation_id for reader in readers}
    runs = FlowRun.objects.select_related("version").defer("version__document").in_bulk(keys)
    parties = parties_by_conversation(runs)
    said = {}
    for reader in readers:
        run = runs.get(reader.conversation_id)
        if run is not None:
            run.conversation = reader.conversation
            said[reader.conversation_id, reader.user_id] = _guidance(run, parties.get(run.pk, {}), reader)
    return said


def _guidance(run: FlowRun, parties: Parties, reader: Participant) -> Guidance:
    definition = definition_of(run.version)
    snapshot = snapshot_of(run, parties)
    locale = reader.user.locale
    said = prompt(definition, snapshot, reader.role, locale)
    return Guidance(
        title=said["title"],
        subtitle=said["subtitle"],
        phase=state_of(definition, snapshot).phase,
        expires_at=deadline(run, definition, snapshot),
        card=_card(run, definition, snapshot, reader.role, locale),
    )


def deadline(run: FlowRun, definition: Definition, snapshot: Snapshot) -> datetime | None:
    """Return when the state ends by itself; never while staff holds the conversation."""
    return None if is_held(run, definition) else expires_at(definition, snapshot)


def staff_buttons(run: FlowRun, definition: Definition, snapshot: Snapshot) -> list[Button]:
    """Return what staff may press now: nothing while it holds the conversation."""
    return [] if is_held(run, definition) else available(definition, snapshot, "staff", utc_now())


def cards_of(run: FlowRun, definition: Definition, parties: Parties) -> dict[str, Card]:
    """Return the buttons that each party has now, by role."""
    snapshot = snapshot_of(run, parties)
    found = {role: _card(run, definition, snapshot, role, person.user.locale) for role, person in parties.items()}
    return {role: each for role, each in found.items() if each}


def _card(run: FlowRun, definition: Definition, snapshot: Snapshot, role: str, locale: str) -> Card | None:
    shown = card(definition, snapshot, role, utc_now(), locale)
    if shown is None:
        return None
    return {**shown, "buttons": [], "expires_at": None} if is_held(run, definition) else dict(shown)
