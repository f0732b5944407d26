"""How the running conversations of one version of a flow go to another one: the same for a dry run and a real one."""

from collections.abc import Mapping
from datetime import datetime

import msgspec
from django.db.models import QuerySet
from msgspec.structs import replace

from flows.alarms import alarms
from flows.checks.assignment import known_on_entry
from flows.decoding import decode_json
from flows.durations import parse_duration
from flows.models import FlowRun, FlowVersion
from flows.runs import snapshot_of
from flows.schema import Definition
from flows.snapshots import Alarm
from stoory.payloads import JsonValue


class Move(msgspec.Struct, frozen=True, kw_only=True):
    """What becomes of one run: its state, its variables, what is lost of them, its timers."""

    source: str
    target: str
    data: dict[str, JsonValue]
    dropped: dict[str, JsonValue]
    alarms: tuple[Alarm, ...]
    is_overdue: bool


class Plan:
    """From which version to which, and what becomes of each run on the way."""

    def __init__(self, source: FlowVersion, target: FlowVersion, mapping: Mapping[str, str]) -> None:
        self.source, self.target = source, target
        self.before, self.after = decode_json(source.document), decode_json(target.document)
        self.mapping = dict(mapping)
        self.known = known_on_entry(self.after)

    def runs(self) -> QuerySet[FlowRun]:
        """Return whom it is about: those that are not at an end."""
        return FlowRun.objects.filter(version=self.source, outcome__isnull=True)

    def target_of(self, state: str) -> str:
        return self.mapping.get(state, state)

    def move(self, run: FlowRun, now: datetime) -> Move | str:
        """Return what becomes of a run, or why it can't be moved."""
        state = run.conversation.flow_state or ""
        data = _carried(self.before, self.after, run.data)
        fault = self._fault(state, data)
        if fault is not None:
            return f"{state}: {fault}"
        timers = self._alarms(run, data, now)
        late = any(alarm.kind == "transition" and alarm.due_at <= now for alarm in timers)
        return Move(
            source=state,
            target=self.target_of(state),
            data=data,
            dropped={name: value for name, value in run.data.items() if data.get(name) != value},
            alarms=timers,
            is_overdue=late and run.paused_at is None,
        )

    def _fault(self, state: str, data: Mapping[str, JsonValue]) -> str | None:
        target = self.target_of(state)
        if target not in self.after.states:
            return f"there is no {target} in version {self.target.number}"
        awaited, awaits = self.before.states[state].awaiting, self.after.states[target].awaiting
        if self.after.states[target].final:
            return f"{target} is an end"
        if awaited != awaits:
            return f"{target} awaits {awaits or 'nobody'}, not {awaited or 'nobody'}"
        lacking = sorted(name for name in self.known[target] if data[name] is None)
        return f"{target} needs {', '.join(lacking)}, which is not known" if lacking else None

    def _alarms(self, run: FlowRun, data: dict[str, JsonValue], now: datetime) -> tuple[Alarm, ...]:
        """Return the timers of the new state as if it had been entered when the old one was."""
        target = self.target_of(run.conversation.flow_state or "")
        snapshot = replace(snapshot_of(run, {}), state=target, context=data)
        repeats = {timer.id: timer.repeat for timer in self.after.states[target].timers}
        since = run.paused_at or now
        planned = (_from_now_on(alarm, repeats[alarm.timer], since) for alarm in alarms(self.after, snapshot))
        return tuple(alarm for alarm in planned if alarm is not None)


def _carried(before: Definition, after: Definition, data: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
    """Return the variables of the new version: as they were where they are of the same type, else as at first."""
    initial = {name: variable.initial for name, variable in after.context.items()}
    kept = {
        name: data[name]
        for name, variable in after.context.items()
        if data.get(name) is not None and name in before.context and before.context[name].type == variable.type
    }
    return initial | kept


def _from_now_on(alarm: Alarm, repeat: str | None, now: datetime) -> Alarm | None:
    """Return a timer, or the next round of a reminder whose moment is past; None where it had only that one."""
    if alarm.kind == "transition" or alarm.due_at > now:
        return alarm
    if repeat is None:
        return None
    interval = parse_duration(repeat)
    missed = (now - alarm.due_at) // interval + 1
    return replace(alarm, due_at=alarm.due_at + missed * interval)
