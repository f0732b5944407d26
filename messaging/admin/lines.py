"""What the timeline tells of messages: the log's entries hold no texts, the messages do."""

from collections.abc import Callable, Sequence
from uuid import UUID

from django.urls import reverse
from django.utils.text import Truncator

from conversations.admin.timeline import Line, describers
from conversations.models import ConversationEvent
from messaging.models import Message

QUOTED_CHARACTERS = 1_000
EXTRAS = {"attachments": ", with attachments", "media_url": ", with media", "action_data": ", with buttons"}

Rows = Sequence[ConversationEvent]
Link = Callable[[UUID], tuple[str, str]]

links: list[Link] = [lambda key: ("Message", reverse("admin:messaging_message_change", args=[key]))]
"""The pages about a message, by what they are called; applications put theirs here."""


def _sent(rows: Rows) -> dict[int, Line]:
    said = Message.objects.filter(conversation_id=rows[0].conversation_id, seq__in=[row.seq for row in rows])
    notes = {row.seq: row.payload.get("note", "") for row in rows}
    return {message.seq: _said(message, notes[message.seq]) for message in said.select_related("sender")}


def _said(message: Message, note: str) -> Line:
    if message.deleted_at is not None:
        return Line("a message that was deleted", links=_links(message.pk))
    changes = ", edited since" if message.edited_at is not None else ""
    extras = [said for name, said in EXTRAS.items() if getattr(message, name)]
    quote = Truncator(message.text).chars(QUOTED_CHARACTERS)
    return Line(f"{message.sender} wrote{changes}{''.join(extras)}", quote, note, _links(message.pk))


def _edited(rows: Rows) -> dict[int, Line]:
    found = Message.objects.in_bulk([row.payload["message_id"] for row in rows])
    lines = {}
    for row in rows:
        message = found.get(UUID(row.payload["message_id"]))
        text = message.text if message is not None and message.deleted_at is None else ""
        lines[row.seq] = Line("edited a message", Truncator(text).chars(QUOTED_CHARACTERS), "Its text of today.")
    return lines


def _deleted(rows: Rows) -> dict[int, Line]:
    return {row.seq: Line("deleted a message", links=_links(UUID(row.payload["message_id"]))) for row in rows}


def _read(rows: Rows) -> dict[int, Line]:
    return {row.seq: Line(f"read {len(row.payload['message_ids'])} messages") for row in rows}


def _reacted(rows: Rows) -> dict[int, Line]:
    return {row.seq: Line(f"reacted {row.payload['reaction']['type']}") for row in rows}


def _took_back(rows: Rows) -> dict[int, Line]:
    return {row.seq: Line(f"took {row.payload['type']} back") for row in rows}


def _acted(rows: Rows) -> dict[int, Line]:
    return {row.seq: Line(f"pressed “{row.payload['action']}” as {row.payload['role']}") for row in rows}


def _links(key: UUID) -> tuple[tuple[str, str], ...]:
    return tuple(link(key) for link in links)


describers |= {
    "message": _sent,
    "edit": _edited,
    "delete": _deleted,
    "read": _read,
    "reaction_add": _reacted,
    "reaction_remove": _took_back,
    "action": _acted,
}
