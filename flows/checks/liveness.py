"""A conversation always goes on to an end: whatever people press, and even if they press nothing."""

from collections import defaultdict, deque
from collections.abc import Callable, Iterator

from flows.checks.exploration import Configuration, Exploration, Move
from flows.checks.findings import Finding, error, warning
from flows.graph import Site, sites
from flows.schema import Definition

Chosen = Callable[[Move], bool]


def liveness_findings(definition: Definition, exploration: Exploration) -> list[Finding]:
    """Return what can never happen, and where a conversation can hang."""
    if not exploration.complete:
        return [error("states", f"More than {len(exploration.origin):,} configurations: is a loop unbounded?")]
    return [
        *_unreachable(definition, exploration),
        *_stuck(definition, exploration),
        *_powerless(definition, exploration),
        *_endless(exploration),
    ]


def _unreachable(definition: Definition, exploration: Exploration) -> Iterator[Finding]:
    reached = {configuration.state for configuration in exploration.moves}
    taken = {move.site.path for moves in exploration.moves.values() for move in moves}
    for name in definition.states:
        if name not in reached:
            yield error(f"states.{name}", "Nothing leads to this state")
    for site in sites(definition):
        if site.state in reached and site.path not in taken:
            yield warning(site.path, f"{site.id} can never happen")


def _stuck(definition: Definition, exploration: Exploration) -> Iterator[Finding]:
    """An end must be within reach of everybody together, and of timers and staff alone."""
    ends = {here for here in exploration.moves if definition.states[here.state].final}
    hopeful = _reaching(exploration, ends, lambda move: True)
    for here in _first_of_each_state(exploration, lambda here: here not in hopeful):
        yield error(f"states.{here.state}", f"There is no way to an end from here{_after(exploration, here)}")
    by_itself = _reaching(exploration, ends, _needs_no_party)
    for here in _first_of_each_state(exploration, lambda here: here in hopeful and here not in by_itself):
        yield error(f"states.{here.state}", "This hangs for ever if both parties stay silent")


def _needs_no_party(move: Move) -> bool:
    return move.site.kind == "timer" or "staff" in move.site.roles


def _reaching(exploration: Exploration, ends: set[Configuration], chosen: Chosen) -> set[Configuration]:
    """Return the configurations from which chosen moves lead to an end."""
    before: dict[Configuration, list[Configuration]] = defaultdict(list)
    for here, moves in exploration.moves.items():
        for move in moves:
            if chosen(move):
                before[move.target].append(here)
    found, queue = set(ends), deque(ends)
    while queue:
        for here in before[queue.popleft()]:
            if here not in found:
                found.add(here)
                queue.append(here)
    return found


def _powerless(definition: Definition, exploration: Exploration) -> Iterator[Finding]:
    """Whoever is awaited has a button."""

    def is_powerless(here: Configuration) -> bool:
        awaited = definition.states[here.state].awaiting
        return awaited is not None and not any(awaited in move.site.roles for move in exploration.moves[here])

    for here in _first_of_each_state(exploration, is_powerless):
        awaited = definition.states[here.state].awaiting
        yield error(f"states.{here.state}", f"{awaited} is awaited and has no button{_after(exploration, here)}")


def _endless(exploration: Exploration) -> Iterator[Finding]:
    """Rounds that the parties can go for ever, no counter in their way. Staff may start as many as it likes."""
    edges = {here: {move.target for move in moves if _is_round(move)} for here, moves in exploration.moves.items()}
    looping = sorted({here.state for here in _on_cycles(edges)})
    if looping:
        yield error("states", f"The parties can go round for ever: {', '.join(looping)}; a counter must bound it")


def _is_round(move: Move) -> bool:
    if move.site.kind == "action":
        return move.site.roles != ("staff",)
    return bool(move.site.transition.targets)


def _on_cycles(edges: dict[Configuration, set[Configuration]]) -> set[Configuration]:
    """Return what remains when all that is not on a cycle, nor between two, is peeled off."""
    return set(_peeled(_reversed(_peeled(edges))))


def _peeled(edges: dict[Configuration, set[Configuration]]) -> dict[Configuration, set[Configuration]]:
    """Return a graph without the nodes from which no cycle is reached."""
    before = _reversed(edges)
    left = {here: len(targets) for here, targets in edges.items()}
    queue = deque(here for here, count in left.items() if count == 0)
    while queue:
        gone = queue.popleft()
        del left[gone]
        for here in before[gone]:
            left[here] -= 1
            if left[here] == 0:
                queue.append(here)
    return {here: edges[here] & left.keys() for here in left}


def _reversed(edges: dict[Configuration, set[Configuration]]) -> dict[Configuration, set[Configuration]]:
    before: dict[Configuration, set[Configuration]] = {here: set() for here in edges}
    for here, targets in edges.items():
        for target in targets:
            before[target].add(here)
    return before


def _first_of_each_state(exploration: Exploration, wanted: Callable[[Configuration], bool]) -> list[Configuration]:
    """Return the nearest of the wanted configurations, one for each state."""
    nearest: dict[str, Configuration] = {}
    for here in filter(wanted, exploration.moves):
        nearest.setdefault(here.state, here)
    return list(nearest.values())


def _after(exploration: Exploration, here: Configuration) -> str:
    return told(exploration.path_to(here))


def told(path: list[Site]) -> str:
    """Return a way as the end of a sentence."""
    return f" after {', '.join(site.id for site in path)}" if path else ""
