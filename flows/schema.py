"""The format `stoory.flow/1`: what the definition of a flow may say, as frozen structs.

Shapes that need a look at more than one value (names, references, durations, amounts) are checked by `flows.checks`.
"""

from typing import Annotated, Any, Literal

from msgspec import UNSET, Meta, Struct, UnsetType

FORMAT = "stoory.flow/1"
NAME = r"[a-z][a-z0-9_]{0,63}"
REFERENCE = rf"[a-z_]+\.{NAME}"
DURATION = r"P(?=\d|T\d)(?:(\d{1,4})D)?(?:T(?=\d)(?:(\d{1,4})H)?(?:(\d{1,4})M)?(?:(\d{1,4})S)?)?"
AMOUNT = r"\d{1,12}(?:\.\d{1,2})?"


def _patterned(pattern: str) -> Meta:
    """Show a pattern in the JSON Schema only: `Meta(pattern=…)` crashes Python 3.11 at its exit."""
    return Meta(extra_json_schema={"pattern": f"^{pattern}$"})


Name = Annotated[str, _patterned(NAME)]
Reference = Annotated[str, _patterned(REFERENCE)]
Duration = Annotated[str, _patterned(DURATION)]
Amount = Annotated[str, _patterned(AMOUNT)]

ShortText = Annotated[str, Meta(min_length=1, max_length=40)]
LongText = Annotated[str, Meta(min_length=1, max_length=1000)]
Label = ShortText | dict[str, ShortText]
Text = LongText | dict[str, LongText]

Party = Literal["influencer", "brand_owner"]
Role = Literal["influencer", "brand_owner", "staff"]
Audience = Literal["influencer", "brand_owner", "both"]
PARTIES: tuple[Party, ...] = ("influencer", "brand_owner")

VariableType = Literal["text", "money", "int", "date", "choice", "bool", "files"]
Outcome = Literal["won", "lost", "expired", "cancelled"]
ChatStatus = Literal["automated", "real_time", "closed"]
TransitionKind = Literal["action", "event", "timer"]
Constant = bool | int | str | None


