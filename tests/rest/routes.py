"""Where things are, and the shape of a failure."""

from typing import Any
from uuid import UUID

from conversations.models import Conversation

MESSAGES = "/api/messages"
CONVERSATIONS = "/api/messages/conversations"
UNREAD_COUNT = "/api/messages/unread-count"
TOKEN = "/api/token"
FLOWS = "/api/flows"
TEST_MESSAGE = "/test-message"

UNKNOWN_ID = "0197f000-0000-7000-8000-000000000000"


def of(conversation: Conversation | UUID | str, part: str) -> str:
    """Return a route of a conversation: its `context`, `messages`, `events` or `seen`."""
    key = conversation.pk if isinstance(conversation, Conversation) else conversation
    return f"{CONVERSATIONS}/{key}/{part}"


def failure(response: Any) -> tuple[int, str]:
    """Return the status and the code of a failure, which has the shape that all have."""
    body = response.json()
    assert response["Content-Type"] == "application/json"
    assert body["success"] is False
    assert body["message"]
    assert set(body) <= {"success", "message", "code", "errors", "current", "fields", "findings", "problems"}
    assert all(isinstance(faults, list) for faults in body.get("errors", {}).values())
    return response.status_code, body["code"]
