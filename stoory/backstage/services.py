"""What staff do to people's sockets, noted in the history of their accounts."""

from django.contrib.admin.models import CHANGE, LogEntry
from django.db import transaction

from stoory.accounts.commands import RevokeTokens
from stoory.accounts.models import User
from stoory.accounts.selectors import check_staff
from stoory.backstage import servers
from stoory.backstage.commands import DisconnectUser, LogOutUser
from stoory.commands import execute, handles
from stoory.errors import NotFound


@handles(DisconnectUser)
def disconnect_user(command: DisconnectUser) -> int:
    """Have every server close the sockets; raises `Forbidden` for others than staff, `NotFound`."""
    check_staff(command.actor)
    user = User.objects.filter(pk=command.user_id).first()
    if user is None:
        raise NotFound
    closed: int = sum(servers.answers(servers.ask("disconnect", user_id=user.pk, handle=command.handle)))
    note(command.actor, user, f"Disconnected {closed} sockets: {command.reason}")
    return closed


@handles(LogOutUser)
def log_out_user(command: LogOutUser) -> None:
    """Have the tokens revoked; raises `Forbidden` for others than staff, `NotFound`."""
    check_staff(command.actor)
    with transaction.atomic():
        execute(RevokeTokens(actor=command.actor, user_id=command.user_id))
        note(command.actor, User.objects.get(pk=command.user_id), f"Logged out everywhere: {command.reason}")


def note(actor: str, user: User, text: str) -> None:
    """Write what was done to a user, and why, into the history that their page shows."""
    LogEntry.objects.log_actions(actor, [user], CHANGE, change_message=text, single_object=True)
