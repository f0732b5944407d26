"""Deleting much, a little at a time: short transactions that nobody waits for, and a result however far it came."""

from collections.abc import Iterator
from typing import Any

from django.db.models import QuerySet


def delete_in_batches(rows: "QuerySet[Any]", size: int) -> Iterator[int]:
    """Delete rows, `size` at a time, and yield how many went each time, those that hung on them not counted."""
    while keys := list(rows.order_by("pk").values_list("pk", flat=True)[:size]):
        rows.model._default_manager.filter(pk__in=keys).delete()
        yield len(keys)
