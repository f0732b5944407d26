"""The answers that come with an action: checked by type, within the bounds of this moment, errors by input id."""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

from flows import values
from flows.schema import (
    BoolInput,
    ChoiceInput,
    DateInput,
    FileInput,
    Input,
    MoneyInput,
    NumberInput,
    TextInput,
)
from flows.scopes import Scope, look_up
from flows.values import Unacceptable
from stoory.payloads import JsonValue

MAX_ECHO = 20  # unknown fields that an error names


class Bounds(NamedTuple):
    """The least and the most that an input takes now."""

    min: JsonValue
    max: JsonValue


class Answers(NamedTuple):
    """The values by input id (None where one was left out), or the errors by input id."""

    values: dict[str, JsonValue]
    errors: dict[str, str]


def read_answers(inputs: tuple[Input, ...], data: JsonValue, scope: Scope, today: date) -> Answers:
    """Return what a person answered; never raises, whatever was sent."""
    if not isinstance(data, dict):
        return Answers({}, {"data": "must be an object"})
    known = {field.id for field in inputs}
    errors = {str(key)[:64]: "is not asked for" for key in list(data)[:MAX_ECHO] if key not in known}
    if not errors and len(data) > len(known):
        errors["data"] = "has too many fields"
    answers: dict[str, JsonValue] = {}
    for field in inputs:
        try:
            answers[field.id] = _read(field, data.get(field.id), scope, today)
        except Unacceptable as error:
            errors[field.id] = str(error)
    return Answers(answers, errors)


def bounds(field: Input, scope: Scope, today: date) -> Bounds | None:
    """Return what an input takes at this moment, if it has limits that a client can show."""
    match field:
        case MoneyInput():
            return _money_bounds(field, scope)
        case NumberInput():
            return Bounds(field.min, field.max)
        case DateInput():
            first, last = (today + timedelta(days=days) for days in (field.min_days, field.max_days))
            return Bounds(first.isoformat(), last.isoformat())
    return None


def _read(field: Input, value: JsonValue, scope: Scope, today: date) -> JsonValue:
    if value is None or value == "" or value == []:
        if field.required:
            raise Unacceptable("is required")
        return None
    return READERS[type(field)](field, value, bounds(field, scope, today))


def _text(field: TextInput, value: JsonValue, limits: Bounds | None) -> str:
    text = values.to_text(value, min_length=field.min_length, max_length=field.max_length)
    if not field.multiline and len(text.splitlines()) > 1:
        raise Unacceptable("must be one line")
    if field.format in values.FORMATS:
        values.FORMATS[field.format](text)
    return text


def _money(field: MoneyInput, value: JsonValue, limits: Bounds) -> str:
    amount = values.to_money(value)
    if not Decimal(limits.min) <= Decimal(amount) <= Decimal(limits.max):
        raise Unacceptable(f"must be between {limits.min} and {limits.max}")
    return amount


def _money_bounds(field: MoneyInput, scope: Scope) -> Bounds:
    least, most = (look_up(reference, scope) if reference else None for reference in (field.min_ref, field.max_ref))
    return Bounds(max(field.min, least or field.min, key=Decimal), min(field.max, most or field.max, key=Decimal))


def _number(field: NumberInput, value: JsonValue, limits: Bounds) -> int:
    number = values.to_int(value)
    if not field.min <= number <= field.max:
        raise Unacceptable(f"must be between {field.min} and {field.max}")
    return number


def _date(field: DateInput, value: JsonValue, limits: Bounds) -> str:
    day = values.to_day(value)
    if not limits.min <= day <= limits.max:
        raise Unacceptable(f"must be between {limits.min} and {limits.max}")
    return day


def _choice(field: ChoiceInput, value: JsonValue, limits: Bounds | None) -> str | list[str]:
    known = [option.value for option in field.options]
    chosen = value if isinstance(value, list) and field.multiple else [value]
    if any(item not in known for item in chosen) or any(chosen.count(item) > 1 for item in chosen):
        raise Unacceptable(f"must be {'some' if field.multiple else 'one'} of {', '.join(known)}")
    return chosen if field.multiple else known[known.index(value)]


def _bool(field: BoolInput, value: JsonValue, limits: Bounds | None) -> bool:
    truth = values.to_bool(value)
    if field.must_be_true and not truth:
        raise Unacceptable("must be accepted")
    return truth


def _files(field: FileInput, value: JsonValue, limits: Bounds | None) -> list[str]:
    return values.to_files(value, max_count=field.max_count)


READERS: dict[type[Any], Callable[[Any, JsonValue, Any], JsonValue]] = {
    TextInput: _text,
    MoneyInput: _money,
    NumberInput: _number,
    DateInput: _date,
    ChoiceInput: _choice,
    BoolInput: _bool,
    FileInput: _files,
}
