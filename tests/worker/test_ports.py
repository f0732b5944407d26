"""The port has a method for each effect that a flow may name, and the sandbox has them all."""

import inspect
from operator import attrgetter
from typing import Any

import pytest

from flows.effects import EFFECTS, Effect
from flows.ports import Escrow, Provider, Support
from flows.sandbox import Sandbox
from tests.worker.bank import Bank


class Port:
    """Both halves of the port, as classes."""

    escrow = Escrow
    support = Support


@pytest.mark.parametrize("effect", EFFECTS.values(), ids=lambda effect: effect.name)
@pytest.mark.parametrize("provider", [Port, Sandbox(), Bank()], ids=["port", "sandbox", "bank"])
def test_every_effect_is_a_method_that_takes_what_it_takes(provider: Any, effect: Effect) -> None:
    parameters = set(inspect.signature(attrgetter(effect.name)(provider)).parameters) - {"self"}
    assert parameters == {"key", "deal", *effect.takes}


@pytest.mark.parametrize(("name", "port"), [("escrow", Escrow), ("support", Support)])
def test_every_method_is_an_effect(name: str, port: type) -> None:
    methods = {method for method in vars(port) if not method.startswith("_")}
    assert {f"{name}.{method}" for method in methods} == {effect for effect in EFFECTS if effect.startswith(name)}


def test_types_know_them_as_providers() -> None:
    providers: list[Provider] = [Sandbox(), Bank()]
    assert providers
