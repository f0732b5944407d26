"""What one party sees of a state, in its language: the prompt, and buttons with the bounds of this moment."""

from datetime import date, datetime
from typing import Any, TypedDict
from zoneinfo import ZoneInfo

from flows.alarms import expires_at
from flows.guards import passes
from flows.inputs import bounds
from flows.schema import Action, ChoiceInput, Confirm, Definition, FileInput, Input, TextInput
from flows.scopes import Scope
from flows.snapshots import Snapshot, state_of
from flows.templates import render
from flows.texts import FALLBACK, localized
from stoory.payloads import JsonValue
from stoory.times import iso_or_none


class Prompt(TypedDict):
    """What a party reads about the state."""

    title: str
    subtitle: str


class Button(TypedDict):
    """An action that a role may take now."""

    id: str
    action: str
    text: str
    style: str
    confirm: dict[str, str] | None
    inputs: list[dict[str, JsonValue]]


class Card(TypedDict):
    """The `action_data` of a message, and a reader's `current_action_data`."""

    flow: str
    state: str
    state_seq: int
    awaiting_role: str | None
    visible_to: str
    title: str
    subtitle: str
    expires_at: str | None
    buttons: list[Button]


def card(definition: Definition, snapshot: Snapshot, role: str, now: datetime, locale: str = FALLBACK) -> Card | None:
    """Return a role's card, or None where there is nothing for it to read or press."""
    state = state_of(definition, snapshot)
    buttons = available(definition, snapshot, role, now, locale)
    if not buttons and role not in state.prompt:
        return None
    said = prompt(definition, snapshot, role, locale)
    return Card(
        flow=definition.key,
        state=snapshot.state,
        state_seq=snapshot.state_seq,
        awaiting_role=state.awaiting,
        visible_to=role,
        title=said["title"],
        subtitle=said["subtitle"],
        expires_at=iso_or_none(expires_at(definition, snapshot)),
        buttons=buttons,
    )


def prompt(definition: Definition, snapshot: Snapshot, role: str, locale: str = FALLBACK) -> Prompt:
    """Return what a role reads about the state: its own prompt, else the state's title."""
    state = state_of(definition, snapshot)
    own = {str(party): said for party, said in state.prompt.items()}.get(role)
    if own is None:
        return Prompt(title=localized(state.title, locale), subtitle="")
    text = render(definition, localized(own.text, locale), snapshot.scope(definition))
    return Prompt(title=localized(own.title, locale), subtitle=text)


def available(
    definition: Definition, snapshot: Snapshot, role: str, now: datetime, locale: str = FALLBACK
) -> list[Button]:
    """Return the actions that a role may take now, their inputs with the bounds of this moment."""
    scope, today = snapshot.scope(definition), day_of(definition, now)
    return [_button(action, scope, today, locale) for action in open_actions(definition, snapshot, role, now)]


def open_actions(definition: Definition, snapshot: Snapshot, role: str, now: datetime) -> list[Action]:
    """Return the actions that a role may take now: none once the state's time is up."""
    if is_expired(definition, snapshot, now):
        return []
    scope = snapshot.scope(definition)
    actions = state_of(definition, snapshot).actions
    return [action for action in actions if role in action.roles and passes(definition, action.when, scope)]


def is_expired(definition: Definition, snapshot: Snapshot, now: datetime) -> bool:
    """Return whether the state's time is up, be its timer fired or not."""
    end = expires_at(definition, snapshot)
    return end is not None and now >= end


def day_of(definition: Definition, now: datetime) -> date:
    """Return today in the flow's timezone."""
    return now.astimezone(ZoneInfo(definition.timezone)).date()


def _button(action: Action, scope: Scope, today: date, locale: str) -> Button:
    return Button(
        id=action.id,
        action=action.id,
        text=localized(action.label, locale),
        style=action.style,
        confirm=_confirm(action.confirm, locale) if action.confirm else None,
        inputs=[_field(field, scope, today, locale) for field in action.inputs],
    )


def _confirm(confirm: Confirm, locale: str) -> dict[str, str]:
    title = {"title": localized(confirm.title, locale)}
    return title if confirm.text is None else title | {"text": localized(confirm.text, locale)}


def _field(field: Input, scope: Scope, today: date, locale: str) -> dict[str, JsonValue]:
    shown: dict[str, Any] = {
        "type": type(field).__struct_config__.tag,
        "id": field.id,
        "label": localized(field.label, locale),
        "required": field.required,
        "placeholder": None if field.placeholder is None else localized(field.placeholder, locale),
        "help": None if field.help is None else localized(field.help, locale),
        **_specifics(field, locale),
    }
    if limits := bounds(field, scope, today):
        shown |= limits._asdict()
    return {name: value for name, value in shown.items() if value is not None}


def _specifics(field: Input, locale: str) -> dict[str, Any]:
    match field:
        case TextInput():
            names = ("min_length", "max_length", "multiline", "format")
            return {name: getattr(field, name) for name in names}
        case ChoiceInput():
            options = [{"value": item.value, "label": localized(item.label, locale)} for item in field.options]
            return {"multiple": field.multiple, "options": options}
        case FileInput():
            return {"max_count": field.max_count, "accept": list(field.accept)}
    return {"must_be_true": True} if getattr(field, "must_be_true", False) else {}
