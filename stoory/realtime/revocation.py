"""Who may no longer be here is sent away, on every server, within `REPAIR_SECONDS`."""

import asyncio
import logging
from collections.abc import Callable

from django.conf import settings

from stoory.accounts.selectors import inactive_among
from stoory.errors import DomainError, InvalidToken
from stoory.realtime.database import database
from stoory.realtime.roster import Roster
from stoory.realtime.sessions import Session, Sessions

logger = logging.getLogger(__name__)


class Revocation:
    """Looks, for ever, for users of this server's sockets who have been deactivated or deleted."""

    def __init__(self, sessions: Sessions, roster: Roster, dismiss: Callable[[Session, DomainError], None]) -> None:
        self._sessions = sessions
        self._roster = roster
        self._dismiss = dismiss

    async def watch(self) -> None:
        """Look every few seconds; one query, however many sockets there are."""
        while True:
            await asyncio.sleep(settings.REPAIR_SECONDS)
            try:
                await self.look()
            except Exception as error:
                logger.warning("Could not look for deactivated users: %r", error)

    async def look(self) -> None:
        """Send away whoever has been deactivated."""
        users = list(self._roster.users())
        for user_id in await database(inactive_among, users) if users else ():
            for session in list(self._sessions.of_user(user_id)):
                self._dismiss(session, InvalidToken("This account is deactivated"))
