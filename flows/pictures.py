"""A flow as an SVG picture that needs no script and no style: attributes alone, so that a strict CSP lets it pass.

One row for each state in flow order, a chip for each way out of it, beside it in words. Ways that skip rows are drawn
as arcs at the left, each in a lane of its own; they carry no labels, the chips do.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from html import escape
from itertools import pairwise
from typing import NamedTuple

from flows.durations import in_words
from flows.graph import Site, sites_of
from flows.mermaid import FILLS
from flows.schema import Action, Definition, State, Timer
from flows.scopes import split
from flows.texts import FALLBACK, localized

AWAITING_FILLS = {"influencer": "#e8f1fd", "brand_owner": "#fdf3e1"}
ROLES = {"influencer": "Influencer", "brand_owner": "Brand", "staff": "Staff"}
NEUTRAL, LINE, CURRENT, FORWARD, BACKWARD, QUIET = "#f4f4f6", "#8893a5", "#c0392b", "#3366cc", "#aa3333", "#556677"
BOX_WIDTH, BOX_HEIGHT, CHIP_HEIGHT, GAP, LANE, MARGIN = 220, 46, 20, 28, 16, 20
CHARACTER = 6.6
MARKER = (
    '<defs><marker id="arrow" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">'
    '<path d="M0 0 8 4 0 8z" fill="#556677"/></marker></defs>'
)


class Chip(NamedTuple):
    """A way out of a state, in words."""

    text: str
    fill: str


class Row(NamedTuple):
    """A state with its place in the picture."""

    name: str
    state: State
    chips: list[Chip]
    y: int
    height: int


class Marks(NamedTuple):
    """What is written into the boxes of the states."""

    counts: Mapping[str, int]
    stays: Mapping[str, str]
    current: str | None


class Arc(NamedTuple):
    """A way that skips rows: from row to row, in a lane."""

    source: int
    target: int
    lane: int


def svg(
    definition: Definition,
    counts: Mapping[str, int] | None = None,
    current: str | None = None,
    locale: str = FALLBACK,
    stays: Mapping[str, str] | None = None,
) -> str:
    """Return the picture; `counts` shows how many conversations are in each state, `stays` how long in words."""
    rows = _rows(definition, locale)
    arcs = _arcs(rows)
    left = MARGIN + LANE * (1 + max((arc.lane for arc in arcs), default=0))
    right = left + BOX_WIDTH + MARGIN
    width = right + max((_width(chip) for row in rows for chip in row.chips), default=0) + MARGIN
    marks = Marks(counts or {}, stays or {}, current)
    height = rows[-1].y + rows[-1].height + MARGIN
    title = escape(localized(definition.title, locale))
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}"'
        f' font-family="sans-serif" font-size="12" role="img" aria-label="{title}"><title>{title}</title>{MARKER}',
        f'<rect width="{width}" height="{height}" fill="#ffffff"/>',
        *_steps(rows, left),
        *_curves(rows, arcs, left),
        *(_box(row, left, marks, locale) for row in rows),
        *(_chip(chip, right, row.y + CHIP_HEIGHT * at) for row in rows for at, chip in enumerate(row.chips)),
        "</svg>\n",
    ]
    return "\n".join(parts)


def flow_order(definition: Definition) -> list[str]:
    """Return the states as one reads them: the way to the goal first, then the other ends."""
    seen: set[str] = set()
    finished: list[str] = []
    _visit(definition, definition.initial, seen, finished)
    waiting = [name for name, state in definition.states.items() if name not in seen and not state.final]
    ends = [name for name, state in definition.states.items() if state.final]
    ends.sort(key=lambda name: definition.states[name].outcome != "won")
    return [*reversed(finished), *waiting, *ends]


def _visit(definition: Definition, name: str, seen: set[str], finished: list[str]) -> None:
    """Depth first, what is declared last visited first: the first declared way comes out on top."""
    seen.add(name)
    for site in reversed(list(sites_of(name, definition.states[name]))):
        for target in reversed(site.transition.targets):
            if target not in seen and not definition.states[target].final:
                _visit(definition, target, seen, finished)
    finished.append(name)


def _rows(definition: Definition, locale: str) -> list[Row]:
    rows, y = [], MARGIN
    for name in flow_order(definition):
        state = definition.states[name]
        chips = list(_chips(definition, name, locale))
        height = max(BOX_HEIGHT, CHIP_HEIGHT * len(chips))
        rows.append(Row(name, state, chips, y, height))
        y += height + GAP
    return rows


def _chips(definition: Definition, name: str, locale: str) -> Iterator[Chip]:
    for site in sites_of(name, definition.states[name]):
        for target in site.transition.targets:
            state = definition.states[target]
            yield Chip(f"{label(definition, site, locale)} → {localized(state.title, locale)}", _fill(state))
        if not site.transition.targets and site.kind != "timer":
            yield Chip(f"{label(definition, site, locale)} (stays)", NEUTRAL)


def label(definition: Definition, site: Site, locale: str = FALLBACK) -> str:
    """Return what makes a transition happen, as one says it."""
    match site.transition:
        case Action() as action:
            return f"{' or '.join(ROLES[role] for role in action.roles)}: {localized(action.label, locale)}"
        case Timer(after=str(after)):
            return f"after {in_words(after)}"
        case Timer() as timer:
            return _dated(definition, timer, locale)
    return f"on {site.id}"


def _dated(definition: Definition, timer: Timer, locale: str) -> str:
    name = split(timer.at or "").name
    day = definition.context[name].called(name)
    if timer.offset == "PT0S":
        return f"on {localized(day, locale)}"
    return f"{in_words(timer.offset)} {'before' if timer.before else 'after'} {localized(day, locale)}"


def _arcs(rows: list[Row]) -> list[Arc]:
    """Give each way that skips rows a lane in which no other passes it; short ones stay close."""
    lanes: list[list[tuple[int, int]]] = []
    arcs = []
    for source, target in sorted(_skips(rows), key=lambda pair: (abs(pair[0] - pair[1]), pair)):
        low, high = sorted((source, target))
        free = (lane for lane, taken in enumerate(lanes) if all(high < first or low > last for first, last in taken))
        lane = next(free, len(lanes))
        lanes[lane : lane + 1] = [[*(lanes[lane] if lane < len(lanes) else []), (low, high)]]
        arcs.append(Arc(source, target, lane))
    return arcs


def _skips(rows: list[Row]) -> set[tuple[int, int]]:
    number = {row.name: index for index, row in enumerate(rows) if not row.state.final or row.state.outcome == "won"}
    pairs = {
        (number[row.name], number[target])
        for row in rows
        for site in sites_of(row.name, row.state)
        for target in site.transition.targets
        if target in number
    }
    return {(source, target) for source, target in pairs if target not in (source, source + 1)}


def _curves(rows: list[Row], arcs: list[Arc], left: int) -> Iterator[str]:
    ports = _ports(rows, arcs)
    for arc in arcs:
        start, end = ports[arc.source, arc, "out"], ports[arc.target, arc, "in"]
        x, turn = left - LANE * (arc.lane + 1), 6 if end > start else -6
        colour = f'stroke="{FORWARD}"' if end > start else f'stroke="{BACKWARD}" stroke-dasharray="5 3"'
        path = f"M{left} {start}H{x + 6}Q{x} {start} {x} {start + turn}V{end - turn}Q{x} {end} {x + 6} {end}H{left - 1}"
        yield f'<path d="{path}" fill="none" {colour} marker-end="url(#arrow)"/>'


def _ports(rows: list[Row], arcs: list[Arc]) -> dict[tuple[int, Arc, str], int]:
    """Spread the ends of the arcs over the left edge of each box, in the order of where they go."""
    ends: dict[int, list[tuple[int, str, Arc]]] = defaultdict(list)
    for arc in arcs:
        ends[arc.source].append((arc.target, "out", arc))
        ends[arc.target].append((arc.source, "in", arc))
    return {
        (index, arc, way): rows[index].y + rows[index].height * position // (len(here) + 1)
        for index, here in ends.items()
        for position, (_, way, arc) in enumerate(sorted(here), 1)
    }


def _steps(rows: list[Row], left: int) -> Iterator[str]:
    """Arrows between neighbours."""
    x = left + BOX_WIDTH // 2
    for row, below in pairwise(rows):
        targets = {target for site in sites_of(row.name, row.state) for target in site.transition.targets}
        if below.name in targets and (not below.state.final or below.state.outcome == "won"):
            yield f'<path d="M{x} {row.y + row.height}V{below.y - 1}" stroke="{QUIET}" marker-end="url(#arrow)"/>'


def _box(row: Row, left: int, marks: Marks, locale: str) -> str:
    stroke = f'stroke="{CURRENT}" stroke-width="3"' if row.name == marks.current else f'stroke="{LINE}"'
    right, small = left + BOX_WIDTH - 10, f'text-anchor="end" font-size="11" fill="{QUIET}"'
    count, stay = marks.counts.get(row.name), marks.stays.get(row.name)
    shown = "" if count is None else _text(right, row.y + 19, str(count), 'text-anchor="end"')
    shown += "" if stay is None else _text(right, row.y + 36, stay, small)
    who = ROLES.get(row.state.awaiting or "", row.state.outcome or "waits for others")
    return (
        f'<g><title>{escape(row.name)}</title><rect x="{left}" y="{row.y}" width="{BOX_WIDTH}" height="{row.height}"'
        f' rx="8" fill="{_fill(row.state)}" {stroke}/>'
        + _text(left + 10, row.y + 19, localized(row.state.title, locale), 'font-weight="600"')
        + _text(left + 10, row.y + 36, f"{who} · {row.state.phase}", f'font-size="11" fill="{QUIET}"')
        + f"{shown}</g>"
    )


def _chip(chip: Chip, x: int, y: int) -> str:
    rect = f'<rect x="{x}" y="{y}" width="{_width(chip)}" height="{CHIP_HEIGHT - 3}" rx="8" fill="{chip.fill}"/>'
    return rect + _text(x + 8, y + 12, chip.text, 'font-size="11"')


def _text(x: int, y: int, text: str, attributes: str) -> str:
    return f'<text x="{x}" y="{y}" {attributes}>{escape(text)}</text>'


def _width(chip: Chip) -> int:
    return 16 + int(CHARACTER * len(chip.text))


def _fill(state: State) -> str:
    return FILLS[state.outcome] if state.outcome else AWAITING_FILLS.get(state.awaiting or "", NEUTRAL)
