"""Pictures in the admin, also of definitions that have faults."""

from django.utils.safestring import SafeString, mark_safe
from msgspec.structs import replace

from flows.durations import is_duration
from flows.pictures import svg
from flows.schema import Definition, State, Timer, Transition
from flows.scopes import split


def picture(
    definition: Definition,
    counts: dict[str, int] | None = None,
    current: str | None = None,
    stays: dict[str, str] | None = None,
) -> SafeString:
    """Return the picture as part of a page; every text in it is escaped where it is drawn."""
    return mark_safe(svg(drawable(definition), counts=counts, current=current, stays=stays))


def drawable(definition: Definition) -> Definition:
    """Return what of a definition can be drawn: without ways that lead nowhere, or at a time that nobody can read."""
    states = {name: _drawable_state(definition, state) for name, state in definition.states.items()}
    initial = definition.initial if definition.initial in states else next(iter(states))
    return replace(definition, initial=initial, states=states)


def _drawable_state(definition: Definition, state: State) -> State:
    return replace(
        state,
        actions=tuple(action for action in state.actions if _leads_somewhere(definition, action)),
        events=tuple(event for event in state.events if _leads_somewhere(definition, event)),
        timers=tuple(
            timer for timer in state.timers if _leads_somewhere(definition, timer) and _is_readable(definition, timer)
        ),
    )


def _leads_somewhere(definition: Definition, transition: Transition) -> bool:
    return all(target in definition.states for target in transition.targets)


def _is_readable(definition: Definition, timer: Timer) -> bool:
    if timer.after is not None:
        return is_duration(timer.after)
    return split(timer.at or "").name in definition.context and is_duration(timer.offset)
