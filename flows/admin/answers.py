"""A button as a plain HTML form and a warning. What may be answered, the flow alone decides: the form only asks."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django import forms

from flows.cards import Button
from stoory.http import WHOLE_NUMBER
from stoory.payloads import JsonValue

Input = Mapping[str, Any]
"""An input as a card shows it."""

PREFIX = "data"


def _text(asked: Input) -> forms.Widget:
    attributes = {"maxlength": asked["max_length"]}
    return forms.Textarea({**attributes, "rows": 3}) if asked["multiline"] else forms.TextInput(attributes)


def _money(asked: Input) -> forms.Widget:
    return forms.TextInput({"inputmode": "decimal"})


def _number(asked: Input) -> forms.Widget:
    return forms.NumberInput(_bounds(asked))


def _date(asked: Input) -> forms.Widget:
    return forms.DateInput({"type": "date", **_bounds(asked)})


def _bounds(asked: Input) -> dict[str, Any]:
    return {name: asked[name] for name in ("min", "max") if name in asked}


def _choice(asked: Input) -> forms.Widget:
    options = [(option["value"], option["label"]) for option in asked["options"]]
    return (
        forms.CheckboxSelectMultiple(None, options) if asked["multiple"] else forms.Select(None, [("", "—"), *options])
    )


def _bool(asked: Input) -> forms.Widget:
    return forms.CheckboxInput()


def _file(asked: Input) -> forms.Widget:
    return forms.TextInput()


WIDGETS: dict[str, Callable[[Input], forms.Widget]] = {
    "text": _text,
    "money": _money,
    "number": _number,
    "date": _date,
    "choice": _choice,
    "bool": _bool,
    "file": _file,
}


class AnswerForm(forms.Form):
    """What a button asks for; once it is valid, `answers` are the JSON that a client would send."""

    def __init__(self, inputs: Sequence[Input], data: Any = None, *, place: str, **options: Any) -> None:
        super().__init__(data, prefix=PREFIX, auto_id=f"{place}-%s", **options)
        self.inputs = inputs
        for asked in inputs:
            self.fields[asked["id"]] = forms.Field(
                required=False, label=_label(asked), help_text=_help(asked), widget=_widget(asked)
            )

    def answers(self) -> dict[str, JsonValue]:
        return {asked["id"]: _sent(asked, self.cleaned_data.get(asked["id"])) for asked in self.inputs}


def warning(button: Button) -> str:
    """Return what a client would ask before it presses a button; nothing where it just does."""
    confirm = button["confirm"] or {}
    return " ".join(confirm[name] for name in ("title", "text") if name in confirm)


def _widget(asked: Input) -> forms.Widget:
    widget = WIDGETS[asked["type"]](asked)
    if "placeholder" in asked:
        widget.attrs["placeholder"] = asked["placeholder"]
    if asked["required"] and asked["type"] != "bool":
        widget.attrs["aria-required"] = "true"
    return widget


def _label(asked: Input) -> str:
    return asked["label"] if asked["required"] else f"{asked['label']} (optional)"


def _help(asked: Input) -> str:
    """Return the help that the flow gives, and the bounds of this moment. As plain text: templates escape it."""
    said = [asked["help"]] if "help" in asked else []
    if "min" in asked and "max" in asked:
        said.append(f"From {asked['min']} to {asked['max']}.")
    if asked["type"] == "file":
        said.append("Ids of uploaded files, with spaces between them.")
    return " ".join(said)


def _sent(asked: Input, value: Any) -> JsonValue:
    """Return a field's value as a client sends it; what can't be read as such is left for the flow to refuse."""
    match asked["type"]:
        case "number" if value:
            return int(value) if WHOLE_NUMBER.fullmatch(value.strip()) else value
        case "file":
            return (value or "").split()
    return value
