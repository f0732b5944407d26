"""The lane's own connection to PostgreSQL: a group is one statement, awaited on the event loop.

No thread, none of Django's cursors, one round trip a group. Measured without sockets, in messages a second and
microseconds of CPU a message, here and in PostgreSQL: 9,200 (19 + 77) with 100 in flight, where the ORM in a thread did
1,900 (416 + 97); 6,000 (34 + 118) with 10, for 900 (802 + 276); 1,460 (188 + 400) alone, for 177 (4,047 + 1,340).
"""

import select
from collections.abc import Sequence
from typing import Any

import psycopg
from django.db import connection
from psycopg.errors import DeadlockDetected, SerializationFailure, UniqueViolation
from psycopg.rows import args_row

from messaging.commands import SendMessage
from messaging.selectors import stored_messages
from messaging.send_statement import STATEMENT, Row, SendGroup
from messaging.sending import ATTEMPTS, Outcome
from messaging.services import send_messages
from stoory.realtime.database import database
from stoory.realtime.lane import NotStoredError, OutcomeUnknownError

Connection = psycopg.AsyncConnection[Row]

UNDONE_BY_OTHERS = (UniqueViolation, DeadlockDetected, SerializationFailure)
"""What a group meets where another server did the same at the same time: it is run again, and finds that done."""

# Planning takes longer than running; and the one plan, made perhaps of empty tables, must suit full ones.
PLANNED_ONCE = "SET plan_cache_mode = force_generic_plan; SET enable_seqscan = off"


class StatementSender:
    """Runs `messaging.send_statement`; connects when there is something to send, and again when that broke."""

    def __init__(self) -> None:
        self._connection: Connection | None = None

    async def send(self, commands: Sequence[SendMessage]) -> list[Outcome]:
        """Return an outcome a command, in their order; raises `OutcomeUnknownError` and `NotStoredError`."""
        for attempt in range(1, ATTEMPTS + 1):
            group = SendGroup(commands)
            try:
                rows = await self._run(group.parameters())
            except UNDONE_BY_OTHERS:
                if attempt == ATTEMPTS:
                    raise
            else:
                return await _stored(group, rows)
        raise AssertionError("unreachable")

    async def close(self) -> None:
        """Give the connection back."""
        if self._connection is not None:
            await self._connection.close()
            self._connection = None

    async def _run(self, parameters: dict[str, Any]) -> list[Row]:
        open_connection = await self._connected()
        try:
            cursor = await open_connection.execute(STATEMENT, parameters, prepare=True, binary=True)
            return await cursor.fetchall()
        except psycopg.Error as error:
            if open_connection.closed:
                raise OutcomeUnknownError(repr(error)) from error
            raise  # the server has said that nothing is stored

    async def _connected(self) -> Connection:
        if self._connection is None or self._connection.closed or _has_news(self._connection):
            await self.close()
            try:
                self._connection = await _connect()
                await self._connection.execute(PLANNED_ONCE, prepare=False)
            except psycopg.Error as error:
                await self.close()
                raise NotStoredError(repr(error)) from error
        return self._connection


async def _connect() -> Connection:
    """Connect as Django would: with its host, password and options, and to the tests' database in tests."""
    wanted = connection.get_connection_params()
    for djangos_own in ("context", "cursor_factory", "prepare_threshold"):
        wanted.pop(djangos_own, None)
    return await psycopg.AsyncConnection.connect(
        **wanted, autocommit=True, prepare_threshold=0, row_factory=args_row(Row)
    )


def _has_news(idle: Connection) -> bool:
    """Return whether the server has spoken unasked: it hardly says anything but that it closes the connection."""
    listening = select.poll()
    listening.register(idle.fileno(), select.POLLIN)
    return bool(listening.poll(0))


async def _stored(group: SendGroup, rows: Sequence[Row]) -> list[Outcome]:
    """Return the outcomes of what is committed: whatever fails from here on must not have it sent again."""
    try:
        repeats = [row.repeat_of for row in rows if row.repeat_of is not None]
        known = await database(stored_messages, repeats) if repeats else {}
        outcomes = group.outcomes(rows, known)
        stale = sorted(row.place for row in rows if row.is_stale)
        if stale:  # the other way reads memberships behind the lock
            judged = await database(send_messages, [group.commands[place] for place in stale])
            for place, outcome in zip(stale, judged, strict=True):
                outcomes[place] = outcome
        return outcomes
    except Exception as error:
        raise OutcomeUnknownError(repr(error)) from error
