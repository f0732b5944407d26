"""How the parts of a definition fit together, as far as one can see without playing it."""

from collections.abc import Iterable, Iterator

from flows.checks.findings import Finding, error, warning
from flows.durations import parse_duration
from flows.graph import Site, sites_of
from flows.schema import PARTIES, Action, ChoiceInput, Definition, Event, State, Timer
from flows.scopes import split

MAX_BUTTONS = 4
OPEN = "real_time"


def shape_findings(definition: Definition) -> list[Finding]:
    """Return what does not fit."""
    return list(_findings(definition))


def _findings(definition: Definition) -> Iterator[Finding]:
    opened = definition.states.get(OPEN)
    if opened is None or opened.chat != "real_time" or opened.outcome != "won":
        yield error(f"states.{OPEN}", "A flow has a state real_time with chat real_time and outcome won")
    for name, state in definition.states.items():
        path = f"states.{name}"
        yield from _final(state, path) if state.final else _waiting(state, path)
        yield from _duplicates(state, path)
        for site in sites_of(name, state):
            yield from _site(state, site)
            yield from _ends(definition, site)


def _ends(definition: Definition, site: Site) -> Iterator[Finding]:
    """How a conversation ends says why it ended."""
    outcomes = [definition.states[target].outcome for target in site.transition.targets]
    for outcome in filter(None, outcomes):
        if (outcome == "expired") != (site.kind == "timer"):
            yield error(
                f"{site.path}.to", f"{site.id} ends the conversation as {outcome}; timers, and only they, expire it"
            )
        if isinstance(site.transition, Action) and site.transition.style == "primary" and outcome != "won":
            yield warning(f"{site.path}.style", f"{site.id} is a primary button and ends the conversation as {outcome}")


def _final(state: State, path: str) -> Iterator[Finding]:
    if state.actions or state.timers or any(event.targets for event in state.events):
        yield error(path, "Nothing leads out of a final state")
    if state.awaiting:
        yield error(f"{path}.awaiting", "A final state awaits nobody")


def _waiting(state: State, path: str) -> Iterator[Finding]:
    if state.chat == "real_time":
        yield error(f"{path}.chat", "Only a final state opens the chat")
    if not any(site.transition.targets for site in sites_of("", state)):
        yield error(path, "Nothing leads out of this state")
    if state.awaiting:
        yield from _awaiting(state, path)
    for party in PARTIES:
        if sum(party in action.roles for action in state.actions) > MAX_BUTTONS:
            yield warning(path, f"More than {MAX_BUTTONS} buttons for {party}")


def _awaiting(state: State, path: str) -> Iterator[Finding]:
    if not any(state.awaiting in action.roles for action in state.actions):
        yield error(path, f"This state awaits {state.awaiting}, who has no action in it")
    if state.awaiting not in state.prompt:
        yield error(f"{path}.prompt", f"There is no prompt for {state.awaiting}, who is awaited")
    if any("staff" in action.roles for action in state.actions):
        yield error(path, f"Staff has actions where {state.awaiting} is awaited")
    if not any(timer.kind == "transition" for timer in state.timers):
        yield error(f"{path}.timers", f"This state waits for {state.awaiting} and never expires")


def _duplicates(state: State, path: str) -> Iterator[Finding]:
    yield from _repeated((action.id for action in state.actions), f"{path}.actions")
    yield from _repeated((timer.id for timer in state.timers), f"{path}.timers")
    yield from _repeated((event.event for event in state.events if event.when is None), f"{path}.events")
    for index, action in enumerate(state.actions):
        yield from _repeated((field.id for field in action.inputs), f"{path}.actions[{index}].inputs")
        for field in action.inputs:
            if isinstance(field, ChoiceInput):
                yield from _repeated((option.value for option in field.options), f"{path}.actions[{index}].inputs")


def _repeated(names: Iterable[str], path: str) -> Iterator[Finding]:
    seen: set[str] = set()
    for name in names:
        if name in seen:
            yield error(path, f"{name!r} is here twice")
        seen.add(name)


def _site(state: State, site: Site) -> Iterator[Finding]:
    transition = site.transition
    yield from _branches(site)
    yield from _moved_dates(state, site)
    for party in PARTIES:
        if sum(say.to in (party, "both") for say in transition.say) > 1:
            yield error(f"{site.path}.say", f"{party} gets more than one message for one step")
    if not (transition.targets or transition.say or transition.do.set or transition.do.inc or transition.do.call):
        yield warning(site.path, f"{site.id} does nothing")
    match transition:
        case Event():
            yield from _event(state, site)
        case Timer():
            yield from _timer(state, site, transition)


def _branches(site: Site) -> Iterator[Finding]:
    branches = site.transition.branches
    for index, branch in enumerate(branches):
        is_last = index == len(branches) - 1
        if is_last and branch.when is not None:
            yield error(f"{site.path}.to[{index}]", "The last branch has no condition: there must be a way")
        if not is_last and branch.when is None:
            yield error(f"{site.path}.to[{index}]", "The branches after one without a condition are never taken")


def _moved_dates(state: State, site: Site) -> Iterator[Finding]:
    """Timers are set when a state is entered: one whose date moved after that would come to nothing."""
    dates = {split(timer.at).name for timer in state.timers if timer.at}
    for name in site.transition.do.set if not site.transition.targets else ():
        if name in dates:
            yield error(f"{site.path}.do.set.{name}", f"A timer here counts from ctx.{name}: enter the state anew")


def _event(state: State, site: Site) -> Iterator[Finding]:
    earlier = [event for event in state.events[: site.position] if event.event == site.id and event.when is None]
    if earlier:
        yield error(site.path, f"An earlier {site.id} without a condition always comes first")


def _timer(state: State, site: Site, timer: Timer) -> Iterator[Finding]:
    if (timer.after is None) == (timer.at is None):
        yield error(site.path, "Give exactly one of after and at")
    if timer.kind == "reminder" and timer.targets:
        yield error(f"{site.path}.to", "A reminder does not change the state")
    if timer.kind == "transition" and not timer.targets:
        yield error(site.path, "This timer leads nowhere; is it a reminder?")
    if timer.kind == "transition" and (timer.when or timer.repeat):
        yield error(site.path, "An expiry happens once and under all conditions")
    expiries = [parse_duration(other.after) for other in state.timers if other.after and other.kind == "transition"]
    if timer.kind == "reminder" and timer.after and expiries and parse_duration(timer.after) >= min(expiries):
        yield warning(f"{site.path}.after", "The state has expired before this reminder comes")
