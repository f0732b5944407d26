"""The interpreter: a definition, where a conversation is, what happened → what follows, or why nothing does.

No I/O, no clock, no chance: the same arguments give the same answer. Garbage gives a `Refusal`, never an exception;
the definition has passed `flows.checks`.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import NamedTuple

from msgspec.structs import replace

from flows.alarms import alarms, due, repeated
from flows.cards import available, card, day_of, is_expired, prompt
from flows.effects import EVENTS, arguments_of, computed
from flows.guards import passes
from flows.inputs import read_answers
from flows.saying import messages
from flows.schema import Action, Definition, Effects, Role, Source, Timer, Transition, VariableType
from flows.scopes import Scope, look_up
from flows.snapshots import (
    Alarm,
    Call,
    Elapse,
    Force,
    People,
    Press,
    Receive,
    Record,
    Refusal,
    RefusalCode,
    Snapshot,
    Step,
    Trigger,
    state_of,
)
from flows.values import CONVERTERS, Unacceptable
from stoory.payloads import JsonValue

__all__ = ["available", "card", "prompt", "start", "step"]


class _Taken(NamedTuple):
    """A transition that is taken: by whom, why, and what its texts and effects may name."""

    transition: Transition
    reason: str
    role: Role | None
    scope: Scope
    inputs: dict[str, JsonValue]


def start(
    definition: Definition, context: Mapping[str, JsonValue], now: datetime, people: People | None = None
) -> Step | Refusal:
    """Enter the first state with the start values that were given."""
    given, errors = _start_values(definition, context)
    if errors:
        return Refusal(code="invalid_input", message="Some start values are not valid.", fields=errors)
    initial = {name: variable.initial for name, variable in definition.context.items()}
    snapshot = Snapshot(
        state=definition.initial, state_seq=0, context=initial | given, entered_at=now, people=people or People()
    )
    opening = Transition(to=definition.initial, do=definition.start)
    taken = _Taken(opening, "start", None, _scope(definition, snapshot, None), {})
    return _take(definition, snapshot, taken, now)


def step(definition: Definition, snapshot: Snapshot, trigger: Trigger, now: datetime) -> Step | Refusal:
    """Answer a trigger."""
    match trigger:
        case Press():
            taken = _press(definition, snapshot, trigger, now)
        case Receive():
            taken = _receive(definition, snapshot, trigger)
        case Elapse():
            taken = _elapse(definition, snapshot, trigger, now)
        case Force():
            taken = _force(definition, snapshot, trigger)
    return taken if isinstance(taken, Refusal) else _take(definition, snapshot, taken, now)


def _press(definition: Definition, snapshot: Snapshot, press: Press, now: datetime) -> _Taken | Refusal:
    """The order of the refusals is part of the contract: what is over, what is old, whose, whether, with what."""
    if state_of(definition, snapshot).final:
        return _refuse(snapshot, "flow_ended", "This conversation has ended.")
    if is_expired(definition, snapshot, now):
        return _refuse(snapshot, "expired", "The time for this action has run out.")
    action = _action(definition, snapshot, press.action)
    if action is None and not _exists(definition, press.action):
        return _refuse(snapshot, "unknown_action", "There is no such action.")
    if action is None or press.state_seq not in (None, snapshot.state_seq):
        return _refuse(snapshot, "stale_action", "This step has already moved on.")
    role = next((role for role in action.roles if role == press.role), None)
    if role is None:
        return _refuse(snapshot, "wrong_role", "This action is somebody else's.")
    scope = _scope(definition, snapshot, role, by=press.by)
    if not passes(definition, action.when, scope):
        return _refuse(snapshot, "not_available", "This action is no longer available.")
    data = {} if press.data is None else press.data
    answers, errors = read_answers(action.inputs, data, scope, day_of(definition, now))
    if errors:
        return _refuse(snapshot, "invalid_input", "Some answers are not valid.", errors)
    return _Taken(action, f"action:{action.id}", role, {**scope, "input": answers}, answers)


def _receive(definition: Definition, snapshot: Snapshot, received: Receive) -> _Taken | Refusal:
    """The first event of that name whose condition holds."""
    kind = EVENTS.get(received.event)
    data, errors = _event_values(kind.carries if kind else {}, received.data)
    if errors:
        return _refuse(snapshot, "invalid_input", "Some values of the event are not valid.", errors)
    scope = {**_scope(definition, snapshot, None), "event": data}
    for event in state_of(definition, snapshot).events:
        if event.event == received.event and passes(definition, event.when, scope):
            return _Taken(event, f"event:{event.event}", None, scope, data)
    return _refuse(snapshot, "ignored", "This event is not expected here.")


def _elapse(definition: Definition, snapshot: Snapshot, elapsed: Elapse, now: datetime) -> _Taken | Refusal:
    scope = _scope(definition, snapshot, None)
    for timer in state_of(definition, snapshot).timers:
        if timer.id == elapsed.timer and passes(definition, timer.when, scope):
            moment = due(definition, snapshot, timer)
            if moment is not None and now >= moment:
                return _Taken(timer, f"timer:{timer.id}", None, scope, {})
    return _refuse(snapshot, "ignored", "This timer is not due here.")


def _force(definition: Definition, snapshot: Snapshot, force: Force) -> _Taken | Refusal:
    if force.state not in definition.states:
        return _refuse(snapshot, "invalid_input", "There is no such state.", {"state": "is unknown"})
    return _Taken(Transition(to=force.state), "staff:force", "staff", _scope(definition, snapshot, "staff"), {})


def _take(definition: Definition, before: Snapshot, taken: _Taken, now: datetime) -> Step:
    transition = taken.transition
    context = _changed(transition.do, taken.scope)
    scope: Scope = {**taken.scope, "ctx": context}
    target = _target(definition, transition, scope)
    is_reminder = isinstance(transition, Timer) and target is None
    after = replace(
        before,
        state=target or before.state,
        state_seq=before.state_seq + (not is_reminder),
        context=context,
        entered_at=now if target else before.entered_at,
        delay=timedelta() if target else before.delay,
    )
    return Step(
        before=before,
        after=after,
        record=_record(before, after, taken, now if target else None),
        entered=target is not None,
        messages=messages(definition, after, transition, scope, is_reminder=is_reminder),
        calls=tuple(Call(effect=name, arguments=arguments_of(name, scope)) for name in transition.do.call),
        alarms=alarms(definition, after) if target else _repeated(transition, now),
    )


def _repeated(transition: Transition, now: datetime) -> tuple[Alarm, ...]:
    return repeated(transition, now) if isinstance(transition, Timer) else ()


def _target(definition: Definition, transition: Transition, scope: Scope) -> str | None:
    branches = transition.branches
    return next((branch.state for branch in branches if passes(definition, branch.when, scope)), None)


def _changed(do: Effects, scope: Scope) -> dict[str, JsonValue]:
    """Return the context after `set` (all at once, from the values before) and then `inc`."""
    context = dict(scope["ctx"])
    context |= {name: _source(source, scope) for name, source in do.set.items()}
    for name in do.inc:
        context[name] = (context[name] or 0) + 1
    return context


def _source(source: str | Source, scope: Scope) -> JsonValue:
    if isinstance(source, str):
        return look_up(source, scope)
    return source.value if source.compute is None else computed(source.compute, scope)


def _record(before: Snapshot, after: Snapshot, taken: _Taken, left_at: datetime | None) -> Record:
    return Record(
        reason=taken.reason,
        role=taken.role or "system",
        from_state=before.state if before.state_seq else None,
        to_state=after.state,
        seq_from=before.state_seq,
        seq_to=after.state_seq,
        inputs=taken.inputs,
        dwell=left_at - before.entered_at if left_at and before.state_seq else None,
    )


def _scope(definition: Definition, snapshot: Snapshot, role: str | None, by: str | None = None) -> Scope:
    scope = snapshot.scope(definition)
    name = by if by is not None else scope.get(role or "", {}).get("name")
    return {**scope, "actor": {"role": role or "system", "name": name}, "input": {}, "event": {}}


def _action(definition: Definition, snapshot: Snapshot, name: str) -> Action | None:
    return next((action for action in state_of(definition, snapshot).actions if action.id == name), None)


def _exists(definition: Definition, name: str) -> bool:
    return any(action.id == name for state in definition.states.values() for action in state.actions)


def _start_values(
    definition: Definition, context: Mapping[str, JsonValue]
) -> tuple[dict[str, JsonValue], dict[str, str]]:
    """Only what is declared `at_start` may come from outside."""
    declared = {name: variable for name, variable in definition.context.items() if variable.at_start}
    errors = {name: "is not a start value" for name in context if name not in declared}
    required = [name for name, variable in declared.items() if variable.at_start is True]
    errors |= {name: "is required" for name in required if context.get(name) is None}
    given = {name: value for name, value in context.items() if name in declared and value is not None}
    kinds = {name: variable.type for name, variable in declared.items()}
    return _converted(kinds, given, errors)


def _event_values(kinds: Mapping[str, VariableType], data: JsonValue) -> tuple[dict[str, JsonValue], dict[str, str]]:
    """What an event carries beyond its declared values is dropped."""
    sent = data if isinstance(data, dict) else {}
    errors = {name: "is required" for name in kinds if sent.get(name) in (None, "")}
    return _converted(kinds, {name: sent[name] for name in kinds if name not in errors}, errors)


def _converted(
    kinds: Mapping[str, VariableType], given: Mapping[str, JsonValue], errors: dict[str, str]
) -> tuple[dict[str, JsonValue], dict[str, str]]:
    values: dict[str, JsonValue] = {}
    for name, value in given.items():
        try:
            values[name] = CONVERTERS[kinds[name]](value)
        except Unacceptable as error:
            errors[name] = str(error)
    return values, errors


def _refuse(snapshot: Snapshot, code: RefusalCode, message: str, fields: dict[str, str] | None = None) -> Refusal:
    current = {"state_seq": snapshot.state_seq, "flow_state": snapshot.state}
    return Refusal(code=code, message=message, fields=fields or {}, current=current)
