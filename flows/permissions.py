"""Who may read, write and publish flows: staff reads; the rest takes Django's permissions on versions."""

from typing import Literal

from stoory.accounts.models import User
from stoory.errors import Forbidden

Permission = Literal["add_flowversion", "change_flowversion", "publish_flow"]

_READERS = ("view_flowversion", "add_flowversion", "change_flowversion", "publish_flow")


def check_may(user_id: str, permission: Permission) -> None:
    """Raise `Forbidden` unless the user is active and has the permission."""
    user = User.objects.filter(pk=user_id).first()
    if user is None or not user.has_perm(f"flows.{permission}"):
        raise Forbidden


def check_may_read(user_id: str) -> None:
    """Raise `Forbidden` unless the user is active, and staff or has any permission on flows."""
    user = User.objects.filter(pk=user_id, is_active=True).first()
    if user is None or not (user.is_staff or any(user.has_perm(f"flows.{name}") for name in _READERS)):
        raise Forbidden
