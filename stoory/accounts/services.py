"""What can be done with accounts; each function one transaction."""

from django.contrib.admin.models import CHANGE, LogEntry
from django.db import transaction
from django.db.models import F
from django.db.models.functions import Now

from stoory.accounts.commands import LogOutUser, RevokeTokens
from stoory.accounts.events import AccessRevoked
from stoory.accounts.models import User
from stoory.accounts.selectors import check_staff, is_staff
from stoory.commands import handles
from stoory.errors import Forbidden, NotFound
from stoory.events import publish
from stoory.times import utc_now


@handles(RevokeTokens)
def revoke_tokens(command: RevokeTokens) -> None:
    """Make the user's tokens void; raises `Forbidden` for others than themselves and staff, `NotFound`."""
    if command.actor != command.user_id and not is_staff(command.actor):
        raise Forbidden
    with transaction.atomic():
        if not make_tokens_void(command.user_id):
            raise NotFound


@handles(LogOutUser)
def log_out_user(command: LogOutUser) -> None:
    """Make the user's tokens void; raises `Forbidden` for others than staff, `NotFound`."""
    check_staff(command.actor)
    with transaction.atomic():
        if not make_tokens_void(command.user_id):
            raise NotFound
        note(command.actor, User.objects.get(pk=command.user_id), f"Logged out everywhere: {command.reason}")


def make_tokens_void(user_id: str) -> bool:
    """Let no token count that the user has, and have the servers look; return whether there is such a user."""
    # The time is for tokens of another issuer, which can't know our version.
    versions = {"token_version": F("token_version") + 1, "tokens_revoked_at": Now()}
    is_there = User.objects.filter(pk=user_id).update(**versions) > 0
    if is_there:
        tell_revoked(user_id)
    return is_there


def tell_revoked(user_id: str) -> None:
    """Have every server look whether the user may still be there, once the transaction has committed."""
    publish(AccessRevoked(at=utc_now(), user_id=user_id))


def note(actor: str, user: User, text: str) -> None:
    """Write what was done to a user, and why, into the history that their page shows."""
    LogEntry.objects.log_actions(actor, [user], CHANGE, change_message=text, single_object=True)
