"""What goes into a step and what comes out of it."""

from datetime import datetime, timedelta
from typing import Literal

from msgspec import Struct

from flows.schema import Audience, Definition, Party, Role, State
from stoory.payloads import JsonValue

RefusalCode = Literal[
    "wrong_role",
    "stale_action",
    "not_available",
    "invalid_input",
    "unknown_action",
    "expired",
    "flow_ended",
    "ignored",
]


class Value(Struct, frozen=True, kw_only=True):
    """A value of the interpreter."""


class People(Value, frozen=True, kw_only=True):
    """The names that texts may show."""

    influencer: str = ""
    brand_owner: str = ""
    conversation: str = ""

    def scope(self) -> dict[str, dict[str, JsonValue]]:
        return {
            "influencer": {"name": self.influencer},
            "brand_owner": {"name": self.brand_owner},
            "conversation": {"title": self.conversation},
        }


class Snapshot(Value, frozen=True, kw_only=True):
    """Where a conversation is. `context` holds the declared variables, counters among them, as JSON.

    `delay` is by how much a pause has moved the deadlines of the state that are dates.
    """

    state: str
    state_seq: int
    context: dict[str, JsonValue]
    entered_at: datetime
    delay: timedelta = timedelta()
    people: People = People()

    def scope(self, definition: Definition) -> dict[str, dict[str, JsonValue]]:
        return {**self.people.scope(), "ctx": self.context, "limits": dict(definition.limits)}


class Press(Value, frozen=True, kw_only=True):
    """A person presses a button; without `state_seq` the button is taken for a current one."""

    action: str
    role: str
    data: JsonValue = None
    state_seq: int | None = None
    by: str | None = None


class Receive(Value, frozen=True, kw_only=True):
    """The world reports an event."""

    event: str
    data: JsonValue = None


class Elapse(Value, frozen=True, kw_only=True):
    """The moment of a timer has come."""

    timer: str


class Force(Value, frozen=True, kw_only=True):
    """Staff moves the conversation to a state, whatever its buttons say."""

    state: str


Trigger = Press | Receive | Elapse | Force


class Message(Value, frozen=True, kw_only=True):
    """What the parties addressed read, in each language of its text.

    With `action_required` the buttons of the one party addressed belong on it.
    """

    to: Audience
    texts: dict[str, str]
    kind: Literal["automated", "system"] = "automated"
    action_required: bool = False

    def reaches(self, party: Party) -> bool:
        return self.to in (party, "both")


class Call(Value, frozen=True, kw_only=True):
    """An effect to carry out."""

    effect: str
    arguments: dict[str, JsonValue] = {}


class Alarm(Value, frozen=True, kw_only=True):
    """A timer to schedule."""

    timer: str
    kind: Literal["reminder", "transition"]
    due_at: datetime


class Record(Value, frozen=True, kw_only=True):
    """A line of the transition log."""

    reason: str
    role: Role | Literal["system"]
    from_state: str | None
    to_state: str
    seq_from: int
    seq_to: int
    inputs: dict[str, JsonValue] = {}
    dwell: timedelta | None = None


class Step(Value, frozen=True, kw_only=True):
    """What a trigger led to.

    If a state was `entered` (the same one again counts), all pending timers are void. `alarms` are to be scheduled.
    """

    before: Snapshot
    after: Snapshot
    record: Record
    entered: bool = False
    messages: tuple[Message, ...] = ()
    calls: tuple[Call, ...] = ()
    alarms: tuple[Alarm, ...] = ()


class Refusal(Value, frozen=True, kw_only=True):
    """Why a trigger led to nothing: the code that clients know, a sentence, errors by input id."""

    code: RefusalCode
    message: str
    fields: dict[str, str] = {}
    current: dict[str, JsonValue] = {}


def state_of(definition: Definition, snapshot: Snapshot) -> State:
    """Return the state that a conversation is in."""
    return definition.states[snapshot.state]
