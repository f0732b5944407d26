"""REST for the people of a guided conversation: what they may do, and doing it."""

from typing import Any

import msgspec
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from conversations.models import Participant
from conversations.selectors import participation
from flows.commands import PerformAction
from flows.guidance import guidance
from flows.serializers import step_body
from stoory.api import ApiView
from stoory.commands import execute
from stoory.http import idempotency_key
from stoory.times import iso_or_none


class NewAction(msgspec.Struct):
    """The body of an action."""

    action: str
    data: Any = None
    state_seq: int | None = None
    client_nonce: str | None = None


class ActionForm(serializers.Serializer[Any]):
    action = serializers.CharField()
    data = serializers.JSONField(required=False)  # type: ignore[assignment]  # a name that DRF uses otherwise
    state_seq = serializers.IntegerField(required=False)
    client_nonce = serializers.CharField(required=False)


class Actions(ApiView):
    """What you may do in a conversation now, or do it: `{action, data?, state_seq?, client_nonce?}`.

    The header `Idempotency-Key` is a nonce too. A repeat is answered as it was the first time, `replayed: true`.
    """

    serializer_class = ActionForm

    def get(self, request: Request, conversation_id: str) -> Response:
        return Response({"success": True, **actions_body(participation(self.actor, conversation_id))})

    def post(self, request: Request, conversation_id: str) -> Response:
        body = self.body(NewAction)
        nonce = idempotency_key(request) or body.client_nonce or None
        stepped = execute(
            PerformAction(
                actor=self.actor,
                conversation_id=conversation_id,
                action=body.action,
                data=body.data,
                state_seq=body.state_seq,
                client_nonce=nonce,
            )
        )
        return Response({"success": True, "action": body.action, "client_nonce": nonce, **step_body(stepped)})


def actions_body(reader: Participant) -> dict[str, Any]:
    """Return what the reader may do now; nothing in a conversation without a flow."""
    conversation = reader.conversation
    said = guidance([reader]).get((reader.conversation_id, reader.user_id))
    return {
        "conversation_id": str(conversation.pk),
        "actions": said.buttons if said else [],
        "current_action_data": said.card if said else None,
        "flow_state": conversation.flow_state,
        "awaiting_role": conversation.awaiting_role,
        "chat_status": conversation.chat_status,
        "state_seq": conversation.state_seq,
        "phase": said.phase if said else None,
        "expires_at": iso_or_none(said.expires_at) if said else None,
    }
