"""The cast at their keyboards, and conversations that a flow leads."""

from collections.abc import Callable
from typing import Any

import pytest
from rest_framework.test import APIClient

from stoory.accounts.models import User
from tests.guided.game import Game, Player, Players, Start


@pytest.fixture
def players(
    api: Callable[[User | None], APIClient], alice: User, bob: User, staff: User, shipped_flows: None
) -> Players:
    """Who plays, by role."""

    def player(user: User) -> Player:
        client = api(user)
        client.default_format = "json"
        return Player(user, client)

    return {"brand_owner": player(alice), "influencer": player(bob), "staff": player(staff)}


@pytest.fixture
def start(players: Players) -> Start:
    """Open a conversation of a kind, with start values."""

    def begin(kind: str, **context: Any) -> Game:
        return Game(kind, players, **context)

    return begin
