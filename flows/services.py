"""Steps of running conversations: each function one transaction, under the lock of the conversation's row.

The lock and the number of the step make every step happen once, however often and from wherever it is asked for.
"""

import hashlib

import msgspec
from django.db import transaction
from msgspec.structs import replace

from conversations.models import Conversation
from conversations.selectors import locked_conversation, participation
from flows import interpreter
from flows.commands import ActForHouse, PerformAction, Stepped
from flows.errors import Expired, NonceReused, StaleAction, as_error
from flows.models import FlowRun, FlowTimer, FlowTransition, TimerStatus
from flows.recording import Cause, record_step
from flows.runs import definition_of, is_held, parties_of, people_of
from flows.snapshots import Elapse, Press, Refusal
from flows.staging import Stage, stepping
from flows.versions import published_version
from stoory.accounts.models import SYSTEM_USER_ID
from stoory.accounts.selectors import check_staff
from stoory.commands import handles
from stoory.errors import InvalidPayload
from stoory.payloads import JsonValue
from stoory.times import utc_now

# Start


def start_flow(conversation: Conversation) -> None:
    """Take the first step of a guided conversation that the caller's transaction has just made.

    Of what its source told, the flow takes what it declares. Raises `InvalidPayload` where that can't be read, and
    `NotAvailable` where no flow is published for its type.
    """
    version = published_version(conversation.type)
    definition, parties = definition_of(version), parties_of(conversation)
    declared = {name for name, variable in definition.context.items() if variable.at_start}
    given = {name: value for name, value in conversation.context.items() if name in declared}
    now = utc_now()
    step = interpreter.start(definition, given, now, people_of(parties, conversation))
    if isinstance(step, Refusal):
        name, fault = next(iter(step.fields.items()))
        raise InvalidPayload(fault, path=f"context.{name}")
    run = FlowRun.objects.create(conversation=conversation, version=version, entered_at=now)
    record_step(run, definition, parties, step, Cause(actor=conversation.created_by_id or SYSTEM_USER_ID))


# Actions


@handles(PerformAction)
def perform_action(command: PerformAction) -> Stepped:
    """Press a button of the actor's role.

    Raises `ConversationNotFound`, and the errors of `flows.errors` with where the conversation is now. A repeat (of the
    nonce; without one, of the same press by the same person in the same step) is answered as it was the first time.
    """
    person = participation(command.actor, command.conversation_id)
    cause = Cause(actor=command.actor, nonce=command.client_nonce)
    return _pressed(command, person.role, cause, by=person.user.display_name)


@handles(ActForHouse)
def act_for_house(command: ActForHouse) -> Stepped:
    """Press a button of staff; raises `Forbidden` for others, and what `perform_action` does."""
    check_staff(command.actor)
    return _pressed(command, "staff", Cause(actor=command.actor, nonce=command.client_nonce, note=command.reason))


def _pressed(command: PerformAction, role: str, cause: Cause, by: str | None = None) -> Stepped:
    cause = replace(cause, fingerprint=fingerprint(command.action, command.data or {}))
    with stepping():
        stage = Stage(locked_conversation(command.conversation_id))
        known = _repeated(stage, command, cause)
        if known is not None:
            return stage.outcome(known, replayed=True)
        stage.check_open()
        expired = fire_due(stage)
        if not expired:
            press = Press(action=command.action, role=role, data=command.data, state_seq=command.state_seq, by=by)
            return stage.outcome(_press(stage, press, cause))
    raise Expired(current=stage.current)  # after the commit: the expiry stays


def _repeated(stage: Stage, command: PerformAction, cause: Cause) -> FlowTransition | None:
    """Return the transition that this press has led to before; raises `NonceReused`."""
    log = stage.run.transitions.select_related("version").defer("version__document")
    if cause.nonce is not None:
        known = log.filter(actor=cause.actor, nonce=cause.nonce).first()
        if known is not None:
            if known.fingerprint != cause.fingerprint:
                raise NonceReused(current=stage.current)
            return known
    if command.state_seq is None or command.state_seq == stage.conversation.state_seq:
        return None
    left_by = log.filter(seq_from=command.state_seq, seq_to__gt=command.state_seq).first()
    is_same = (
        left_by is not None
        and left_by.actor_id == cause.actor
        and left_by.reason == f"action:{command.action}"
        and left_by.fingerprint == cause.fingerprint
    )
    return left_by if is_same else None


def _press(stage: Stage, press: Press, cause: Cause) -> FlowTransition:
    taken = stage.take(press, cause)
    if isinstance(taken, Refusal):
        if taken.code in ("stale_action", "flow_ended"):
            _check_step(stage, press.state_seq)
        raise as_error(taken)
    return taken


def _check_step(stage: Stage, state_seq: int | None) -> None:
    """Raise `Expired` or `StaleAction` where the button is of another step, be the flow over since or not."""
    if state_seq is not None and state_seq != stage.conversation.state_seq:
        raise (Expired if _timed_out(stage, state_seq) else StaleAction)(current=stage.current)


def _timed_out(stage: Stage, state_seq: int) -> bool:
    """Return whether it was a timer that ended the step which the button belonged to."""
    left_by = stage.run.transitions.filter(seq_from=state_seq, seq_to__gt=state_seq)
    return left_by.filter(reason__startswith="timer:").exists()


def fingerprint(*asked: JsonValue) -> str:
    """Return what tells whether the same is asked again."""
    return hashlib.sha256(msgspec.json.encode(asked, order="deterministic")).hexdigest()


# Timers


def fire_due(stage: Stage) -> bool:
    """Take the transition whose time has come, even if no worker has looked yet; return whether the state was left."""
    due = stage.run.timers.filter(status=TimerStatus.PENDING, kind="transition", due_at__lte=utc_now())
    return any(fire(stage, timer) for timer in due)


def fire(stage: Stage, timer: FlowTimer) -> bool:
    """Let a timer of a locked conversation do what it is for; return whether a state was entered."""
    timer.status = TimerStatus.FIRED
    timer.save(update_fields=["status"])
    seq = stage.conversation.state_seq
    taken = stage.take(Elapse(timer=timer.name), Cause())
    if isinstance(taken, Refusal):
        timer.status = TimerStatus.VOID
        timer.save(update_fields=["status"])
    return stage.conversation.state_seq != seq


def fire_timer(timer_id: int) -> bool:
    """Let a waiting timer fire if nobody else has seen to it; return whether it led to anything."""
    with transaction.atomic():
        timer = FlowTimer.objects.filter(pk=timer_id).first()
        if timer is None:
            return False
        conversation = Conversation.objects.locked(skip_locked=True).filter(pk=timer.run_id).first()
        if conversation is None:  # somebody is acting on it at this moment, and fires what is due
            return False
        stage = Stage(conversation)
        timer.refresh_from_db(fields=["status"])
        if timer.status != TimerStatus.PENDING or is_held(stage.run, stage.definition):
            return False
        fire(stage, timer)
        return timer.status == TimerStatus.FIRED
