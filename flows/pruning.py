"""What flows have done with: effects that were carried out and timers that have fired. Their transitions stay."""

from datetime import datetime

from django.db.models import QuerySet

from flows.models import EffectStatus, FlowEffect, FlowTimer, TimerStatus


def done_effects(before: datetime) -> "QuerySet[FlowEffect]":
    """Return the effects that were done, or let go, before a time; failed ones wait for staff."""
    return FlowEffect.objects.filter(status__in=[EffectStatus.DONE, EffectStatus.DISMISSED], done_at__lt=before)


def spent_timers(before: datetime) -> "QuerySet[FlowTimer]":
    """Return the timers that were due before a time and will not fire."""
    return FlowTimer.objects.filter(status__in=[TimerStatus.FIRED, TimerStatus.VOID], due_at__lt=before)
