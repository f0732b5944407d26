"""A conversation that is only played: a clock, the timers, and what each party sees. Nothing is stored or sent."""

from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from msgspec import Struct

from flows.durations import parse_duration
from flows.interpreter import start, step
from flows.schema import Definition, Party
from flows.snapshots import (
    Alarm,
    Call,
    Elapse,
    Force,
    Message,
    People,
    Press,
    Receive,
    Refusal,
    Snapshot,
    Step,
    Trigger,
)
from stoory.payloads import JsonValue

PEOPLE = People(influencer="Asha", brand_owner="Brewly", conversation="Cold brew reel")
DAWN = datetime(2026, 1, 5, 9, tzinfo=UTC)
MAX_STEPS = 1_000
"""A reminder may repeat for ever; a game may not."""


class ScriptStep(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A line of a script: let time pass, then do something."""

    advance: str | None = None
    kind: Literal["action", "event", "timer", "force"] | None = None
    id: str = ""
    role: str = ""
    data: Any = None
    state_seq: int | None = None

    def trigger(self) -> Trigger | None:
        match self.kind:
            case "action":
                return Press(action=self.id, role=self.role, data=self.data, state_seq=self.state_seq)
            case "event":
                return Receive(event=self.id, data=self.data)
            case "timer":
                return Elapse(timer=self.id)
            case "force":
                return Force(state=self.id)
        return None


class Script(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A walk: how it begins, and its steps."""

    context: dict[str, Any] = {}
    people: People = PEOPLE
    now: datetime = DAWN
    steps: tuple[ScriptStep, ...] = ()


class CannotStart(ValueError):
    """The start values are refused."""

    def __init__(self, refusal: Refusal) -> None:
        self.refusal = refusal
        super().__init__(f"{refusal.message} {refusal.fields}")


class Simulation:
    """A conversation that was started, and whatever has followed, each step with its time in `times`.

    Raises `CannotStart`.
    """

    def __init__(self, definition: Definition, script: Script | None = None) -> None:
        script = script or Script()
        self.definition = definition
        self.now = script.now
        self.alarms: list[Alarm] = []
        self.steps: list[Step] = []
        self.times: list[datetime] = []
        self.calls: list[Call] = []
        first = start(definition, script.context, self.now, script.people)
        if isinstance(first, Refusal):
            raise CannotStart(first)
        self._keep(first)

    @property
    def snapshot(self) -> Snapshot:
        return self.steps[-1].after

    def run(self, line: ScriptStep) -> list[Step | Refusal]:
        """Do one line of a script: the timers that fire, then its trigger."""
        followed: list[Step | Refusal] = list(self.advance(parse_duration(line.advance)) if line.advance else [])
        trigger = line.trigger()
        return followed if trigger is None else [*followed, self.do(trigger)]

    def do(self, trigger: Trigger) -> Step | Refusal:
        """Answer a trigger now."""
        answer = step(self.definition, self.snapshot, trigger, self.now)
        if isinstance(answer, Step):
            self._keep(answer)
        return answer

    def press(self, role: str, action: str, /, **data: JsonValue) -> Step | Refusal:
        """Let somebody press a button."""
        return self.do(Press(action=action, role=role, data=data))

    def receive(self, event: str, /, **data: JsonValue) -> Step | Refusal:
        """Let the world report an event."""
        return self.do(Receive(event=event, data=data))

    def advance(self, duration: timedelta) -> list[Step]:
        """Let time pass; the timers fire as they come."""
        until, fired = self.now + duration, []
        while alarm := min((alarm for alarm in self.alarms if alarm.due_at <= until), key=_due_at, default=None):
            self.alarms.remove(alarm)
            self.now = max(self.now, alarm.due_at)
            answer = self.do(Elapse(timer=alarm.timer))
            if isinstance(answer, Step):
                fired.append(answer)
        self.now = until
        return fired

    def seen_by(self, party: Party) -> list[Message]:
        """Return all messages that a party has got."""
        return [message for step in self.steps for message in step.messages if message.reaches(party)]

    def _keep(self, step: Step) -> None:
        if len(self.steps) == MAX_STEPS:
            raise ValueError(f"More than {MAX_STEPS:,} steps")
        self.steps.append(step)
        self.times.append(self.now)
        self.calls += step.calls
        self.alarms = [*([] if step.entered else self.alarms), *step.alarms]


def _due_at(alarm: Alarm) -> datetime:
    return alarm.due_at
