"""A flow as Mermaid text, for documents."""

from collections.abc import Iterator, Mapping

from flows.graph import Site, sites
from flows.schema import Definition, Outcome
from flows.texts import FALLBACK, localized

FILLS: dict[Outcome, str] = {"won": "#d7f4e1", "lost": "#fbdcd9", "expired": "#fdebd0", "cancelled": "#e9ebee"}


def mermaid(
    definition: Definition, counts: Mapping[str, int] | None = None, current: str | None = None, locale: str = FALLBACK
) -> str:
    """Return a state diagram; the transitions between two states share an arrow."""
    return "\n".join(_lines(definition, counts or {}, current, locale)) + "\n"


def _lines(definition: Definition, counts: Mapping[str, int], current: str | None, locale: str) -> Iterator[str]:
    yield "stateDiagram-v2"
    for name, state in definition.states.items():
        count = f" ({counts[name]})" if name in counts else ""
        yield f'  state "{_plain(localized(state.title, locale))}{count}" as {name}'
    yield f"  [*] --> {definition.initial}"
    for (source, target), labels in _arrows(definition).items():
        yield f"  {source} --> {target}: {', '.join(labels)}"
    yield from (f"  {name} --> [*]" for name, state in definition.states.items() if state.final)
    yield from (f"  classDef {outcome} fill:{fill}" for outcome, fill in FILLS.items())
    yield from (f"  class {name} {state.outcome}" for name, state in definition.states.items() if state.outcome)
    if current in definition.states:
        yield "  classDef current stroke:#c0392b,stroke-width:3px"
        yield f"  class {current} current"


def _arrows(definition: Definition) -> dict[tuple[str, str], list[str]]:
    arrows: dict[tuple[str, str], list[str]] = {}
    for site in sites(definition):
        for target in site.transition.targets or ((site.state,) if site.kind != "timer" else ()):
            arrows.setdefault((site.state, target), []).append(_label(site))
    return arrows


def _label(site: Site) -> str:
    who = " or ".join(site.roles) or site.kind
    return f"{who} {site.id}".replace("_", " ").replace(".", " ")


def _plain(text: str) -> str:
    """Characters that end a label, or a line, in Mermaid."""
    return "".join(" " if char in '":;#\n\r<>' else char for char in text)
