"""Real transactions, side by side."""

import pytest
from django.db import connection


@pytest.fixture(autouse=True)
def side_by_side(request: pytest.FixtureRequest, transactional_db: None) -> None:
    """Commit for real; skip what is marked for PostgreSQL on a database that lets one writer in at a time."""
    if request.node.get_closest_marker("postgres") and connection.vendor != "postgresql":
        pytest.skip("needs PostgreSQL: here transactions are one after the other")
