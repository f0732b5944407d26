"""What the world reports, of one conversation or of all in a campaign: each is told once, under its lock.

Those of a campaign may be many. The request tells the first of them, and workers the others, a portion at a time: a
conversation knows what it was told before, so that a portion whose worker was killed is simply told again.
"""

import logging
from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

from django.db import OperationalError, transaction
from django.db.models import QuerySet

from conversations.selectors import locked_conversation
from flows.commands import Delivery, ReceiveProviderEvent
from flows.errors import Busy, NonceReused, as_error
from flows.models import CampaignEvent, FlowRun, FlowTransition, ProviderEvent
from flows.recording import Cause
from flows.runs import is_held
from flows.services import fingerprint, fire_due
from flows.snapshots import Receive
from flows.staging import Stage, stepping
from stoory.accounts.models import SYSTEM_USER_ID
from stoory.commands import handles
from stoory.errors import DomainError
from stoory.times import utc_now

logger = logging.getLogger(__name__)

AT_ONCE = 20
LEASE = timedelta(seconds=60)
"""How long a portion may take. Whoever has not recorded by then how far it came is taken for dead."""
PAUSE = timedelta(minutes=1)


@handles(ReceiveProviderEvent)
def receive_provider_event(command: ReceiveProviderEvent) -> list[Delivery]:
    """Take a provider's event, once per conversation; one that is not expected there is noted and changes nothing.

    Of a campaign's conversations the first are answered for. Raises `ConversationNotFound`, `InvalidInput` where the
    event's values can't be read, and `NonceReused` where its id was used for another event.
    """
    if command.conversation_id is not None:
        return [_deliver(command, command.conversation_id)]
    keys = list(_guided(command.campaign_id)[: AT_ONCE + 1])
    deliveries = [_deliver(command, str(key)) for key in keys[:AT_ONCE]]
    if len(keys) > AT_ONCE:
        CampaignEvent.objects.get_or_create(
            event_id=command.event_id,
            campaign_id=command.campaign_id,
            defaults={"name": command.event, "data": command.data, "told_up_to": keys[AT_ONCE - 1]},
        )
    return deliveries


def remaining(event_id: str, campaign_id: str) -> int:
    """Return how many conversations of a campaign are still to be told of an event by workers."""
    event = CampaignEvent.objects.filter(event_id=event_id, campaign_id=campaign_id, done_at=None).first()
    return _ahead(event).count() + len(event.missed) if event else 0


def _guided(campaign_id: str | None) -> QuerySet[FlowRun, UUID]:
    runs = FlowRun.objects.filter(conversation__campaign_id=campaign_id).order_by("conversation_id")
    return runs.values_list("conversation_id", flat=True)


def _ahead(event: CampaignEvent) -> QuerySet[FlowRun, UUID]:
    return _guided(event.campaign_id).filter(conversation_id__gt=event.told_up_to)


# One conversation


def _deliver(command: ReceiveProviderEvent, conversation_id: str) -> Delivery:
    asked = fingerprint(command.event, command.data)
    with stepping():
        conversation = locked_conversation(conversation_id)
        stage = Stage(conversation)
        known = ProviderEvent.objects.filter(event_id=command.event_id, conversation=conversation).first()
        if known is not None:
            return _redelivered(stage, known, asked)
        if not is_held(stage.run, stage.definition):
            fire_due(stage)
        transition = _received(stage, command)
        ProviderEvent.objects.create(
            event_id=command.event_id,
            conversation=conversation,
            name=command.event,
            data=command.data or {},
            fingerprint=asked,
            transition=transition,
        )
        return _delivery(stage, transition, command.event)


def _received(stage: Stage, command: ReceiveProviderEvent) -> FlowTransition | None:
    taken = stage.take(Receive(event=command.event, data=command.data), Cause(nonce=f"event:{command.event_id}"))
    if isinstance(taken, FlowTransition):
        return taken
    if taken.code != "ignored":
        raise as_error(taken)
    return None


def _redelivered(stage: Stage, known: ProviderEvent, asked: str) -> Delivery:
    if known.fingerprint != asked:
        raise NonceReused
    return _delivery(stage, known.transition, known.name, replayed=True)


def _delivery(stage: Stage, transition: FlowTransition | None, event: str, *, replayed: bool = False) -> Delivery:
    step = stage.outcome(transition, replayed=replayed) if transition else None
    where = step or stage.where(f"event:{event}")
    return Delivery(conversation_id=where.conversation_id, step=step, where=where, replayed=replayed)


# The other conversations of a campaign


def pass_on() -> bool:
    """Tell some more conversations of an event that is under way; return whether there was one."""
    event = _lease(utc_now())
    if event is None:
        return False
    keys = list(_ahead(event)[:AT_ONCE])
    again, waiting = event.missed[:AT_ONCE], event.missed[AT_ONCE:]
    if keys:
        event.told_up_to = keys[-1]
        event.missed += _missed(event, map(str, keys))
        event.due_at = utc_now()
    else:
        still_missed = _missed(event, again)
        event.missed = [*waiting, *still_missed]
        event.due_at = utc_now() + PAUSE if still_missed else utc_now()
        event.done_at = None if event.missed else utc_now()
    event.save(update_fields=["told_up_to", "missed", "due_at", "done_at"])
    return True


def due_events(now: datetime) -> QuerySet[CampaignEvent]:
    """Return the events to go on with, the oldest first."""
    return CampaignEvent.objects.filter(done_at=None, due_at__lte=now).order_by("due_at", "pk")


def _lease(now: datetime) -> CampaignEvent | None:
    """Take the next event for this worker alone, for as long as a portion may take."""
    if not due_events(now).exists():
        return None
    with transaction.atomic():
        event = due_events(now).select_for_update(skip_locked=True).first()
        if event is not None:
            event.due_at = now + LEASE
            event.save(update_fields=["due_at"])
        return event


def _missed(event: CampaignEvent, keys: Iterable[str]) -> list[str]:
    """Tell conversations of the event; return those that could not hear it now."""
    command = ReceiveProviderEvent(
        actor=SYSTEM_USER_ID,
        event_id=event.event_id,
        event=event.name,
        campaign_id=event.campaign_id,
        data=event.data,
    )
    return [key for key in keys if not _is_told(command, key)]


def _is_told(command: ReceiveProviderEvent, key: str) -> bool:
    try:
        _deliver(command, key)
    except (Busy, OperationalError) as error:
        logger.info("The event %r waits for conversation %s: %r", command.event_id, key, error)
        return False
    except DomainError as error:
        logger.warning("The event %r is none for conversation %s: %s", command.event_id, key, error.code)
    except Exception:
        logger.exception("The event %r can't be told to conversation %s now", command.event_id, key)
        return False
    return True
