"""All that can happen in a flow: every configuration of its state and of the variables that its guards look at.

Answers and amounts are unknown values: set, to something. A guard that depends on one may go either way. Counters are
exact up to the largest number that they are compared with; beyond it they all behave alike, so that the search ends.
"""

from collections import deque
from collections.abc import Iterator, Mapping
from itertools import islice, product
from typing import NamedTuple, TypeVar

from msgspec import UNSET

from flows.graph import Site, sites, sites_of
from flows.guards import UNKNOWN, verdict
from flows.schema import Definition, Effects, Guard, Source, Var
from flows.scopes import Scope, split
from stoory.payloads import JsonValue

MAX_CONFIGURATIONS = 50_000

Node = TypeVar("Node")


class Configuration(NamedTuple):
    """A state, and the values of the tracked variables."""

    state: str
    values: tuple[JsonValue, ...]


class Move(NamedTuple):
    """A transition that may be taken, and where it leads."""

    site: Site
    target: Configuration


class Exploration(NamedTuple):
    """What was found: the moves from each configuration, and how each was reached first."""

    tracked: tuple[str, ...]
    starts: list[Configuration]
    moves: dict[Configuration, list[Move]]
    origin: dict[Configuration, tuple[Configuration, Site] | None]
    complete: bool

    def path_to(self, configuration: Configuration) -> list[Site]:
        """Return the transitions of a shortest way to a configuration."""
        return way_to(configuration, self.origin)

    def start_of(self, configuration: Configuration) -> Configuration:
        """Return where the shortest way to a configuration begins."""
        while step := self.origin[configuration]:
            configuration = step[0]
        return configuration


def way_to(node: Node, origin: Mapping[Node, tuple[Node, Site] | None]) -> list[Site]:
    """Return the transitions by which a node was reached first; `origin` has of each the one before, and by what."""
    path: list[Site] = []
    while step := origin[node]:
        node, site = step
        path.append(site)
    return path[::-1]


def explore(definition: Definition, limit: int = MAX_CONFIGURATIONS) -> Exploration:
    """Return all reachable configurations, breadth first, so that every first way is a shortest one."""
    explorer = _Explorer(definition)
    starts = list(islice(explorer.starts(), limit + 1))
    exploration = Exploration(explorer.tracked, starts, {}, dict.fromkeys(starts), complete=True)
    queue = deque(starts)
    while queue:
        if len(exploration.origin) > limit:
            return exploration._replace(complete=False)
        here = queue.popleft()
        exploration.moves[here] = list(explorer.moves(here))
        for site, target in exploration.moves[here]:
            if target not in exploration.origin:
                exploration.origin[target] = here, site
                queue.append(target)
    return exploration


class _Explorer:
    """A definition, prepared for the search."""

    def __init__(self, definition: Definition) -> None:
        self.definition = definition
        self.tracked = _tracked(definition)
        self.ceiling = _ceiling(definition) + 1
        self.sites = {name: list(sites_of(name, state)) for name, state in definition.states.items()}
        self.limits = dict(definition.limits)

    def starts(self) -> Iterator[Configuration]:
        for values in product(*(self._start_values(name) for name in self.tracked)):
            context = dict(zip(self.tracked, values, strict=True))
            for changed in self._changes(self.definition.start, context, frozenset()):
                yield self._configuration(self.definition.initial, changed)

    def moves(self, here: Configuration) -> Iterator[Move]:
        context = dict(zip(self.tracked, here.values, strict=True))
        for site in self.sites[here.state]:
            if self._verdict(site.transition.when, context) is not False:
                for changed in self._changes(site.transition.do, context, site.optional):
                    for target in self._targets(site, changed):
                        yield Move(site, self._configuration(target, changed))

    def _targets(self, site: Site, context: dict[str, JsonValue]) -> Iterator[str]:
        if not site.transition.branches:
            yield site.state
        for branch in site.transition.branches:
            answer = self._verdict(branch.when, context)
            if answer is not False:
                yield branch.state
            if answer:
                return

    def _verdict(self, guard: Guard | None, context: dict[str, JsonValue]) -> bool | None:
        if guard is None:
            return True
        scope: Scope = {"ctx": context, "limits": self.limits, "event": _ANYTHING, "input": _ANYTHING}
        return verdict(self.definition, guard, scope)

    def _changes(
        self, do: Effects, context: dict[str, JsonValue], optional: frozenset[str]
    ) -> Iterator[dict[str, JsonValue]]:
        if not (do.set or do.inc):
            yield context
            return
        names = [name for name in do.set if name in context]
        choices = [self._sources(do.set[name], context, optional) for name in names]
        for chosen in product(*choices):
            changed = context | dict(zip(names, chosen, strict=True))
            for name in do.inc:
                if name in changed and changed[name] is not UNKNOWN:
                    changed[name] = min((changed[name] or 0) + 1, self.ceiling)
            yield changed

    def _sources(
        self, source: str | Source, context: dict[str, JsonValue], optional: frozenset[str]
    ) -> tuple[JsonValue, ...]:
        """Return the values that a source may give."""
        if isinstance(source, Source):
            return (UNKNOWN,) if source.value is UNSET else (source.value,)
        scope, name = split(source)
        match scope:
            case "ctx":
                return (context[name],)
            case "limits":
                return (min(self.limits[name], self.ceiling),)
            case "input" if name in optional:
                return (None, UNKNOWN)
        return (UNKNOWN,)

    def _start_values(self, name: str) -> tuple[JsonValue, ...]:
        variable = self.definition.context[name]
        given = (UNKNOWN,) if variable.at_start else ()
        return given if variable.at_start is True else (variable.initial, *given)

    def _configuration(self, state: str, context: dict[str, JsonValue]) -> Configuration:
        return Configuration(state, tuple(context[name] for name in self.tracked))


class _Anything(dict[str, JsonValue]):
    """A scope in which every name is set to something."""

    def get(self, name: str, default: JsonValue = None) -> JsonValue:
        return UNKNOWN


_ANYTHING = _Anything()


def _tracked(definition: Definition) -> tuple[str, ...]:
    """Return the variables that guards look at, and those that are copied into them."""
    names = {name for reference in _guard_references(definition) for name in _context_name(reference)}
    copies = [do.set.items() for do in (definition.start, *(site.transition.do for site in sites(definition)))]
    while True:
        copied = {
            name
            for assignments in copies
            for target, source in assignments
            if target in names and isinstance(source, str)
            for name in _context_name(source)
        }
        if copied <= names:
            return tuple(sorted(names))
        names |= copied


def _context_name(reference: str) -> tuple[str, ...]:
    scope, name = split(reference)
    return (name,) if scope == "ctx" else ()


def _guard_references(definition: Definition) -> Iterator[str]:
    for condition in (condition for site in sites(definition) for condition in site.conditions):
        yield condition.var
        if isinstance(condition.value, Var):
            yield condition.value.var


def _ceiling(definition: Definition) -> int:
    """Return the largest number that a counter may be compared with."""
    numbers = [0, *definition.limits.values()]
    numbers += [variable.initial for variable in definition.context.values() if isinstance(variable.initial, int)]
    for site in sites(definition):
        numbers += [condition.value for condition in site.conditions if isinstance(condition.value, int)]
        sources = site.transition.do.set.values()
        numbers += [source.value for source in sources if isinstance(source, Source) and isinstance(source.value, int)]
    return max(numbers)
