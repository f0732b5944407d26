"""The money: every payment that arrives is held or given back, once; the chat opens only on paid work.

Played over all that can happen, with an order or two of which each may be paid at any later moment, even after it was
voided: providers are slow.
"""

from collections import deque
from collections.abc import Iterator
from typing import NamedTuple

from flows.checks.exploration import Configuration, Exploration, way_to
from flows.checks.findings import Finding, error
from flows.checks.liveness import told
from flows.effects import CAPTURE, EFFECTS
from flows.graph import Site
from flows.schema import Definition

MANY = 2
_CAUSE = {event: effect.money for effect in EFFECTS.values() for event in effect.answers}


class Books(NamedTuple):
    """How often each thing happened, up to "many"."""

    orders: int = 0
    captured: int = 0
    held: int = 0
    released: int = 0
    refunded: int = 0

    def plus(self, name: str) -> "Books":
        return self._replace(**{name: min(getattr(self, name) + 1, MANY)})

    def allow(self, site: Site) -> bool:
        """Return whether the provider can report this event: not before it was asked for something."""
        if site.id == CAPTURE:
            return self.captured < self.orders
        cause = _CAUSE.get(site.id)
        return {"order": self.orders, "release": self.released}.get(cause or "", 1) > 0


Node = tuple[Configuration, Books]


def ledger_findings(definition: Definition, exploration: Exploration) -> list[Finding]:
    """Return the ways on which money is lost, or spent twice."""
    first = {EFFECTS[name].money for name in definition.start.call}
    if first & {"hold", "release", "refund"}:
        return [error("start.call", "There is no money yet when a conversation starts")]
    if not exploration.complete or not (first & {"order"} or _has_money(exploration)):
        return []
    found: dict[tuple[str, str], Finding] = {}
    starts: list[Node] = [(here, Books(orders=len(first & {"order"}))) for here in exploration.starts]
    origin: dict[Node, tuple[Node, Site] | None] = dict.fromkeys(starts)
    queue = deque(starts)
    taken: set[str] = set()
    while queue:
        node = queue.popleft()
        for path, complaint in _state_complaints(definition, exploration, node):
            found.setdefault((path, complaint), error(path, complaint + told(way_to(node, origin))))
        for site, target, complaints in _moves(exploration, node):
            taken.add(site.path)
            for complaint in complaints:
                way = told([*way_to(node, origin), site])
                found.setdefault((site.path, complaint), error(f"{site.path}.do.call", complaint + way))
            if not complaints and target not in origin:
                origin[target] = node, site
                queue.append(target)
    return [*found.values(), *_unasked(exploration, taken)]


def _unasked(exploration: Exploration, taken: set[str]) -> Iterator[Finding]:
    sites = {move.site.path: move.site for moves in exploration.moves.values() for move in moves}
    for path, site in sites.items():
        if site.id in _CAUSE and path not in taken:
            yield error(path, f"{site.id} can't come here: no effect before asks for it")


def _has_money(exploration: Exploration) -> bool:
    calls = {name for moves in exploration.moves.values() for move in moves for name in move.site.transition.do.call}
    return any(EFFECTS[name].money for name in calls)


def _moves(exploration: Exploration, node: Node) -> Iterator[tuple[Site, Node, list[str]]]:
    here, books = node
    for site, target in exploration.moves[here]:
        if site.kind != "event" or books.allow(site):
            after, complaints = _booked(site, books)
            yield site, (target, after), complaints


def _booked(site: Site, books: Books) -> tuple[Books, list[str]]:
    """Return the books after a transition, and what is wrong with it."""
    money = [EFFECTS[name].money for name in site.transition.do.call]
    complaints: list[str] = []
    is_capture = site.kind == "event" and site.id == CAPTURE
    if is_capture:
        books = books.plus("captured")
        if "hold" not in money and "refund" not in money:
            complaints.append("A payment that arrives here is neither held nor refunded")
    for entry in money:
        match entry:
            case "order":
                books = books.plus("orders")
            case "hold":
                complaints += _wrong_hold(books, is_capture=is_capture)
                books = books.plus("held")
            case "release":
                complaints += _wrong_release(books)
                books = books.plus("released")
            # Of the payment that is held; a capture gives back the one that it reports.
            case "refund" if not is_capture:
                complaints += _wrong_refund(books)
                books = books._replace(refunded=1)
    return books, complaints


def _wrong_hold(books: Books, *, is_capture: bool) -> Iterator[str]:
    if not is_capture:
        yield "Money is held that has not arrived"
    if books.held:
        yield "A second payment is held"


def _wrong_release(books: Books) -> Iterator[str]:
    if not books.held:
        yield "Money is released that is not held"
    if books.released:
        yield "Money is released twice"
    if books.refunded:
        yield "Money is released that was refunded"


def _wrong_refund(books: Books) -> Iterator[str]:
    if not books.held:
        yield "Money is refunded that is not held"
    if books.released:
        yield "Money is refunded that was released"


def _state_complaints(definition: Definition, exploration: Exploration, node: Node) -> Iterator[tuple[str, str]]:
    here, books = node
    state, path = definition.states[here.state], f"states.{here.state}"
    if books.captured < books.orders and not any(move.site.id == CAPTURE for move in exploration.moves[here]):
        yield f"{path}.events", "A payment that arrives here is neither held nor refunded"
    if state.chat == "real_time" and (books.held, books.released) != (1, 1):
        yield path, "The chat opens without a payment that was held and released"
    if state.final and books.held and not (books.released or books.refunded):
        yield path, "The conversation ends with money held"
