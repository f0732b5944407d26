"""What staff does to a running conversation, whatever its buttons say; the log keeps why.

Each function is one transaction, under the lock of the conversation's row.
"""

from datetime import timedelta

from django.db.models import F

from conversations import log
from conversations.selectors import locked_conversation
from conversations.services import state_changed
from flows.commands import ForceState, PauseFlow, ResumeFlow, Stepped
from flows.errors import as_error
from flows.guidance import cards_of
from flows.models import FlowRun, FlowTransition, TimerStatus
from flows.recording import Cause
from flows.snapshots import Force, Refusal
from flows.staging import Stage, stepping
from stoory.accounts.selectors import check_staff
from stoory.commands import handles
from stoory.payloads import JsonValue
from stoory.times import utc_now


@handles(ForceState)
def force_state(command: ForceState) -> Stepped:
    """Move a conversation to a state, whatever its buttons say; raises `Forbidden`, `InvalidInput`."""
    check_staff(command.actor)
    with stepping():
        stage = Stage(locked_conversation(command.conversation_id))
        taken = stage.take(Force(state=command.state), Cause(actor=command.actor, note=command.reason))
        if isinstance(taken, Refusal):
            raise as_error(taken)
        return stage.outcome(taken)


@handles(PauseFlow)
def pause_flow(command: PauseFlow) -> Stepped:
    """Hold a conversation's buttons and timers; doing it twice is once. What the world reports is still taken."""
    check_staff(command.actor)
    with stepping():
        stage = Stage(locked_conversation(command.conversation_id))
        if stage.run.paused_at is None:
            stage.run.paused_at = utc_now()
            stage.run.save(update_fields=["paused_at"])
            return _noted(stage, command, "staff:pause")
        return stage.where("staff:pause")


@handles(ResumeFlow)
def resume_flow(command: ResumeFlow) -> Stepped:
    """Let a conversation go on, its deadlines later by as long as it was held; doing it twice is once."""
    check_staff(command.actor)
    with stepping():
        stage = Stage(locked_conversation(command.conversation_id))
        if stage.run.paused_at is not None:
            shift(stage.run, utc_now() - max(stage.run.paused_at, stage.run.entered_at))
            stage.run.paused_at = None
            stage.run.save(update_fields=["paused_at"])
            return _noted(stage, command, "staff:resume")
        return stage.where("staff:resume")


def shift(run: FlowRun, by: timedelta) -> None:
    """Move a run's deadlines, and the moment they count from, later (or earlier)."""
    run.entered_at += by
    run.delay += by
    run.save(update_fields=["entered_at", "delay"])
    run.timers.filter(status=TimerStatus.PENDING).update(due_at=F("due_at") + by)


def _noted(stage: Stage, command: PauseFlow | ResumeFlow, reason: str) -> Stepped:
    """Log what staff did, and tell the parties which buttons they have now."""
    conversation = stage.conversation
    transition = note(stage, command.actor, reason, command.reason)
    event = state_changed(
        conversation,
        previous=conversation.flow_state,
        reason=reason,
        cards=cards_of(stage.run, stage.definition, stage.parties),
        is_renewal=True,
    )
    log.record(conversation, event, actor=command.actor)
    return stage.outcome(transition)


def note(stage: Stage, actor: str, reason: str, text: str, **about: JsonValue) -> FlowTransition:
    """Log what staff did to a locked conversation, which stays where it is, and why."""
    snapshot = stage.snapshot
    return FlowTransition.objects.create(
        run=stage.run,
        version=stage.run.version,
        from_state=snapshot.state,
        to_state=snapshot.state,
        seq_from=snapshot.state_seq,
        seq_to=snapshot.state_seq,
        reason=reason,
        role="staff",
        actor_id=actor,
        inputs=about,
        note=text,
    )
