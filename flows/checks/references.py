"""What a definition names exists, and has the type that its place needs."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from msgspec import UNSET

from flows.checks.findings import Finding, error
from flows.effects import COMPUTATIONS, EFFECTS, EVENTS
from flows.graph import Site, sites_of
from flows.guards import ORDERING, conditions
from flows.schema import (
    VARIABLE_TYPE_OF,
    Action,
    Condition,
    Definition,
    Effects,
    Event,
    MoneyInput,
    Source,
    Text,
    Timer,
    Transition,
    Var,
    VariableType,
)
from flows.scopes import FIELDS_OF, split
from flows.templates import FILTERS, NEEDED_FILTER, is_well_formed, placeholders
from flows.texts import translations
from flows.values import CONVERTERS, Unacceptable

COMMON = ("ctx", "limits", "influencer", "brand_owner", "conversation")
LOCAL = (*COMMON, "actor", "input", "event")


class Place(NamedTuple):
    """Where something is named: the inputs and event values that are known there, and the scopes."""

    definition: Definition
    inputs: Mapping[str, VariableType] = {}
    event: Mapping[str, VariableType] = {}
    scopes: tuple[str, ...] = COMMON

    def type_of(self, reference: str) -> VariableType | None:
        """Return the type of what a reference names, or None if it names nothing."""
        scope, name = split(reference)
        if scope not in self.scopes:
            return None
        match scope:
            case "ctx":
                variable = self.definition.context.get(name)
                return variable.type if variable else None
            case "limits":
                return "int" if name in self.definition.limits else None
            case "input":
                return self.inputs.get(name)
            case "event":
                return self.event.get(name)
        return "text" if name in FIELDS_OF[scope] else None


def reference_findings(definition: Definition) -> list[Finding]:
    """Return what is named and does not exist, or has another type than its place needs."""
    return list(_findings(definition))


def _findings(definition: Definition) -> Iterator[Finding]:
    if definition.initial not in definition.states:
        yield error("initial", f"There is no state {definition.initial!r}")
    yield from _effects(Place(definition), definition.start, "start")
    for name, state in definition.states.items():
        for party, prompt in state.prompt.items():
            yield from _text(Place(definition), prompt.text, f"states.{name}.prompt.{party}.text")
        for site in sites_of(name, state):
            yield from _site(definition, site)


def place_of(definition: Definition, site: Site) -> Place:
    """Return what a transition may name."""
    match site.transition:
        case Action(inputs=inputs):
            known = {field.id: VARIABLE_TYPE_OF[type(field)] for field in inputs}
            return Place(definition, inputs=known, scopes=LOCAL)
        case Event(event=name) if name in EVENTS:
            return Place(definition, event=EVENTS[name].carries, scopes=LOCAL)
    return Place(definition, scopes=LOCAL)


def _site(definition: Definition, site: Site) -> Iterator[Finding]:
    transition, place = site.transition, place_of(definition, site)
    before = place._replace(scopes=("ctx", "limits", "event"))
    for target in transition.targets:
        if target not in definition.states:
            yield error(f"{site.path}.to", f"There is no state {target!r}")
    for condition in conditions(transition.when):
        yield from _condition(before, condition, f"{site.path}.when")
    for index, branch in enumerate(transition.branches):
        for condition in conditions(branch.when):
            yield from _condition(place, condition, f"{site.path}.to[{index}].when")
    yield from _effects(place, transition.do, f"{site.path}.do")
    yield from _own(definition, site)
    yield from _sayings(place, transition, site.path)


def _own(definition: Definition, site: Site) -> Iterator[Finding]:
    match site.transition:
        case Action(inputs=inputs):
            for index, field in enumerate(inputs):
                if isinstance(field, MoneyInput):
                    yield from _bounds(definition, field, f"{site.path}.inputs[{index}]")
        case Event(event=name) if name not in EVENTS:
            yield error(f"{site.path}.event", f"There is no event {name!r}; there are {_listed(EVENTS)}")
        case Timer(at=str(reference)) if Place(definition).type_of(reference) != "date":
            yield error(f"{site.path}.at", f"{reference} is not a date of the context")


def _bounds(definition: Definition, field: MoneyInput, path: str) -> Iterator[Finding]:
    for name, reference in (("min_ref", field.min_ref), ("max_ref", field.max_ref)):
        if reference is not None and Place(definition).type_of(reference) != "money":
            yield error(f"{path}.{name}", f"{reference} is not an amount of the context")


def _sayings(place: Place, transition: Transition, path: str) -> Iterator[Finding]:
    for index, say in enumerate(transition.say):
        yield from _text(place, say.text, f"{path}.say[{index}].text")


def _text(place: Place, text: Text, path: str) -> Iterator[Finding]:
    for translation in translations(text).values():
        if not is_well_formed(translation):
            yield error(path, "Braces that are no placeholder like {{ctx.price|money}}")
        for reference, used in placeholders(translation):
            kind = place.type_of(reference)
            needed = NEEDED_FILTER.get(kind or "", used)
            if kind is None:
                yield error(path, f"{reference} does not exist here")
            elif used and used not in FILTERS:
                yield error(path, f"There is no filter {used!r}; there are {_listed(FILTERS)}")
            elif used != needed or (used in NEEDED_FILTER and used != kind):
                yield error(path, f"{reference} is of type {kind}: write {{{{{reference}{_suffix(kind)}}}}}")


def _suffix(kind: str | None) -> str:
    return f"|{kind}" if kind in NEEDED_FILTER else ""


def _condition(place: Place, condition: Condition, path: str) -> Iterator[Finding]:
    kind = place.type_of(condition.var)
    if kind is None:
        yield error(path, f"{condition.var} does not exist here")
    elif condition.op in ("is_set", "is_unset"):
        if condition.value is not None:
            yield error(path, f"{condition.op} takes no value")
    elif kind == "files" or (condition.op in ORDERING and kind not in ("int", "money", "date")):
        yield error(path, f"{condition.var} is of type {kind}, which {condition.op} does not compare")
    elif isinstance(condition.value, Var):
        if place.type_of(condition.value.var) != kind or condition.op in ("in", "not_in"):
            yield error(path, f"{condition.op} can't compare {condition.var} and {condition.value.var}")
    elif not _fits(condition, kind):
        yield error(path, f"{condition.value!r} is not what {condition.var} ({kind}) is compared to by {condition.op}")


def _fits(condition: Condition, kind: VariableType) -> bool:
    """Return whether a constant can be compared with a value of that type."""
    several = condition.op in ("in", "not_in")
    if isinstance(condition.value, tuple) != several:
        return False
    values = condition.value if isinstance(condition.value, tuple) else (condition.value,)
    return all(_is_of(value, kind) for value in values)


def _is_of(value: object, kind: VariableType) -> bool:
    try:
        CONVERTERS[kind](value)
    except Unacceptable:
        return False
    return True


def _effects(place: Place, do: Effects, path: str) -> Iterator[Finding]:
    for name, source in do.set.items():
        yield from _assignment(place, name, source, f"{path}.set.{name}")
    for name in do.inc:
        if place.type_of(f"ctx.{name}") != "int":
            yield error(f"{path}.inc", f"{name} is not a whole number of the context")
    for name in do.call:
        if name not in EFFECTS:
            yield error(f"{path}.call", f"There is no effect {name!r}; there are {_listed(EFFECTS)}")
        for argument, kind in EFFECTS[name].takes.items() if name in EFFECTS else ():
            if kind not in (place.event.get(argument), place.type_of(f"ctx.{argument}")):
                yield error(f"{path}.call", f"{name} takes ctx.{argument}, which must be of type {kind}")


def _assignment(place: Place, name: str, source: str | Source, path: str) -> Iterator[Finding]:
    kind = place.type_of(f"ctx.{name}")
    if kind is None:
        yield error(path, f"There is no variable {name!r}")
    elif isinstance(source, str):
        given = place.type_of(source)
        if given is None:
            yield error(path, f"{source} does not exist here")
        elif given != kind:
            yield error(path, f"{source} is of type {given}, {name} of type {kind}")
    elif (source.value is UNSET) == (source.compute is None):
        yield error(path, "Give exactly one of value and compute")
    elif source.compute is not None:
        yield from _computation(place, kind, source.compute, path)
    elif source.value is not None and not _is_of(source.value, kind):
        yield error(path, f"{source.value!r} is not of type {kind}")


def _computation(place: Place, kind: VariableType, name: str, path: str) -> Iterator[Finding]:
    if name not in COMPUTATIONS:
        yield error(path, f"There is no computation {name!r}; there are {_listed(COMPUTATIONS)}")
        return
    if COMPUTATIONS[name].gives != kind:
        yield error(path, f"{name} gives {COMPUTATIONS[name].gives}, not {kind}")
    for reference, needed in COMPUTATIONS[name].takes.items():
        if place.type_of(reference) != needed:
            yield error(path, f"{name} takes {reference}, which must be of type {needed}")


def _listed(names: Mapping[str, object]) -> str:
    return ", ".join(sorted(names))
