"""When the timers of a state are due."""

from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from flows.durations import parse_duration
from flows.guards import passes
from flows.schema import Definition, Timer
from flows.scopes import look_up
from flows.snapshots import Alarm, Snapshot, state_of

START_OF_DAY = time(9)
"""A date of the context stands for this moment in the flow's timezone."""


def alarms(definition: Definition, snapshot: Snapshot) -> tuple[Alarm, ...]:
    """Return the timers to schedule when a state was just entered; reminders of the past are left out."""
    found = (alarm(definition, snapshot, timer) for timer in state_of(definition, snapshot).timers)
    return tuple(item for item in found if item and (item.kind == "transition" or item.due_at > snapshot.entered_at))


def alarm(definition: Definition, snapshot: Snapshot, timer: Timer) -> Alarm | None:
    """Return when a timer is due, or None while its date is unset."""
    due_at = due(definition, snapshot, timer)
    return None if due_at is None else Alarm(timer=timer.id, kind=timer.kind, due_at=due_at)


def due(definition: Definition, snapshot: Snapshot, timer: Timer) -> datetime | None:
    """Return the moment of a timer."""
    if timer.after is not None:
        return snapshot.entered_at + parse_duration(timer.after)
    day = look_up(timer.at or "", snapshot.scope(definition))
    if day is None:
        return None
    moment = datetime.combine(date.fromisoformat(day), START_OF_DAY, ZoneInfo(definition.timezone)) + snapshot.delay
    offset = parse_duration(timer.offset)
    earliest = snapshot.entered_at + parse_duration(timer.at_least)
    return max(moment - offset if timer.before else moment + offset, earliest).astimezone(earliest.tzinfo)


def repeated(timer: Timer, now: datetime) -> tuple[Alarm, ...]:
    """Return the next moment of a reminder that repeats."""
    if timer.repeat is None:
        return ()
    return (Alarm(timer=timer.id, kind=timer.kind, due_at=now + parse_duration(timer.repeat)),)


def expires_at(definition: Definition, snapshot: Snapshot) -> datetime | None:
    """Return when the state ends by itself."""
    scope = snapshot.scope(definition)
    timers = [timer for timer in state_of(definition, snapshot).timers if timer.kind == "transition"]
    moments = [due(definition, snapshot, timer) for timer in timers if passes(definition, timer.when, scope)]
    return min((moment for moment in moments if moment is not None), default=None)
