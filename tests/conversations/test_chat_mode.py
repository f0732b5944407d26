"""When people may write: at any time where nobody guides them, else while the flow has opened the chat."""

import pytest

from conversations.models import ChatStatus, Conversation, ConversationType
from conversations.selectors import chat_refusal


@pytest.mark.parametrize(
    ("kind", "chat_status", "flow_state", "code"),
    [
        ("direct", "real_time", None, None),
        ("direct", "automated", None, None),
        ("channel", "automated", None, None),
        ("bid", "automated", None, "automated_mode"),
        ("bid", "automated", "negotiating", "automated_mode"),
        ("bid", "real_time", None, None),
        ("bid", "automated", "real_time", None),
        ("campaign", "automated", None, "automated_mode"),
        ("campaign", "real_time", "closing", None),
        *[(kind, "closed", None, "conversation_closed") for kind in ConversationType.values],
        *[(kind, "closed", "real_time", "conversation_closed") for kind in ConversationType.values],
    ],
)
def test_who_may_write_when(kind: str, chat_status: ChatStatus, flow_state: str | None, code: str | None) -> None:
    refusal = chat_refusal(Conversation(type=kind, chat_status=chat_status, flow_state=flow_state))
    assert (refusal.code if refusal else None) == code


def test_the_refusal_has_the_words_that_clients_show() -> None:
    refusal = chat_refusal(Conversation(type="bid", chat_status="automated"))
    assert refusal is not None
    assert refusal.message == "Chat is in automated mode. Use action buttons to respond."
