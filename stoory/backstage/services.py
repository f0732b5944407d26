"""What staff do to people's sockets, noted in the history of their accounts."""

from stoory.accounts.models import User
from stoory.accounts.selectors import check_staff
from stoory.accounts.services import note
from stoory.backstage import servers
from stoory.backstage.commands import DisconnectUser
from stoory.commands import handles
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
