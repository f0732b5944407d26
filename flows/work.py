"""Work that nobody presses a button for: timers whose time has come, and effects, which are calls of the provider.

Any number of workers may look for it at once. A timer fires under the lock of its conversation. An effect is leased
and the lease committed, then the provider is called outside of any transaction, then the outcome is recorded; where a
worker dies in between, the lease ends and the call is repeated with the same key.
"""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import lru_cache
from operator import attrgetter
from typing import cast

from django.conf import settings
from django.db import OperationalError, transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.module_loading import import_string

from conversations.models import ChatStatus
from flows.models import EffectStatus, FlowEffect, FlowRun, FlowTimer, TimerStatus
from flows.ports import Deal, Provider, ProviderRefused, ProviderUnavailable, Receipt
from flows.reports import pass_on
from flows.runs import definition_of, parties_of
from flows.services import fire_timer
from flows.settling import MAX_ATTEMPTS, fail, postpone, succeed
from stoory import logs
from stoory.times import utc_now

logger = logging.getLogger(__name__)

TIMERS_AT_ONCE = 20
LEASE = timedelta(seconds=60)
"""How long a call may take. Whoever has not recorded its outcome by then is taken for dead."""
FAULT_DELAY = timedelta(minutes=1)
ESCROW = Q(name__startswith="escrow.")


# Timers


def due_timers(now: datetime) -> QuerySet[FlowTimer]:
    """Return the timers to fire, the oldest first; not those of conversations that staff holds."""
    waiting = FlowTimer.objects.filter(status=TimerStatus.PENDING, due_at__lte=now, run__paused_at=None)
    return waiting.exclude(run__conversation__chat_status=ChatStatus.CLOSED).order_by("due_at", "pk")


def fire_timers() -> int:
    """Fire some of the timers that are due; return how many led to something."""
    keys = list(due_timers(utc_now()).values_list("pk", flat=True)[:TIMERS_AT_ONCE])
    return sum(_fire(key) for key in keys)


def _fire(timer_id: int) -> bool:
    with logs.bound(timer_id=timer_id):
        return _try_to_fire(timer_id)


def _try_to_fire(timer_id: int) -> bool:
    try:
        fired = fire_timer(timer_id)
    except OperationalError:
        raise
    except Exception:
        logger.exception("The timer %d can't fire and is looked at again later", timer_id)
        later = utc_now() + FAULT_DELAY  # it must not hold up the others
        FlowTimer.objects.filter(pk=timer_id, status=TimerStatus.PENDING).update(due_at=later)
        return False
    if fired:
        logger.info("[WORK] fired timer %d", timer_id)
    return fired


# Effects


def due_effects(now: datetime) -> QuerySet[FlowEffect]:
    """Return the effects to try, the oldest first.

    What is asked of the escrow goes in its order: not before all that its conversation asked for earlier was done, or
    dismissed.
    """
    unsettled = Q(status__in=[EffectStatus.PENDING, EffectStatus.FAILED])
    before = FlowEffect.objects.filter(ESCROW, unsettled, run=OuterRef("run"), pk__lt=OuterRef("pk"))
    waiting = FlowEffect.objects.filter(status=EffectStatus.PENDING, due_at__lte=now)
    return waiting.exclude(ESCROW & Exists(before)).order_by("due_at", "pk")


def lease_effect(now: datetime) -> FlowEffect | None:
    """Take the next effect for this worker alone, for as long as a call may take; None where nothing is due."""
    if not settings.FLOW_PROVIDER or not due_effects(now).exists():
        return None
    with transaction.atomic():
        effect = due_effects(now).select_for_update(skip_locked=True, of=("self",)).first()
        if effect is None:
            return None
        if effect.attempts >= MAX_ATTEMPTS:  # it takes its workers down with it
            fail(effect, "Nobody who called the provider lived to tell the outcome.")
            return None
        effect.attempts += 1
        effect.due_at = now + LEASE
        effect.save(update_fields=["attempts", "due_at"])
        return effect


def carry_out(effect: FlowEffect) -> None:
    """Call the provider for a leased effect, and record the outcome."""
    with logs.bound(effect_id=effect.pk, conversation_id=str(effect.run_id)):
        _carry_out(effect)


def _carry_out(effect: FlowEffect) -> None:
    try:
        receipt = call(effect)
    except ProviderRefused as error:
        logger.error("[WORK] %s was refused: %s", effect.key, error)
        fail(effect, str(error))
    except ProviderUnavailable as error:
        logger.warning("[WORK] %s has to wait: %s", effect.key, error)
        postpone(effect, str(error), now=utc_now())
    except Exception as error:
        logger.exception("[WORK] %s met a fault of its provider's", effect.key)
        postpone(effect, type(error).__name__, now=utc_now())  # its words may hold secrets
    else:
        succeed(effect, receipt, now=utc_now())
        logger.info("[WORK] %s is done", effect.key)


def call(effect: FlowEffect) -> Receipt:
    """Ask the provider for what the effect names."""
    method = cast(Callable[..., Receipt], attrgetter(effect.name)(provider(settings.FLOW_PROVIDER)))
    return method(key=effect.key, deal=deal_of(effect), **effect.arguments)


@lru_cache(maxsize=1)
def provider(path: str) -> Provider:
    """Return the provider that a dotted path names."""
    return cast(Provider, import_string(path)())


def deal_of(effect: FlowEffect) -> Deal:
    """Return the conversation of an effect as its provider needs to know it."""
    run = FlowRun.objects.select_related("conversation", "version").defer("version__document").get(pk=effect.run_id)
    conversation = run.conversation
    people = {role: person.user_id for role, person in parties_of(conversation).items()}
    return Deal(
        conversation_id=str(conversation.pk),
        conversation_type=conversation.type,
        source_id=conversation.source_id,
        campaign_id=conversation.campaign_id,
        currency=definition_of(run.version).currency,
        brand_owner_id=people.get("brand_owner"),
        influencer_id=people.get("influencer"),
        reason=effect.transition.reason,
        inputs=effect.transition.inputs,
    )


# All of it


def work_off(worked: Callable[[int, int], None] = lambda timers, effects: None) -> tuple[int, int]:
    """Do what is due, and what becomes due by it; return how many timers fired and how many effects were tried."""
    timers = effects = 0
    while True:
        passed_on = pass_on()
        fired = fire_timers()
        effect = lease_effect(utc_now())
        if effect is not None:
            carry_out(effect)
        elif not (fired or passed_on):
            return timers, effects
        timers, effects = timers + fired, effects + (effect is not None)
        worked(timers, effects)
