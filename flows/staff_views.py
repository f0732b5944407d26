"""REST for staff: a guided conversation seen from above, moved, held and let go, each for a written reason."""

from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from conversations.selectors import existing_conversation, participation
from flows import requests
from flows.commands import ActForHouse, DismissEffect, ForceState, PauseFlow, ResumeFlow, RetryEffect
from flows.errors import FlowNotFound
from flows.models import FlowEffect, FlowRun
from flows.runs import run_of
from flows.serializers import effect_body, run_body, step_body
from stoory.accounts.selectors import is_staff
from stoory.api import ApiView
from stoory.commands import Command, execute
from stoory.errors import Forbidden, NotFound
from stoory.http import idempotency_key


class StaffView(ApiView):
    """A view of a conversation for staff: forbidden to its participants, not found for others."""

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        if not is_staff(self.actor):
            participation(self.actor, kwargs["conversation_id"])
            raise Forbidden


class ConversationFlow(StaffView):
    """Where a conversation's flow is, what it knows, its timers, its effects, and the buttons of staff."""

    def get(self, request: Request, conversation_id: str) -> Response:
        return Response({"success": True, "flow": run_body(_run(conversation_id))})


class StaffActions(StaffView):
    """Press a button that the flow gives to staff: `{action, reason, data?, state_seq?, client_nonce?}`."""

    serializer_class = requests.StaffActionForm

    def post(self, request: Request, conversation_id: str) -> Response:
        body = self.body(requests.StaffAction)
        nonce = idempotency_key(request) or body.client_nonce or None
        stepped = execute(
            ActForHouse(
                actor=self.actor,
                conversation_id=conversation_id,
                action=body.action,
                data=body.data,
                state_seq=body.state_seq,
                client_nonce=nonce,
                reason=body.reason,
            )
        )
        return Response({"success": True, "action": body.action, "client_nonce": nonce, **step_body(stepped)})


class ForceTransition(StaffView):
    """Move a conversation to any state of its flow: `{state, reason}`."""

    serializer_class = requests.ForcedStateForm

    def post(self, request: Request, conversation_id: str) -> Response:
        body = self.body(requests.ForcedState)
        stepped = execute(
            ForceState(actor=self.actor, conversation_id=conversation_id, state=body.state, reason=body.reason)
        )
        return Response({"success": True, **step_body(stepped)})


class Pause(StaffView):
    """Hold a conversation's buttons and timers: `{reason}`."""

    serializer_class = requests.ReasonForm

    def post(self, request: Request, conversation_id: str) -> Response:
        reason = self.body(requests.Reason).reason
        stepped = execute(PauseFlow(actor=self.actor, conversation_id=conversation_id, reason=reason))
        return Response({"success": True, **step_body(stepped)})


class Resume(StaffView):
    """Let a paused conversation go on, its deadlines later by as long as it was held: `{reason}`."""

    serializer_class = requests.ReasonForm

    def post(self, request: Request, conversation_id: str) -> Response:
        reason = self.body(requests.Reason).reason
        stepped = execute(ResumeFlow(actor=self.actor, conversation_id=conversation_id, reason=reason))
        return Response({"success": True, **step_body(stepped)})


class Effect(StaffView):
    """Have an effect that failed for good tried again, or let it go: `{reason}`."""

    serializer_class = requests.ReasonForm
    command: type[RetryEffect] | type[DismissEffect] = RetryEffect

    def post(self, request: Request, conversation_id: str, effect_id: str) -> Response:
        effect = _run(conversation_id).effects.filter(pk=int(effect_id)).first()
        if effect is None:
            raise NotFound
        reason = self.body(requests.Reason).reason
        wanted: Command[None] = self.command(actor=self.actor, effect_id=effect.pk, reason=reason)
        execute(wanted)
        return Response({"success": True, "effect": effect_body(FlowEffect.objects.get(pk=effect.pk))})


def _run(conversation_id: str) -> FlowRun:
    run = run_of(existing_conversation(conversation_id))
    if run is None:
        raise FlowNotFound("No flow guides this conversation")
    return run
