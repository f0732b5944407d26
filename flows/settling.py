"""What becomes of an effect once it was tried: it is done, tried again later, failed for good, or let go by staff."""

import random
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet

from conversations.selectors import locked_conversation
from flows.commands import DismissEffect, RetryEffect
from flows.errors import EffectNotFound, NotAvailable
from flows.models import EffectStatus, FlowEffect
from flows.oversight import note
from flows.ports import Receipt
from flows.staging import Stage
from stoory.accounts.selectors import check_staff
from stoory.commands import handles
from stoory.times import utc_now

MAX_ATTEMPTS = 30
"""With the delays below, spread over the better part of a day."""
FIRST_DELAY = timedelta(seconds=2)
LONGEST_DELAY = timedelta(hours=1)
MAX_ERROR = 500


def succeed(effect: FlowEffect, receipt: Receipt, *, now: datetime) -> None:
    """Note that an effect is done, even where its lease has ended meanwhile: what is done is done."""
    open_ones = FlowEffect.objects.filter(pk=effect.pk, status__in=[EffectStatus.PENDING, EffectStatus.FAILED])
    open_ones.update(status=EffectStatus.DONE, result=receipt, error="", done_at=now)


def postpone(effect: FlowEffect, error: str, *, now: datetime) -> None:
    """Have an effect tried again, later each time; after the last attempt it has failed."""
    if effect.attempts >= MAX_ATTEMPTS:
        fail(effect, error)
    else:
        _leased(effect).update(error=_shown(error), due_at=now + delay(effect.attempts))


def fail(effect: FlowEffect, error: str) -> None:
    """Note that an effect has failed for good."""
    _leased(effect).update(status=EffectStatus.FAILED, error=_shown(error))


def delay(attempts: int) -> timedelta:
    """Return how long to wait after so many attempts: twice as long each time, spread so that not all come at once."""
    longest: timedelta = min(LONGEST_DELAY, FIRST_DELAY * 2 ** (attempts - 1))
    return longest * random.uniform(0.5, 1.0)


def _leased(effect: FlowEffect) -> QuerySet[FlowEffect]:
    """Return the row of an effect, unless its lease has ended and somebody else has tried it since."""
    return FlowEffect.objects.filter(pk=effect.pk, status=EffectStatus.PENDING, attempts=effect.attempts)


def _shown(error: str) -> str:
    """Return an error as it may be stored and shown: one line, short, printable."""
    line = " ".join(error.split())
    return "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in line)[:MAX_ERROR]


# Staff


@handles(RetryEffect)
def retry_effect(command: RetryEffect) -> None:
    """Have a failed effect tried again, with all its attempts; raises `Forbidden`, `NotFound`, `NotAvailable`."""
    with transaction.atomic():
        effect = _failed(command, "staff:retry_effect")
        effect.status, effect.attempts, effect.due_at = EffectStatus.PENDING, 0, utc_now()
        effect.save(update_fields=["status", "attempts", "due_at"])


@handles(DismissEffect)
def dismiss_effect(command: DismissEffect) -> None:
    """Let a failed effect go; those behind it go on. Raises `Forbidden`, `NotFound`, `NotAvailable`."""
    with transaction.atomic():
        effect = _failed(command, "staff:dismiss_effect")
        effect.status, effect.done_at = EffectStatus.DISMISSED, utc_now()
        effect.save(update_fields=["status", "done_at"])


def _failed(command: RetryEffect | DismissEffect, reason: str) -> FlowEffect:
    """Return a failed effect, its conversation locked, after logging what staff does with it and why."""
    check_staff(command.actor)
    run_id = FlowEffect.objects.filter(pk=command.effect_id).values_list("run_id", flat=True).first()
    if run_id is None:
        raise EffectNotFound
    stage = Stage(locked_conversation(str(run_id)))
    effect = FlowEffect.objects.select_for_update().get(pk=command.effect_id)
    if effect.status != EffectStatus.FAILED:
        raise NotAvailable("This effect has not failed.", current=stage.current)
    note(stage, command.actor, reason, command.reason, effect=effect.name, key=effect.key)
    return effect
