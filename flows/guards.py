"""Conditions as data: `{var, op, value}` rows, combined by `all` and `any`.

`verdict` has a third answer for `flows.checks`, which explores a flow with values that it does not know.
"""

import operator
from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import Final

from flows.schema import Condition, Definition, Guard, Var
from flows.scopes import Scope, look_up, split
from stoory.payloads import JsonValue

UNKNOWN: Final = object()
"""A value that is set to something."""

OPERATORS: dict[str, Callable[[JsonValue, JsonValue], bool]] = {
    "eq": operator.eq,
    "ne": operator.ne,
    "lt": operator.lt,
    "lte": operator.le,
    "gt": operator.gt,
    "gte": operator.ge,
    "in": lambda value, options: value in options,
    "not_in": lambda value, options: value not in options,
}
ORDERING = ("lt", "lte", "gt", "gte")


def passes(definition: Definition, guard: Guard | None, scope: Scope) -> bool:
    """Return whether a guard holds; one that compares unknown values does not."""
    return verdict(definition, guard, scope) is True


def verdict(definition: Definition, guard: Guard | None, scope: Scope) -> bool | None:
    """Return whether a guard holds, or None if that depends on values that are not known."""
    if guard is None:
        return True
    every = _conjunction(_holds(definition, condition, scope) for condition in guard.all)
    if not guard.any:
        return every
    some = _disjunction(_holds(definition, condition, scope) for condition in guard.any)
    return _conjunction([every, some])


def conditions(guard: Guard | None) -> tuple[Condition, ...]:
    """Return all conditions of a guard."""
    return () if guard is None else (*guard.all, *guard.any)


def _holds(definition: Definition, condition: Condition, scope: Scope) -> bool | None:
    left = look_up(condition.var, scope)
    if condition.op in ("is_set", "is_unset"):
        return (left is not None) == (condition.op == "is_set")
    right = look_up(condition.value.var, scope) if isinstance(condition.value, Var) else condition.value
    if left is None or right is None:
        return False
    if left is UNKNOWN or right is UNKNOWN:
        return None
    if _is_money(definition, condition.var):
        left, right = _amount(left), _amount(right)
    return OPERATORS[condition.op](left, right)


def _is_money(definition: Definition, reference: str) -> bool:
    target = split(reference)
    variable = definition.context.get(target.name) if target.scope == "ctx" else None
    return variable is not None and variable.type == "money"


def _amount(value: JsonValue) -> Decimal | list[Decimal]:
    return [Decimal(item) for item in value] if isinstance(value, list | tuple) else Decimal(value)


def _conjunction(answers: Iterable[bool | None]) -> bool | None:
    given = set(answers)
    return False if False in given else None if None in given else True


def _disjunction(answers: Iterable[bool | None]) -> bool | None:
    given = set(answers)
    return True if True in given else None if None in given else False
