"""REST for the people of a guided conversation: what they may do, doing it, and what was done."""

from typing import Any

import msgspec
from django.db.models import F, QuerySet
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from conversations.models import Conversation, Participant
from conversations.selectors import existing_conversation, participation
from flows.commands import PerformAction
from flows.guidance import guidance
from flows.models import FlowTransition
from flows.serializers import step_body, transition_body
from stoory.accounts.selectors import is_staff
from stoory.api import ApiView
from stoory.commands import execute
from stoory.documents import fields as f
from stoory.http import bounded_int, idempotency_key
from stoory.times import iso_or_none

MAX_PAGE = 200


class NewAction(msgspec.Struct):
    """The body of an action."""

    action: f.ActionName
    data: f.ActionInputs = None
    state_seq: f.StateSeq | None = None
    client_nonce: f.Nonce | None = None


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
    limits = {"POST": "action"}

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


class Transitions(ApiView):
    """What has happened in a conversation's flow, the oldest first: `?limit=50&after=` the id of the last one you have.

    A party sees its own answers only. Staff sees all there is.
    """

    def get(self, request: Request, conversation_id: str) -> Response:
        role = None if is_staff(self.actor) else participation(self.actor, conversation_id).role
        conversation = existing_conversation(conversation_id)
        query = request.query_params
        limit = bounded_int(query, "limit", default=50, low=1, high=MAX_PAGE)
        after = bounded_int(query, "after", default=0, low=0, high=2**63 - 1)
        found = list(transitions(conversation, role).filter(pk__gt=after)[: limit + 1])
        lines = [transition_body(line, role) for line in found[:limit]]
        return Response({"success": True, "transitions": lines, "has_more": len(found) > limit})


def transitions(conversation: Conversation, role: str | None) -> QuerySet[FlowTransition]:
    """Return the log as a party may read it: whom a reminder went to is that party's own affair. All of it to staff."""
    lines = FlowTransition.objects.filter(run=conversation.pk).select_related("version").defer("version__document")
    if role is None:
        return lines
    return lines.exclude(reason__startswith="timer:", seq_from=F("seq_to"))


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
