"""Events: what happened. Written to a conversation's log with the change itself, published after the commit."""

import logging
from collections.abc import Callable, Sequence
from datetime import datetime

import msgspec
from django.db import transaction

logger = logging.getLogger(__name__)


class Event(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind"):
    """What happened in a conversation, at which place of its log.

    `seq` is 0 for what the log does not number (typing, the creation itself). `visible_to` names the one role that may
    see the event, or None where every participant may.
    """

    conversation_id: str
    seq: int = 0
    at: datetime
    visible_to: str | None = None


Subscriber = Callable[[Sequence[Event]], None]

_subscribers: list[Subscriber] = []


def subscribe(subscriber: Subscriber) -> None:
    """Have `subscriber` called, in the publishing thread, with every batch of committed events."""
    _subscribers.append(subscriber)


def unsubscribe(subscriber: Subscriber) -> None:
    """Stop calling `subscriber`."""
    _subscribers.remove(subscriber)


def publish(*events: Event) -> None:
    """Hand `events` to the subscribers when the current transaction has committed; never if it rolls back.

    Nobody needs to be listening: the log is the truth, and every server reads from it what it was not told.
    """
    transaction.on_commit(lambda: _notify(events), robust=True)


def _notify(events: Sequence[Event]) -> None:
    for subscriber in tuple(_subscribers):
        subscriber(events)