class Part(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """A part of a definition."""


class BaseInput(Part, frozen=True, kw_only=True):
    """What a person is asked for with an action."""

    id: Name
    label: Label
    required: bool = True
    placeholder: Label | None = None
    help: Text | None = None


class TextInput(BaseInput, frozen=True, kw_only=True, tag="text"):
    min_length: Annotated[int, Meta(ge=0, le=5000)] = 1
    max_length: Annotated[int, Meta(ge=1, le=5000)] = 500
    multiline: bool = False
    format: Literal["plain", "url", "email", "handle"] = "plain"


class MoneyInput(BaseInput, frozen=True, kw_only=True, tag="money"):
    min: Amount = "1"
    max: Amount = "10000000"
    min_ref: Reference | None = None
    max_ref: Reference | None = None


class NumberInput(BaseInput, frozen=True, kw_only=True, tag="number"):
    min: int = 0
    max: int = 1_000_000


class DateInput(BaseInput, frozen=True, kw_only=True, tag="date"):
    """A day, counted from today in the flow's timezone."""

    min_days: Annotated[int, Meta(ge=-3660, le=3660)] = 0
    max_days: Annotated[int, Meta(ge=-3660, le=3660)] = 365


class Option(Part, frozen=True, kw_only=True):
    value: Name
    label: Label


class ChoiceInput(BaseInput, frozen=True, kw_only=True, tag="choice"):
    options: Annotated[tuple[Option, ...], Meta(min_length=1, max_length=20)]
    multiple: bool = False


class BoolInput(BaseInput, frozen=True, kw_only=True, tag="bool"):
    must_be_true: bool = False


class FileInput(BaseInput, frozen=True, kw_only=True, tag="file"):
    """Ids of files that were uploaded before; `accept` is a hint for the client, the upload decides."""

    max_count: Annotated[int, Meta(ge=1, le=10)] = 1
    accept: tuple[str, ...] = ()


Input = TextInput | MoneyInput | NumberInput | DateInput | ChoiceInput | BoolInput | FileInput


class Var(Part, frozen=True, kw_only=True):
    """The other side of a comparison."""

    var: Reference


class Condition(Part, frozen=True, kw_only=True):
    var: Reference
    op: Literal["eq", "ne", "lt", "lte", "gt", "gte", "in", "not_in", "is_set", "is_unset"]
    value: bool | int | str | tuple[str, ...] | Var | None = None


class Guard(Part, frozen=True, kw_only=True):
    """Holds if all of `all` hold and, where `any` is not empty, one of `any`."""

    all: tuple[Condition, ...] = ()
    any: tuple[Condition, ...] = ()


class Say(Part, frozen=True, kw_only=True):
    to: Audience
    text: Text
    kind: Literal["automated", "system"] = "automated"


class Prompt(Part, frozen=True, kw_only=True):
    """What a party reads about the state it is in."""

    title: Label
    text: Text


class Branch(Part, frozen=True, kw_only=True):
    state: Name
    when: Guard | None = None


class Source(Part, frozen=True, kw_only=True):
    """A value that is not copied: a constant, or a computation of the registry."""

    value: Constant | UnsetType = UNSET
    compute: str | None = None


class Effects(Part, frozen=True, kw_only=True):
    """What a transition does to the context (`set`, then `inc`) and what it asks of the world (`call`)."""

    set: dict[Name, Reference | Source] = {}
    inc: tuple[Name, ...] = ()
    call: tuple[str, ...] = ()


class Transition(Part, frozen=True, kw_only=True):
    """Where to go (nowhere: the state stays), under which condition, doing and saying what."""

    to: Name | tuple[Branch, ...] | None = None
    when: Guard | None = None
    do: Effects = Effects()
    say: tuple[Say, ...] = ()

    @property
    def branches(self) -> tuple[Branch, ...]:
        if isinstance(self.to, str):
            return (Branch(state=self.to),)
        return self.to or ()

    @property
    def targets(self) -> tuple[str, ...]:
        return tuple(branch.state for branch in self.branches)


class Confirm(Part, frozen=True, kw_only=True):
    title: Label
    text: Text | None = None


class Action(Transition, frozen=True, kw_only=True):
    """A button of one role or several."""

    id: Name
    role: Role | tuple[Role, ...]
    label: Label
    style: Literal["primary", "secondary", "danger"] = "secondary"
    confirm: Confirm | None = None
    inputs: Annotated[tuple[Input, ...], Meta(max_length=8)] = ()

    @property
    def roles(self) -> tuple[Role, ...]:
        return (self.role,) if isinstance(self.role, str) else self.role


class Event(Transition, frozen=True, kw_only=True):
    """What the world may report while the state lasts."""

    event: str

    @property
    def id(self) -> str:
        return self.event


class Timer(Transition, frozen=True, kw_only=True):
    """A moment: `after` the state was entered, or `at` a date of the context, `offset` later (or earlier: `before`).

    A dated moment comes no sooner than `at_least` after the state was entered. A reminder may `repeat`.
    """

    id: Name
    kind: Literal["reminder", "transition"] = "transition"
    after: Duration | None = None
    at: Reference | None = None
    offset: Duration = "PT0S"
    before: bool = False
    at_least: Duration = "PT0S"
    repeat: Duration | None = None


class State(Part, frozen=True, kw_only=True):
    title: Label
    phase: Name
    awaiting: Party | None = None
    chat: Literal["automated", "real_time"] = "automated"
    outcome: Outcome | None = None
    prompt: dict[Party, Prompt] = {}
    actions: Annotated[tuple[Action, ...], Meta(max_length=8)] = ()
    events: tuple[Event, ...] = ()
    timers: tuple[Timer, ...] = ()

    @property
    def final(self) -> bool:
        return self.outcome is not None

    @property
    def chat_status(self) -> ChatStatus:
        return "closed" if self.final and self.chat == "automated" else self.chat


class Variable(Part, frozen=True, kw_only=True):
    """A value that the conversation keeps. Whoever starts it must give those `at_start`, and may the optional ones."""

    type: VariableType
    label: Label | None = None
    initial: Constant = None
    at_start: bool | Literal["optional"] = False
    pii: bool = False

    def called(self, name: str) -> Label:
        """Return what people call it: its label, or else its name."""
        return self.label or name.replace("_", " ")


class Definition(Part, frozen=True, kw_only=True):
    """A flow."""

    schema: Literal["stoory.flow/1"]
    key: Name
    title: Label
    conversation_type: Literal["bid", "campaign"]
    currency: str
    timezone: str = "Asia/Kolkata"
    initial: Name
    limits: dict[Name, Annotated[int, Meta(ge=0, le=1000)]] = {}
    context: dict[Name, Variable] = {}
    start: Effects = Effects()
    states: Annotated[dict[Name, State], Meta(min_length=2, max_length=60)]


VARIABLE_TYPE_OF: dict[type[Any], VariableType] = {
    TextInput: "text",
    MoneyInput: "money",
    NumberInput: "int",
    DateInput: "date",
    ChoiceInput: "choice",
    BoolInput: "bool",
    FileInput: "files",
}
