"""Definite assignment, as a compiler does it: what is shown, copied, paid or timed was set on every way there."""

from collections.abc import Iterable, Iterator, Mapping

from flows.checks.findings import Finding, error
from flows.effects import COMPUTATIONS, EFFECTS, EVENTS
from flows.graph import Site, sites
from flows.schema import Action, Definition, Effects, Event, Guard, MoneyInput, Source, Text, Timer
from flows.scopes import split
from flows.templates import placeholders
from flows.texts import translations

Names = frozenset[str]


def assignment_findings(definition: Definition) -> list[Finding]:
    """Return the uses of variables that may be empty there."""
    known = known_on_entry(definition)
    return list(_findings(definition, known))


def known_on_entry(definition: Definition) -> dict[str, Names]:
    """Return for each state which variables are set on every way into it: the greatest fixed point."""
    everything = frozenset(definition.context)
    known = dict.fromkeys(definition.states, everything)
    known[definition.initial] = _known_at_start(definition)
    changed = True
    while changed:
        changed = False
        for site in sites(definition):
            for target, arriving in _arrivals(site, known[site.state]):
                smaller = known[target] & arriving
                changed = changed or smaller != known[target]
                known[target] = smaller
    return known


def _given(definition: Definition) -> Names:
    variables = definition.context.items()
    return frozenset(name for name, variable in variables if variable.initial is not None or variable.at_start is True)


def _known_at_start(definition: Definition) -> Names:
    return _after(definition.start, _given(definition), frozenset())


def _arrivals(site: Site, known: Names) -> Iterator[tuple[str, Names]]:
    after = _known_after(site, known)
    if not site.transition.branches:
        yield site.state, after
    for branch in site.transition.branches:
        yield branch.state, after | _proven(branch.when)


def _known_before(site: Site, known: Names) -> Names:
    return known | _proven(site.transition.when)


def _known_after(site: Site, known: Names) -> Names:
    return _after(site.transition.do, _known_before(site, known), site.optional)


def _after(do: Effects, known: Names, left_out: Names) -> Names:
    set_now = {name for name, source in do.set.items() if _is_certain(source, known, left_out)}
    return (known - do.set.keys()) | set_now | set(do.inc)


def _is_certain(source: str | Source, known: Names, left_out: Names) -> bool:
    if isinstance(source, Source):
        return source.value is not None
    scope, name = split(source)
    return name in known if scope == "ctx" else not (scope == "input" and name in left_out)


def _proven(guard: Guard | None) -> Names:
    """Return what a guard shows to be set: a comparison with nothing is false."""
    references = (condition.var for condition in (guard.all if guard else ()) if condition.op != "is_unset")
    return _context_names(references)


def _context_names(references: Iterable[str]) -> Names:
    return frozenset(split(reference).name for reference in references if split(reference).scope == "ctx")


def _findings(definition: Definition, known: dict[str, Names]) -> Iterator[Finding]:
    yield from _missing(_copied(definition.start), _given(definition), "start.set")
    yield from _missing(_arguments(definition.start, {}), _known_at_start(definition), "start.call")
    for name, state in definition.states.items():
        for party, prompt in state.prompt.items():
            yield from _missing(_shown(prompt.text), known[name], f"states.{name}.prompt.{party}.text")
    for site in sites(definition):
        before, after = _known_before(site, known[site.state]), _known_after(site, known[site.state])
        yield from _missing(_copied(site.transition.do), before, f"{site.path}.do.set")
        yield from _missing(_taken(site), after, f"{site.path}.do.call")
        yield from _missing(_own(site), before, site.path)
        for index, say in enumerate(site.transition.say):
            yield from _missing(_shown(say.text), after, f"{site.path}.say[{index}].text")


def _missing(needed: Iterable[str], known: Names, path: str) -> Iterator[Finding]:
    for name in sorted(set(needed) - known):
        yield error(path, f"ctx.{name} may be empty here")


def _shown(text: Text) -> Names:
    found = (placeholder.reference for each in translations(text).values() for placeholder in placeholders(each))
    return _context_names(found)


def _copied(do: Effects) -> Names:
    sources = do.set.values()
    computed = (source.compute for source in sources if isinstance(source, Source) and source.compute)
    references = [source for source in sources if isinstance(source, str)]
    return _context_names([*references, *(taken for name in computed for taken in COMPUTATIONS[name].takes)])


def _taken(site: Site) -> set[str]:
    """What the effects take from the context: all that the event does not bring itself."""
    carried = EVENTS[site.transition.event].carries if isinstance(site.transition, Event) else {}
    return _arguments(site.transition.do, carried)


def _arguments(do: Effects, carried: Mapping[str, object]) -> set[str]:
    return {name for call in do.call for name in EFFECTS[call].takes if name not in carried}


def _own(site: Site) -> Names:
    match site.transition:
        case Timer(at=str(reference)):
            return _context_names([reference])
        case Action(inputs=inputs):
            fields = [field for field in inputs if isinstance(field, MoneyInput)]
            return _context_names(each for field in fields for each in (field.min_ref, field.max_ref) if each)
    return frozenset()
