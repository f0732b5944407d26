"""The shape of names, references, durations, amounts, languages: what types alone don't say."""

import re
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from msgspec import Struct

from flows.checks.findings import Finding, error
from flows.durations import is_duration, parse_duration
from flows.schema import (
    AMOUNT,
    NAME,
    REFERENCE,
    Action,
    BaseInput,
    Branch,
    Condition,
    DateInput,
    Definition,
    Effects,
    FileInput,
    MoneyInput,
    NumberInput,
    Option,
    State,
    TextInput,
    Timer,
    Var,
    Variable,
)
from flows.texts import FALLBACK
from flows.values import CONVERTERS, Unacceptable

_NAME = re.compile(NAME, re.ASCII)
_REFERENCE = re.compile(REFERENCE, re.ASCII)
_AMOUNT = re.compile(AMOUNT, re.ASCII)
_CURRENCY = re.compile("[A-Z]{3}", re.ASCII)
_LOCALE = re.compile("[a-z]{2,3}(-[A-Za-z0-9]{2,8})*", re.ASCII)
_MEDIA_TYPE = re.compile(r"[a-z]+/([a-z0-9.+-]+|\*)", re.ASCII)
SHORTEST_REPEAT = timedelta(hours=1)
TEXTS = ("title", "label", "text", "help", "placeholder")


def name_findings(definition: Definition) -> list[Finding]:
    """Return what is misspelt in itself."""
    return [finding for path, part in parts(definition, "") for finding in _of_part(part, path)]


def parts(value: object, path: str) -> Iterator[tuple[str, Struct]]:
    """Return all structs of a definition with their paths."""
    match value:
        case Struct():
            yield path, value
            for name in value.__struct_fields__:
                yield from parts(getattr(value, name), f"{path}.{name}" if path else name)
        case tuple():
            for index, item in enumerate(value):
                yield from parts(item, f"{path}[{index}]")
        case dict():
            for name, item in value.items():
                yield from parts(item, f"{path}.{name}")


def _of_part(part: Struct, path: str) -> Iterator[Finding]:
    for name in TEXTS:
        if isinstance(text := getattr(part, name, None), dict):
            yield from _languages(text, f"{path}.{name}".lstrip("."))
    for name in _names(part):
        if not _NAME.fullmatch(name):
            yield error(path or "$", f"{name!r} is not a name: small letters, digits and underscores, at most 64")
    for reference in _references(part):
        if not _REFERENCE.fullmatch(reference):
            yield error(path, f"{reference!r} is not a reference like ctx.price")
    yield from _specific(part, path)


def _languages(text: dict[str, str], path: str) -> Iterator[Finding]:
    if FALLBACK not in text:
        yield error(path, f"The language {FALLBACK!r} is missing, which everybody falls back to")
    for locale in text:
        if not _LOCALE.fullmatch(locale):
            yield error(f"{path}.{locale}", f"{locale!r} is not a language like 'en' or 'hi-IN'")


def _names(part: Struct) -> list[str]:
    match part:
        case Definition():
            return [part.key, part.initial, *part.states, *part.context, *part.limits]
        case State():
            return [part.phase]
        case Branch():
            return [part.state]
        case Effects():
            return [*part.set, *part.inc]
        case Option():
            return [part.value]
        case Action() | Timer() | BaseInput():
            return [part.id]
    return []


def _references(part: Struct) -> list[str]:
    match part:
        case Condition() | Var():
            return [part.var]
        case Effects():
            return [source for source in part.set.values() if isinstance(source, str)]
        case MoneyInput():
            return [reference for reference in (part.min_ref, part.max_ref) if reference is not None]
        case Timer(at=str(reference)):
            return [reference]
    return []


def _specific(part: Struct, path: str) -> Iterator[Finding]:
    match part:
        case Definition():
            yield from _definition(part)
        case Timer():
            yield from _durations(part, path)
        case MoneyInput() if not all(_AMOUNT.fullmatch(amount) for amount in (part.min, part.max)):
            yield error(path, "min and max are amounts in quotes, with at most two decimals")
        case MoneyInput() if Decimal(part.min) > Decimal(part.max):
            yield error(path, "min is more than max")
        case TextInput() if part.min_length > part.max_length:
            yield error(path, "min_length is more than max_length")
        case NumberInput() if part.min > part.max:
            yield error(path, "min is more than max")
        case DateInput() if part.min_days > part.max_days:
            yield error(path, "min_days is more than max_days")
        case FileInput() if not all(_MEDIA_TYPE.fullmatch(accepted) for accepted in part.accept):
            yield error(path, "accept holds media types like image/* or application/pdf")
        case Variable() if part.initial is not None:
            yield from _initial(part, path)


def _definition(definition: Definition) -> Iterator[Finding]:
    if not _CURRENCY.fullmatch(definition.currency):
        yield error("currency", f"{definition.currency!r} is not a currency like INR")
    try:
        ZoneInfo(definition.timezone)
    except (OSError, ValueError, LookupError):
        yield error("timezone", f"{definition.timezone!r} is not a timezone like Asia/Kolkata")


def _durations(timer: Timer, path: str) -> Iterator[Finding]:
    for name in ("after", "offset", "at_least", "repeat"):
        said = getattr(timer, name)
        if said is None:
            continue
        if not is_duration(said):
            yield error(f"{path}.{name}", f"{said!r} is not a duration like P3D or PT12H")
        elif name in ("after", "repeat") and not parse_duration(said):
            yield error(f"{path}.{name}", "This must be more than no time")
        elif name == "repeat" and parse_duration(said) < SHORTEST_REPEAT:
            yield error(f"{path}.{name}", "A reminder comes once an hour at most")


def _initial(variable: Variable, path: str) -> Iterator[Finding]:
    try:
        written = CONVERTERS[variable.type](variable.initial)
        if written != variable.initial:
            yield error(f"{path}.initial", f"Write it as {written!r}")
    except Unacceptable as fault:
        yield error(f"{path}.initial", f"This {fault}")
