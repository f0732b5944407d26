"""The threads that the event loop asks for the database."""

from typing import Any

from django.db import connection

from stoory.accounts.models import User
from stoory.realtime.database import database


def asked() -> int:
    """Ask something; return how many questions this thread's connection remembers."""
    User.objects.exists()
    return len(connection.queries_log)


async def test_a_developer_s_server_does_not_remember_what_it_asked(transactional_db: None, settings: Any) -> None:
    settings.DEBUG = True
    assert {await database(asked) for _ in range(30)} == {1}
