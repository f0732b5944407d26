"""Bounding the log. Messages stay; what goes is the record of what happened when, that clients catch up by."""

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from django.db.models import BigIntegerField, F, OuterRef, Subquery
from django.db.models.functions import Coalesce, Greatest

from conversations.models import Conversation, ConversationEvent

PAGE = 500


class Excess(NamedTuple):
    """A conversation whose log is to begin after `cut`."""

    conversation: UUID
    cut: int


def excesses(before: datetime, keep: int | None) -> Iterator[Excess]:
    """Yield where to cut: what is older than `before` goes, and with `keep` all but so many entries of each log."""
    rows = Conversation.objects.annotate(oldest=Subquery(_SEQS[:1]), cut=_cut(before, keep)).filter(
        cut__gte=F("oldest")
    )
    last = UUID(int=0)
    while page := list(rows.filter(pk__gt=last).order_by("pk").values_list("pk", "cut")[:PAGE]):
        yield from (Excess(*row) for row in page)
        last = page[-1][0]


def _cut(before: datetime, keep: int | None) -> Greatest:
    """Return the last entry that is to go; what an interrupted cut has left is."""
    oldest_kept = Subquery(_SEQS.filter(created_at__gte=before)[:1], output_field=BigIntegerField())
    too_old = Coalesce(oldest_kept - 1, F("last_seq"), output_field=BigIntegerField())
    too_many = F("pruned_seq") if keep is None else F("last_seq") - keep
    return Greatest(too_old, too_many, F("pruned_seq"), output_field=BigIntegerField())


_SEQS = ConversationEvent.objects.filter(conversation=OuterRef("pk")).order_by("seq").values("seq")


def prune_log(excess: Excess, batch: int) -> Iterator[int]:
    """Cut a log, `batch` numbers at a time, and yield how many entries went each time.

    First it is written where the log begins, so that a reader is told `gap` and never a part. One that is interrupted
    is finished by the next.
    """
    Conversation.objects.filter(pk=excess.conversation, pruned_seq__lt=excess.cut).update(pruned_seq=excess.cut)
    entries = ConversationEvent.objects.filter(conversation=excess.conversation, seq__lte=excess.cut)
    while (oldest := entries.order_by("seq").values_list("seq", flat=True).first()) is not None:
        gone, _ = entries.filter(seq__lt=oldest + batch).delete()
        yield gone


def count_entries(excess: Excess) -> int:
    """Return how many entries cutting would delete."""
    return ConversationEvent.objects.filter(conversation=excess.conversation, seq__lte=excess.cut).count()
