"""`flows advance`: a conversation's deadlines come nearer, for developers who can't wait for days."""

import json
from argparse import ArgumentParser
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError
from django.db import transaction

from conversations.selectors import locked_conversation
from flows.durations import is_duration, parse_duration
from flows.models import FlowRun, FlowTransition
from flows.oversight import shift
from flows.services import fire_timer
from flows.staging import Stage
from flows.work import due_timers
from stoory.errors import DomainError
from stoory.times import utc_now


def add_arguments(advance: ArgumentParser) -> None:
    advance.add_argument("conversation", help="its id")
    advance.add_argument("duration", help="like PT12H or P1DT30M")
    advance.add_argument("--json", action="store_true", help="print one {reason, from_state, to_state, seq} a line")


def advance(options: dict[str, Any]) -> Iterator[str]:
    """Let time pass for one conversation, and say what it led to."""
    if not settings.DEBUG:
        raise CommandError("Deadlines of real people are not moved: this needs DEBUG=1.")
    if not is_duration(options["duration"]):
        raise CommandError(f"{options['duration']} is no duration: write PT12H or P1DT30M.")
    try:
        stage = _age(options["conversation"], parse_duration(options["duration"]))
    except DomainError as error:
        raise CommandError(error.message) from None
    steps = _fire_due(stage.run)
    if options["json"]:
        yield from (json.dumps(_entry(step)) for step in steps)
    else:
        yield from map(_line, steps) if steps else ["Nothing is due yet."]


@transaction.atomic
def _age(conversation_id: str, by: timedelta) -> Stage:
    """Move the deadlines of a conversation nearer, and what they count from into the past."""
    stage = Stage(locked_conversation(conversation_id))
    shift(stage.run, -by)
    return stage


def _fire_due(run: FlowRun) -> list[FlowTransition]:
    seen = run.transitions.order_by("-pk").values_list("pk", flat=True).first() or 0
    while any(fire_timer(key) for key in list(due_timers(utc_now()).filter(run=run).values_list("pk", flat=True))):
        pass
    return list(run.transitions.filter(pk__gt=seen))


def _entry(step: FlowTransition) -> dict[str, Any]:
    return {"reason": step.reason, "from_state": step.from_state, "to_state": step.to_state, "seq": step.seq_to}


def _line(step: FlowTransition) -> str:
    where = step.to_state if step.from_state == step.to_state else f"{step.from_state} → {step.to_state}"
    return f"{step.reason}: {where} (#{step.seq_to})"
