"""How the lane stores a group: by the ORM in a thread, or on PostgreSQL by one statement from the event loop."""

from collections.abc import Sequence

from django.db import InterfaceError, OperationalError, connection

from messaging.commands import SendMessage
from messaging.sending import Outcome
from messaging.services import send_messages
from stoory.realtime.database import database
from stoory.realtime.lane import OutcomeUnknownError, Sender
from stoory.realtime.statements import StatementSender


class OrmSender:
    """Any database's: `messaging.services.send_messages` in a thread."""

    async def send(self, commands: Sequence[SendMessage]) -> list[Outcome]:
        try:
            return await database(send_messages, commands)
        except (OperationalError, InterfaceError) as error:
            raise OutcomeUnknownError(repr(error)) from error

    async def close(self) -> None:
        """Threads keep no connection."""


def sender() -> Sender:
    """Return the configured database's sender."""
    return StatementSender() if connection.vendor == "postgresql" else OrmSender()
