"""Writes a world into the database of `DATABASE_URL`, by a few statements: `python -m benchmarks.seeding < TALKS`.

A process of its own, for it runs with our server's settings. Rows are made from the models, so that a column which is
new here has its default there.
"""

import os
import sys
from collections.abc import Sequence

import django
import msgspec

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "stoory.settings")
django.setup()

from django.db import connection, transaction  # noqa: E402  # needs the app registry
from django.db.models import AutoField, Model  # noqa: E402

from benchmarks.world import Talk  # noqa: E402
from conversations.models import Conversation, ConversationEvent, Participant  # noqa: E402
from messaging.models import Message  # noqa: E402
from stoory.accounts.models import User  # noqa: E402

BATCH = 5_000
SAID = """
    SELECT t.*, seq, CASE WHEN seq > messages - unread OR mod(seq, 2) = 0 THEN second ELSE first END AS sender
    FROM unnest(%s::uuid[], %s::text[], %s::text[], %s::int[], %s::int[])
        AS t (talk, first, second, messages, unread), generate_series(1, messages) AS seq
"""
"""Who said what: a row a message."""

COMPUTED = {
    "conversation_id": "talk",
    "seq": "seq",
    "created_at": "now() - (messages - seq) * interval '1 second'",
}
OF_MESSAGES = COMPUTED | {
    "id": "gen_random_uuid()",
    "sender_id": "sender",
    "receiver_id": "CASE WHEN sender = first THEN second ELSE first END",
    "text": "'Message number ' || seq || ' of a long talk, as people write them'",
}
OF_EVENTS = COMPUTED | {"actor_id": "sender"}


@transaction.atomic
def seed(talks: Sequence[Talk]) -> None:
    """Store the talks, their people and their messages."""
    people = {member for talk in talks for member in talk.members}
    users = [User(pk=person, username=person, password="!") for person in people]
    User.objects.bulk_create(users, batch_size=BATCH)
    Conversation.objects.bulk_create([_conversation(talk) for talk in talks], batch_size=BATCH)
    Participant.objects.bulk_create(
        [_participant(talk, member) for talk in talks for member in talk.members], batch_size=BATCH
    )
    with_history = [talk for talk in talks if talk.messages]
    _write(Message(), OF_MESSAGES, with_history)
    _write(ConversationEvent(kind="message", payload={}), OF_EVENTS, with_history)


def _conversation(talk: Talk) -> Conversation:
    low, high = sorted(talk.members) if talk.type == "direct" else (None, None)
    return Conversation(
        pk=talk.id, type=talk.type, pair_low=low, pair_high=high, last_seq=talk.messages, created_by_id=talk.members[0]
    )


def _participant(talk: Talk, member: str) -> Participant:
    unread = talk.unread if member == talk.members[0] else 0
    return Participant(conversation_id=talk.id, user_id=member, last_read_seq=talk.messages - unread)


def _write(template: Model, computed: dict[str, str], talks: Sequence[Talk]) -> None:
    """Insert a row like `template` for each message, with the columns that are `computed`."""
    fields = [field for field in template._meta.concrete_fields if not isinstance(field, AutoField)]
    columns = ", ".join(f'"{field.column}"' for field in fields)
    values = ", ".join(computed.get(str(field.column), "%s") for field in fields)
    constants = [
        field.get_db_prep_save(field.pre_save(template, add=True), connection)
        for field in fields
        if field.column not in computed
    ]
    of_talks = zip(*[(t.id, t.members[0], t.members[1], t.messages, t.unread) for t in talks], strict=True)
    with connection.cursor() as cursor:
        statement = f'INSERT INTO "{template._meta.db_table}" ({columns}) SELECT {values} FROM ({SAID}) said'
        if talks:
            cursor.execute(statement, [*constants, *map(list, of_talks)])


if __name__ == "__main__":
    seed(msgspec.json.decode(sys.stdin.buffer.read(), type=list[Talk]))
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
