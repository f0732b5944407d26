"""A step made lasting: state, log of transitions, timers, effects, messages and events, in the caller's transaction."""

from collections import Counter
from collections.abc import Iterable, Iterator
from functools import partial
from typing import Any

import msgspec
from django.db import transaction

from conversations import log
from conversations.guides import Card
from conversations.models import ChatStatus, Conversation, ConversationEvent
from conversations.services import state_changed
from flows.commands import Stepped
from flows.guidance import cards_of
from flows.models import FlowEffect, FlowRun, FlowTimer, FlowTransition, TimerStatus
from flows.runs import Parties, is_closed_by_staff, sole_holders
from flows.schema import PARTIES, Definition, Party
from flows.snapshots import Alarm, Call, Message, Step, state_of
from flows.texts import localized
from messaging.commands import Automated
from messaging.services import say_automatically, take_action
from stoory.accounts.models import SYSTEM_USER_ID
from stoory.events import Event

ONCE_PER_PAYMENT = ("escrow.refund",)

entered = Counter[tuple[str, str]]()
"""Flows and the states that this process took them into."""


class Cause(msgspec.Struct, frozen=True, kw_only=True):
    """Who brought a step about, and by what it is known again."""

    actor: str = SYSTEM_USER_ID
    nonce: str | None = None
    fingerprint: str = ""
    note: str = ""


def record_step(run: FlowRun, definition: Definition, parties: Parties, step: Step, cause: Cause) -> FlowTransition:
    """Write a step of a locked conversation's run; its events are published with the commit."""
    previous = run.conversation.flow_state
    _move(run, definition, step)
    transition = _transition(run, step, cause)
    if step.entered:
        transaction.on_commit(partial(entered.update, [(run.version.key, step.after.state)]), robust=True)
        void_timers(run)
    schedule(run, step.alarms)
    _request(run, transition, step.calls)
    _tell(run, definition, parties, step, cause, previous)
    return transition


def _move(run: FlowRun, definition: Definition, step: Step) -> None:
    state = state_of(definition, step.after)
    conversation = run.conversation
    stays_closed = is_closed_by_staff(run, definition) and step.record.role != "staff"
    conversation.flow_state = step.after.state
    conversation.state_seq = step.after.state_seq
    conversation.awaiting_role = state.awaiting
    if step.entered and not stays_closed:  # whom staff let talk in the meantime, a step that stays lets talk on
        conversation.chat_status = ChatStatus(state.chat_status)
    conversation.automation_enabled = not state.final
    conversation.save(update_fields=["flow_state", "state_seq", "awaiting_role", "chat_status", "automation_enabled"])
    run.data, run.outcome = step.after.context, state.outcome
    run.entered_at, run.delay = step.after.entered_at, step.after.delay
    run.save(update_fields=["data", "outcome", "entered_at", "delay"])


def _transition(run: FlowRun, step: Step, cause: Cause) -> FlowTransition:
    record = step.record
    return FlowTransition.objects.create(
        run=run,
        version_id=run.version_id,
        from_state=record.from_state,
        to_state=record.to_state,
        seq_from=record.seq_from,
        seq_to=record.seq_to,
        reason=record.reason,
        role=record.role,
        actor_id=cause.actor,
        inputs=record.inputs,
        note=cause.note,
        nonce=cause.nonce,
        fingerprint=cause.fingerprint,
        dwell=record.dwell,
    )


def void_timers(run: FlowRun) -> None:
    """Let no timer of the state that a run leaves come to anything."""
    run.timers.filter(status=TimerStatus.PENDING).update(status=TimerStatus.VOID)


def schedule(run: FlowRun, alarms: Iterable[Alarm]) -> None:
    """Set timers of the step that a run has come to."""
    seq = run.conversation.state_seq
    FlowTimer.objects.bulk_create(
        FlowTimer(run=run, name=alarm.timer, kind=alarm.kind, due_at=alarm.due_at, state_seq=seq) for alarm in alarms
    )


def _request(run: FlowRun, transition: FlowTransition, calls: tuple[Call, ...]) -> None:
    effects = [
        FlowEffect(run=run, transition=transition, name=call.effect, arguments=call.arguments, key=key)
        for place, call in enumerate(calls)
        for key in [_key(call, f"{run.pk}:{transition.pk}:{place}")]
    ]
    FlowEffect.objects.bulk_create(effects, ignore_conflicts=True)


def _key(call: Call, place: str) -> str:
    """Return the provider's idempotency key: of a refund the payment, so that none is paid back twice."""
    payment = call.arguments.get("payment_id")
    return f"{call.effect}:{payment}" if call.effect in ONCE_PER_PAYMENT and payment else f"{call.effect}:{place}"


def _tell(
    run: FlowRun, definition: Definition, parties: Parties, step: Step, cause: Cause, previous: str | None
) -> None:
    """Write the step's events in the order in which every wire tells them."""
    events: list[Event] = []
    entries: list[ConversationEvent] = []
    conversation, cards = run.conversation, cards_of(run, definition, parties)

    def add(event: Event, payload: dict[str, Any] | None = None) -> None:
        conversation.last_seq = event.seq
        events.append(event)
        entries.append(log.entry(event, actor=cause.actor, payload=payload))

    for said in say_automatically(conversation, list(_sayings(conversation, parties, step, cards))):
        add(said, payload={})
    if step.after.state_seq != step.before.state_seq:
        add(
            state_changed(
                conversation,
                previous=previous,
                reason=step.record.reason,
                cards=cards,
                is_renewal=previous == conversation.flow_state,
            )
        )
    if step.record.reason.startswith("action:") and step.record.role in PARTIES:
        action = step.record.reason.removeprefix("action:")
        add(
            take_action(
                conversation,
                role=step.record.role,
                action=action,
                state_seq=step.before.state_seq,
                by=cause.actor,
            )
        )
    if events:
        log.append(conversation, events, entries)


def _sayings(conversation: Conversation, parties: Parties, step: Step, cards: dict[str, Card]) -> Iterator[Automated]:
    alone = sole_holders(conversation) if step.messages else {}
    for message in step.messages:
        for role, text in _readings(message, parties):
            yield Automated(
                text=text,
                reason=step.record.reason,
                visible_to=role,
                receiver_id=alone.get(role or ""),
                card=cards.get(role) if role and message.action_required else None,
                metadata={"kind": message.kind} if message.kind == "system" else None,
            )


def _readings(message: Message, parties: Parties) -> list[tuple[Party | None, str]]:
    """Return what is said to whom: to both at once where they read the same, else to each in their own language."""
    addressed = [role for role in PARTIES if message.reaches(role)]
    texts = {role: localized(message.texts, parties[role].user.locale if role in parties else "") for role in addressed}
    if message.to == "both" and len(set(texts.values())) == 1:
        return [(None, next(iter(texts.values())))]
    return list(texts.items())


def outcome_of(transition: FlowTransition, definition: Definition, *, replayed: bool = False) -> Stepped:
    """Return where a transition led, as it was then."""
    state = definition.states[transition.to_state]
    return Stepped(
        conversation_id=str(transition.run_id),
        reason=transition.reason,
        replayed=replayed,
        flow_state=transition.to_state,
        awaiting_role=state.awaiting,
        chat_status=state.chat_status,
        state_seq=transition.seq_to,
    )
