"""Generated walks: the shortest way to every state, and over every transition, played with real answers."""

import pytest

from flows.checks.exploration import Configuration, explore
from flows.graph import Site, sites
from tests.flows.players import SHIPPED, replay, take

EXPLORED = {key: explore(definition) for key, definition in SHIPPED.items()}
STATES = [(key, name) for key, definition in SHIPPED.items() for name in definition.states]
SITES = [(key, site) for key, definition in SHIPPED.items() for site in sites(definition)]


@pytest.mark.parametrize(("key", "state"), STATES)
def test_every_state_is_reached(key: str, state: str) -> None:
    first = next(here for here in EXPLORED[key].moves if here.state == state)

    assert replay(SHIPPED[key], EXPLORED[key], first).snapshot.state == state


@pytest.mark.parametrize(("key", "site"), SITES, ids=lambda value: value if isinstance(value, str) else value.path)
def test_every_transition_is_taken(key: str, site: Site) -> None:
    here, target = first_move(key, site)
    game = replay(SHIPPED[key], EXPLORED[key], here)
    step = take(game, site, number=99)

    assert (step.before.state, step.after.state) == (here.state, target.state)


def first_move(key: str, site: Site) -> tuple[Configuration, Configuration]:
    moves = EXPLORED[key].moves.items()
    return next((here, move.target) for here, found in moves for move in found if move.site == site)
