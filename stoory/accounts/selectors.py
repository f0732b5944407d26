"""Reads of users."""

from collections.abc import Collection

from stoory.accounts.models import User


def inactive_among(user_ids: Collection[str]) -> set[str]:
    """Return those of the users who may no longer be here: deactivated, or gone."""
    active = User.objects.filter(pk__in=user_ids, is_active=True).values_list("pk", flat=True)
    return set(user_ids) - set(active)
