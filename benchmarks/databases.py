"""The databases of the servers under test, one each on one PostgreSQL, with the same world in all."""

import contextlib
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec
import psycopg

from benchmarks.meters import Meter, parent_of
from benchmarks.settings import SETTINGS
from benchmarks.world import Talk
from tests.e2e.servers import fresh_database

ROOT = Path(__file__).resolve().parents[1]
SCHEMA = Path(__file__).parent / "peer" / "schema.sql"
DURABILITY = ("fsync", "synchronous_commit", "full_page_writes", "wal_sync_method", "shared_buffers")

PEER_MESSAGES = """
    INSERT INTO messages (id, conversation_id, seq, sender_id, receiver_id, body, seen, created_at)
    SELECT gen_random_uuid(), talk, seq, sender, CASE WHEN sender = first THEN second ELSE first END,
        'Message number ' || seq || ' of a long talk, as people write them', seq <= messages - unread,
        now() - (messages - seq) * interval '1 second'
    FROM (
        SELECT t.*, seq, CASE WHEN seq > messages - unread OR mod(seq, 2) = 0 THEN second ELSE first END AS sender
        FROM unnest(%s::uuid[], %s::text[], %s::text[], %s::int[], %s::int[])
            AS t (talk, first, second, messages, unread), generate_series(1, messages) AS seq
    ) said
"""
PEER_LAST_MESSAGES = """
    UPDATE conversations c SET last_message_id = m.id FROM messages m
    WHERE m.conversation_id = c.id AND m.seq = c.last_seq
"""


class Databases(msgspec.Struct, frozen=True):
    """Where each is, by the name of whom it belongs to, and the server that holds them."""

    urls: dict[str, str]
    server: Meter
    version: str
    durability: dict[str, str]


@contextlib.contextmanager
def databases(server_url: str, ours: str, peers: Sequence[str], talks: Sequence[Talk]) -> Iterator[Databases]:
    """Make a database for each and fill it; drop them at the end."""
    with contextlib.ExitStack() as stack:
        made = {name: fresh_database(server_url, f"bench_{name}", Path()) for name in (ours, *peers)}
        urls = {name: stack.enter_context(database) for name, database in made.items()}
        connection = stack.enter_context(psycopg.connect(server_url, autocommit=True))
        _fill_ours(urls[ours], talks)
        for peer in peers:
            _fill_peer(urls[peer], talks)
        yield Databases(
            urls=urls,
            server=Meter(parent_of(connection.info.backend_pid)),
            version=_setting(connection, "server_version"),
            durability={name: _setting(connection, name) for name in DURABILITY},
        )


def _fill_ours(url: str, talks: Sequence[Talk]) -> None:
    environment = {**os.environ, **SETTINGS, "DATABASE_URL": url, "REDIS_URL": ""}
    for command, given in (
        (["manage.py", "migrate", "-v", "0"], b""),
        (["-m", "benchmarks.seeding"], msgspec.json.encode(talks)),
    ):
        subprocess.run([sys.executable, *command], cwd=ROOT, env=environment, input=given, check=True)


def _fill_peer(url: str, talks: Sequence[Talk]) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(SCHEMA.read_bytes())
        _copy(connection, "users (id, name)", [(person, person) for person in {m for t in talks for m in t.members}])
        _copy(connection, "conversations (id, type, a, b, last_seq)", [_peer_conversation(talk) for talk in talks])
        _copy(
            connection,
            "participants (conversation_id, user_id, unread)",
            [(t.id, member, t.unread if member == t.members[0] else 0) for t in talks for member in t.members],
        )
        with_history = [(t.id, t.members[0], t.members[1], t.messages, t.unread) for t in talks if t.messages]
        if with_history:
            connection.execute(PEER_MESSAGES, list(map(list, zip(*with_history, strict=True))))
            connection.execute(PEER_LAST_MESSAGES)
        connection.execute("SELECT setval('message_seq', 1000000000)")  # after all that was said before
        connection.execute("VACUUM ANALYZE")


def _peer_conversation(talk: Talk) -> tuple[object, ...]:
    pair = talk.members if talk.type == "direct" else (None, None)
    return talk.id, talk.type, *pair, talk.messages


def _copy(connection: psycopg.Connection, table: str, rows: Sequence[tuple[object, ...]]) -> None:
    with connection.cursor() as cursor, cursor.copy(f"COPY {table} FROM STDIN".encode()) as copy:
        for row in rows:
            copy.write_row(row)


def _setting(connection: psycopg.Connection, name: str) -> str:
    row = connection.execute("SELECT current_setting(%s)", [name]).fetchone()
    return str(row[0]) if row else ""
