"""A definition as a graph: all its transitions, each with its place in the document."""

from collections.abc import Iterator
from typing import NamedTuple

from flows.guards import conditions
from flows.schema import Action, Condition, Definition, Event, State, Timer, TransitionKind


class Site(NamedTuple):
    """A transition and where it stands."""

    state: str
    kind: TransitionKind
    position: int
    transition: Action | Event | Timer

    @property
    def path(self) -> str:
        return f"states.{self.state}.{self.kind}s[{self.position}]"

    @property
    def id(self) -> str:
        return self.transition.id

    @property
    def roles(self) -> tuple[str, ...]:
        """Who may press it; nobody an event or a timer."""
        return self.transition.roles if isinstance(self.transition, Action) else ()

    @property
    def optional(self) -> frozenset[str]:
        """What may be left unanswered."""
        inputs = self.transition.inputs if isinstance(self.transition, Action) else ()
        return frozenset(field.id for field in inputs if not field.required)

    @property
    def conditions(self) -> tuple[Condition, ...]:
        """What it depends on whether, and where to, it is taken."""
        guards = (self.transition.when, *(branch.when for branch in self.transition.branches))
        return tuple(condition for guard in guards for condition in conditions(guard))


def sites_of(name: str, state: State) -> Iterator[Site]:
    """Return the transitions of one state, in document order."""
    for position, action in enumerate(state.actions):
        yield Site(name, "action", position, action)
    for position, event in enumerate(state.events):
        yield Site(name, "event", position, event)
    for position, timer in enumerate(state.timers):
        yield Site(name, "timer", position, timer)


def sites(definition: Definition) -> Iterator[Site]:
    """Return all transitions, in document order."""
    for name, state in definition.states.items():
        yield from sites_of(name, state)
