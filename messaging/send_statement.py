"""A group of sends as one SQL statement: PostgreSQL's twin of `messaging.services.send_messages`.

Pure: it makes the parameters and reads the rows; whoever runs the statement commits by it. One round trip in the place
of ten, and no building of queries and models: `stoory.realtime.statements` has the figures.

A statement sees what was committed when it began, but for the rows that it locks, which are read anew. So whatever
moves under a conversation's lock (its number, its mode) is taken from `locked` alone. Memberships and messages to reply
to are those of the beginning: nobody can have heard of a later one before sending. Nobody may have one that is gone,
though: where `acl_version` has moved between the beginning and the lock, somebody was removed, and the conversation's
sends are not judged here. A nonce that was stored since, by another server, breaks the unique constraint, and the group
is run again and sees it. Nothing is inserted before all conversations are locked, and nonces are inserted in one order,
so that two groups can't wait for each other.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple
from uuid import UUID

import msgspec

from conversations.errors import ConversationNotFound
from conversations.events import ConversationContext
from conversations.selectors import chat_refusal
from messaging.commands import SendMessage, Sent
from messaging.events import Author, MessageData
from messaging.sending import Outcome, accepted, repeated, reply_refusal
from stoory.accounts.models import display_name
from stoory.ids import parse_uuid, uuid7
from stoory.times import utc_now

NOWHERE = str(UUID(int=0))
"""What an id from a client is that can't be one of ours."""

# Whatever is looked up for each send is a lateral subquery that the planner can't flatten (`OFFSET 0`): joined freely,
# it once read all participants for a hash. `is_open` is the twin of `conversations.selectors.chat_refusal`.
STATEMENT = """
WITH input AS MATERIALIZED (
    SELECT * FROM json_to_recordset(%(sends)s::json) AS sends(
        place int, id uuid, conversation uuid, sender text, text text, attachments jsonb, metadata jsonb,
        media_url text, reply_to uuid, nonce text
    )
), begun AS MATERIALIZED (
    SELECT id, acl_version FROM conversations_conversation WHERE id = ANY(ARRAY(SELECT conversation FROM input))
), locked AS MATERIALIZED (
    SELECT id, acl_version, type, chat_status, flow_state, awaiting_role, automation_enabled, last_seq,
        pair_low IS NOT NULL AS is_pair,
        chat_status <> 'closed' AND (
            type NOT IN ('bid', 'campaign') OR chat_status = 'real_time' OR flow_state IS NOT DISTINCT FROM 'real_time'
        ) AS is_open
    FROM conversations_conversation
    WHERE id = ANY(ARRAY(SELECT conversation FROM input))
    ORDER BY id
    FOR NO KEY UPDATE
), asked AS MATERIALIZED (
    SELECT input.*, author.*, locked.type, locked.chat_status, locked.flow_state, locked.awaiting_role,
        locked.automation_enabled, locked.last_seq, known.id AS repeat_of, others.receiver,
        locked.acl_version > begun.acl_version AS is_stale,
        locked.is_open AND known.id IS NULL AND coalesce(reply.is_seen, input.reply_to IS NULL)
            AND locked.acl_version = begun.acl_version AS is_fit
    FROM input
    JOIN begun ON begun.id = input.conversation
    JOIN locked ON locked.id = input.conversation
    JOIN LATERAL (
        SELECT role FROM conversations_participant
        WHERE conversation_id = input.conversation AND user_id = input.sender OFFSET 0
    ) AS sender ON true
    JOIN LATERAL (
        SELECT username, name, image_url FROM accounts_user WHERE accounts_user.id = input.sender OFFSET 0
    ) AS author ON true
    LEFT JOIN LATERAL (
        SELECT min(user_id) AS receiver FROM conversations_participant
        WHERE conversation_id = input.conversation AND user_id <> input.sender AND locked.is_pair
        HAVING count(*) = 1
    ) AS others ON true
    LEFT JOIN LATERAL (
        SELECT id FROM messaging_message
        WHERE sender_id = input.sender AND client_nonce = input.nonce OFFSET 0
    ) AS known ON true
    LEFT JOIN LATERAL (
        SELECT conversation_id = input.conversation AND (visible_to IS NULL OR visible_to = sender.role) AS is_seen
        FROM messaging_message WHERE id = input.reply_to OFFSET 0
    ) AS reply ON true
), judged AS MATERIALIZED (
    SELECT *, is_fit AND (
        nonce IS NULL OR row_number() OVER (PARTITION BY sender, nonce, is_fit ORDER BY place) = 1
    ) AS is_accepted
    FROM asked
), numbered AS MATERIALIZED (
    SELECT *, CASE WHEN is_accepted THEN
        last_seq + row_number() OVER (PARTITION BY conversation, is_accepted ORDER BY place)
    END AS seq
    FROM judged
), stored AS (
    INSERT INTO messaging_message (
        id, conversation_id, seq, sender_id, receiver_id, text, message_type, attachments, metadata, media_url,
        reply_to_id, action_required, reason, client_nonce, created_at
    )
    SELECT id, conversation, seq, sender, receiver, text, 'user_input', attachments, metadata, media_url,
        reply_to, false, '', nonce, %(now)s
    FROM numbered WHERE is_accepted ORDER BY sender COLLATE "C", nonce COLLATE "C"
), logged AS (
    INSERT INTO conversations_conversationevent (conversation_id, seq, kind, payload, actor_id, created_at)
    SELECT conversation, seq, 'message', '{}', sender, %(now)s FROM numbered WHERE is_accepted
), moved AS (
    UPDATE conversations_conversation
    SET last_seq = newest.seq, updated_at = statement_timestamp()
    FROM (SELECT conversation, max(seq) AS seq FROM numbered WHERE is_accepted GROUP BY conversation) AS newest
    WHERE id = newest.conversation AND id = ANY(ARRAY(SELECT conversation FROM input))
)
SELECT place, seq, is_stale, repeat_of, receiver, username, name, image_url, type, chat_status, flow_state,
    awaiting_role, automation_enabled
FROM numbered
"""


