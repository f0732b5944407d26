"""Reads of users."""

from collections.abc import Collection

from stoory.accounts.models import User
from stoory.errors import Forbidden


def is_staff(user_id: str) -> bool:
    """Return whether the user may act for the house."""
    return User.objects.filter(pk=user_id, is_active=True, is_staff=True).exists()


def check_staff(user_id: str) -> None:
    """Raise `Forbidden` unless the user may act for the house."""
    if not is_staff(user_id):
        raise Forbidden


def token_versions(user_ids: Collection[str]) -> dict[str, int]:
    """Return which tokens of the users count, for those who may be here: not deactivated, and not gone."""
    active = User.objects.filter(pk__in=user_ids, is_active=True)
    return dict(active.values_list("pk", "token_version"))
