"""The world that outsiders look at, and a server before them."""

import pytest

from stoory.accounts.models import User
from tests.realtime.conftest import connect as connect
from tests.realtime.conftest import server as server
from tests.security.world import World, make_world


@pytest.fixture
def world(alice: User, bob: User, charlie: User, staff: User, shipped_flows: None) -> World:
    """Conversations of alice and bob, and one of everybody else."""
    return make_world(alice, bob, charlie, staff, lambda name, role: User.objects.create_user(name, role=role))