class Row(NamedTuple):
    """What the statement tells of a send whose sender took part; `seq` is its place if it was accepted.

    A stale one was not judged, since somebody was removed meanwhile.
    """

    place: int
    seq: int | None
    is_stale: bool
    repeat_of: UUID | None
    receiver: str | None
    username: str
    name: str
    image_url: str
    type: str
    chat_status: str
    flow_state: str | None
    awaiting_role: str | None
    automation_enabled: bool


class _Input(msgspec.Struct, omit_defaults=True):
    place: int
    id: str
    conversation: str
    sender: str
    text: str
    attachments: Any = None
    metadata: Any = None
    media_url: str | None = None
    reply_to: str | None = None
    nonce: str | None = None


class SendGroup:
    """One run of the statement: what goes in, and what comes out of it."""

    def __init__(self, commands: Sequence[SendMessage]) -> None:
        self.commands = commands
        self._now = utc_now()
        self._ids = [command.message_id or str(uuid7()) for command in commands]
        self._by_nonce: dict[tuple[str, str], MessageData] = {}

    def parameters(self) -> dict[str, Any]:
        """Return the statement's parameters."""
        sends = [self._input(place, command) for place, command in enumerate(self.commands)]
        return {"sends": msgspec.json.encode(sends).decode(), "now": self._now}

    def outcomes(self, rows: Iterable[Row], stored: Mapping[UUID, MessageData]) -> list[Outcome]:
        """Return an outcome a command, in their order; `stored` are the messages that `rows` name as repeated."""
        found = {row.place: row for row in rows}
        return [self._outcome(place, command, found.get(place), stored) for place, command in enumerate(self.commands)]

    def _input(self, place: int, command: SendMessage) -> _Input:
        return _Input(
            place=place,
            id=self._ids[place],
            conversation=_ours(command.conversation_id),
            sender=command.actor,
            text=command.text,
            attachments=command.attachments,
            metadata=command.metadata,
            media_url=command.media_url,
            reply_to=_ours(command.reply_to_id) if command.reply_to_id else None,
            nonce=command.client_nonce,
        )

    def _outcome(
        self, place: int, command: SendMessage, row: Row | None, stored: Mapping[UUID, MessageData]
    ) -> Outcome:
        if row is None:
            return ConversationNotFound()
        known = stored[row.repeat_of] if row.repeat_of else self._said_before(command)
        if known is not None:
            return repeated(command, known)
        if row.seq is None:
            return chat_refusal(row) or reply_refusal()
        sent = self._accepted(place, command, row, row.seq)
        if command.client_nonce:
            self._by_nonce[command.actor, command.client_nonce] = sent.message
        return sent

    def _said_before(self, command: SendMessage) -> MessageData | None:
        return self._by_nonce.get((command.actor, command.client_nonce)) if command.client_nonce else None

    def _accepted(self, place: int, command: SendMessage, row: Row, seq: int) -> Sent:
        return accepted(
            command,
            message_id=self._ids[place],
            seq=seq,
            at=self._now,
            receiver_id=row.receiver,
            author=Author(id=command.actor, name=display_name(row.name, row.username), image_url=row.image_url or None),
            conversation=ConversationContext(
                id=command.conversation_id,
                conversation_type=row.type,
                chat_status=row.chat_status,
                flow_state=row.flow_state,
                awaiting_role=row.awaiting_role,
                automation_enabled=row.automation_enabled,
            ),
        )


def _ours(text: str) -> str:
    return text if parse_uuid(text) else NOWHERE
