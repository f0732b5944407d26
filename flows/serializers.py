"""Steps as JSON."""

from typing import Any

from flows.commands import Stepped


def step_body(stepped: Stepped) -> dict[str, Any]:
    """Return where a step led."""
    return {
        "conversation_id": stepped.conversation_id,
        "replayed": stepped.replayed,
        "flow_state": stepped.flow_state,
        "awaiting_role": stepped.awaiting_role,
        "chat_status": stepped.chat_status,
        "state_seq": stepped.state_seq,
    }
