"""What one party is told, offered or asked never shows up in what the other party gets."""

from typing import Any

import pytest
from msgspec.structs import replace

from flows.cards import card
from flows.checks.exploration import Configuration, explore
from flows.graph import Site, sites
from flows.schema import PARTIES, Action, Definition, Say
from tests.flows.players import SHIPPED, replay, take


def marked(definition: Definition) -> Definition:
    """The flow with a mark in every text: whose it is."""
    states = {}
    for name, state in definition.states.items():
        prompts = {party: replace(prompt, text=f"FOR-{party} {name}") for party, prompt in state.prompt.items()}
        parts: dict[str, Any] = {
            kind: tuple(_marked(transition) for transition in getattr(state, kind))
            for kind in ("actions", "events", "timers")
        }
        states[name] = replace(state, prompt=prompts, **parts)
    return replace(definition, states=states)


def _marked(transition: Any) -> Any:
    said = tuple(Say(to=say.to, text=f"FOR-{say.to} {transition.id}", kind=say.kind) for say in transition.say)
    if isinstance(transition, Action):
        return replace(transition, say=said, label=f"FOR-{'-'.join(sorted(transition.roles))}")
    return replace(transition, say=said)


@pytest.mark.parametrize("key", SHIPPED)
def test_nothing_of_the_other_party_at_any_transition(key: str) -> None:
    definition = marked(SHIPPED[key])
    exploration = explore(definition)
    first: dict[str, tuple[Configuration, Site]] = {}
    for here, moves in exploration.moves.items():
        for move in moves:
            first.setdefault(move.site.path, (here, move.site))
    assert len(first) == len(list(sites(definition)))

    for here, site in first.values():
        game = replay(definition, exploration, here)
        take(game, site, number=99)
        for party, other in zip(PARTIES, reversed(PARTIES), strict=True):
            got = [game.seen_by(party), card(definition, game.snapshot, party, game.now)]
            alone = str(got).replace("FOR-brand_owner-influencer", "")
            assert f"FOR-{other}" not in alone
            assert "FOR-staff" not in alone
