"""What a definition may name: effects on the world, events that the world reports, computations.

Nothing here reaches out: the interpreter names effects in its result, with their arguments, and the runtime carries
them out.
"""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Literal, NamedTuple

from flows.schema import VariableType
from flows.scopes import Scope, look_up
from stoory.payloads import JsonValue

Money = Literal["order", "void", "hold", "release", "refund"]


class Effect(NamedTuple):
    """An effect: the values that it takes, the events that may come of it, and what it does to the money.

    A value is taken from the event that caused the effect, else from the context.
    """

    name: str
    takes: Mapping[str, VariableType] = {}
    answers: tuple[str, ...] = ()
    money: Money | None = None


class EventKind(NamedTuple):
    """An event and the values that it carries."""

    name: str
    carries: Mapping[str, VariableType] = {}


class Computation(NamedTuple):
    """A value that is computed from references."""

    name: str
    takes: Mapping[str, VariableType]
    gives: VariableType
    compute: Callable[..., JsonValue]


PAYMENT: Mapping[str, VariableType] = {"payment_id": "text"}

EFFECTS = {
    effect.name: effect
    for effect in (
        Effect("escrow.create_order", {"agreed_amount": "money"}, ("payment.captured", "payment.failed"), "order"),
        Effect("escrow.void", money="void"),
        Effect("escrow.hold", PAYMENT, money="hold"),
        Effect("escrow.release", PAYMENT, ("payout.succeeded", "payout.failed"), "release"),
        Effect("escrow.refund", PAYMENT, money="refund"),
        Effect("support.open_ticket"),
        Effect("support.escalate"),
    )
}
EVENTS = {
    event.name: event
    for event in (
        EventKind("payment.captured", PAYMENT),
        EventKind("payment.failed"),
        EventKind("payout.succeeded"),
        EventKind("payout.failed"),
        EventKind("campaign.cancelled"),
    )
}
CAPTURE = "payment.captured"
"""The event by which money arrives."""


def _fee(amount: str, percent: int) -> str:
    return f"{(Decimal(amount) * percent / 100).quantize(Decimal('0.01')):.2f}"


def _payout(amount: str, percent: int) -> str:
    return f"{Decimal(amount) - Decimal(_fee(amount, percent)):.2f}"


FEE: Mapping[str, VariableType] = {"ctx.agreed_amount": "money", "limits.fee_percent": "int"}
COMPUTATIONS = {
    computation.name: computation
    for computation in (
        Computation("money.fee", FEE, "money", _fee),
        Computation("money.payout", FEE, "money", _payout),
    )
}


def arguments_of(effect: str, scope: Scope) -> dict[str, JsonValue]:
    """Return what an effect takes: from the event that caused it, else from the context."""
    event, context = scope.get("event", {}), scope["ctx"]
    return {name: event.get(name, context.get(name)) for name in EFFECTS[effect].takes}


def computed(name: str, scope: Scope) -> JsonValue:
    """Return a computed value, or None where something that it takes is unset."""
    computation = COMPUTATIONS[name]
    arguments = [look_up(reference, scope) for reference in computation.takes]
    return None if None in arguments else computation.compute(*arguments)
