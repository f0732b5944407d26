"""A played conversation as the simulator's page shows it: each party's own view, the clock, what may happen next."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, Literal, NamedTuple

from flows.admin.answers import AnswerForm, Input, warning
from flows.cards import Button, available, card
from flows.checks.names import TEXTS, parts
from flows.durations import written
from flows.effects import EVENTS
from flows.pictures import ROLES
from flows.schema import PARTIES, Action, Definition, Party, VariableType
from flows.simulation import Script, Simulation
from flows.snapshots import Step
from flows.texts import FALLBACK, localized

INPUT_OF: dict[VariableType, str] = {"int": "number", "files": "file", "choice": "text"}
"""How a start value is asked for, where its type has another name than the input."""


class Entry(NamedTuple):
    """A line of what a party sees: what it was told, or what it did itself."""

    at: datetime
    kind: str
    text: str


class Choice(NamedTuple):
    """Something that can be made to happen: what is asked for, and how it is called."""

    kind: Literal["action", "event"]
    id: str
    role: str
    label: str
    form: AnswerForm
    style: str = "secondary"
    note: str = ""

    @property
    def key(self) -> str:
        return choice_key(self.kind, self.role, self.id)


class Column(NamedTuple):
    """What one party sees."""

    role: str
    name: str
    entries: list[Entry]
    title: str
    subtitle: str
    choices: list[Choice]


def choice_key(kind: str, role: str, name: str) -> str:
    return "-".join(part for part in (kind, role, name.replace(".", "-")) if part)


def replayed(definition: Definition, script: Script) -> Simulation:
    """Return a conversation that was played as a script says; raises `CannotStart`."""
    game = Simulation(definition, script)
    for line in script.steps:
        game.run(line)
    return game


def until_next_timer(game: Simulation) -> str | None:
    """Return how long it is to the next timer, or None where there is none."""
    moments = [alarm.due_at for alarm in game.alarms]
    return written(max(min(moments) - game.now, timedelta())) if moments else None


def languages(definition: Definition) -> list[str]:
    """Return the languages that a definition speaks, the one that everybody falls back to first."""
    texts = (getattr(part, name, None) for _, part in parts(definition, "") for name in TEXTS)
    found = {locale for text in texts if isinstance(text, dict) for locale in text}
    return [FALLBACK, *sorted(found - {FALLBACK})]


class Board(NamedTuple):
    """All that the page offers: what each party sees, what staff and the world can do."""

    columns: list[Column]
    staff: list[Choice]
    events: list[Choice]
    others: list[Choice]

    @property
    def meant(self) -> Choice | None:
        """What was chosen in the browser, if it is still on offer."""
        of_parties = (choice for column in self.columns for choice in column.choices)
        return next(
            (choice for choice in (*of_parties, *self.staff, *self.events, *self.others) if choice.form.is_bound), None
        )


def board(game: Simulation, script: Script, locale: str, data: Any = None) -> Board:
    """Return what can be done now; the form that `data` was sent from is filled in."""
    expected = {event.event for event in game.definition.states[game.snapshot.state].events}
    reports = [_reported(name, data) for name in EVENTS]
    return Board(
        columns=[_column(game, script, party, locale, data) for party in PARTIES],
        staff=_buttons(available(game.definition, game.snapshot, "staff", game.now, locale), "staff", data),
        events=[choice for choice in reports if choice.id in expected],
        others=[choice for choice in reports if choice.id not in expected],
    )


def _column(game: Simulation, script: Script, party: Party, locale: str, data: Any) -> Column:
    shown = card(game.definition, game.snapshot, party, game.now, locale)
    return Column(
        role=ROLES[party],
        name=getattr(script.people, party),
        entries=list(_entries(game, party, locale)),
        title=shown["title"] if shown else "",
        subtitle=shown["subtitle"] if shown else "",
        choices=_buttons(shown["buttons"], party, data) if shown else [],
    )


def _entries(game: Simulation, party: Party, locale: str) -> Iterator[Entry]:
    for at, step in zip(game.times, game.steps, strict=True):
        if step.record.role == party:
            yield Entry(at, "own", _said(game.definition, step, locale))
        for message in step.messages:
            if message.reaches(party):
                yield Entry(at, message.kind, localized(message.texts, locale))


def _said(definition: Definition, step: Step, locale: str) -> str:
    """Return what somebody did, in the words of the button, with the answers."""
    name = step.record.reason.removeprefix("action:")
    actions: list[Action] = [action for action in definition.states[step.before.state].actions if action.id == name]
    label = localized(actions[0].label, locale) if actions else name
    answers = "; ".join(f"{key}: {value}" for key, value in step.record.inputs.items() if value is not None)
    return f"{label} ({answers})" if answers else label


def _buttons(buttons: list[Button], role: str, data: Any) -> list[Choice]:
    return [_pressed(role, button, data) for button in buttons]


def _pressed(role: str, button: Button, data: Any) -> Choice:
    key = choice_key("action", role, button["action"])
    form = _form(key, button["inputs"], data)
    return Choice("action", button["action"], role, button["text"], form, button["style"], warning(button))


def _reported(name: str, data: Any) -> Choice:
    inputs: list[Input] = [
        {"type": "text", "id": field, "label": field, "required": True, "max_length": 64, "multiline": False}
        for field in EVENTS[name].carries
    ]
    key = choice_key("event", "", name)
    return Choice("event", name, "", name, _form(key, inputs, data, initial={"payment_id": "pay_1"}))


def _form(key: str, inputs: Any, data: Any, **options: Any) -> AnswerForm:
    """Return the form of a choice, filled in where `data` was sent from it."""
    is_meant = data is not None and data.get("choice") == key
    return AnswerForm(inputs, data if is_meant else None, place=key, **options)


def steps(game: Simulation) -> list[tuple[datetime, Step]]:
    """Return all that has happened, the newest first."""
    return list(zip(game.times, game.steps, strict=True))[::-1]


def start_inputs(definition: Definition, locale: str) -> list[Input]:
    """Return what may be given at the start of a conversation, as inputs."""
    return [
        {
            "type": INPUT_OF.get(variable.type, variable.type),
            "id": name,
            "label": localized(variable.called(name), locale),
            "required": variable.at_start is True,
            "max_length": 5000,
            "multiline": False,
        }
        for name, variable in definition.context.items()
        if variable.at_start
    ]
