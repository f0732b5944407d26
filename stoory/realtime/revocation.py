"""Who may no longer be here is sent away, on every server: at once, or within `REPAIR_SECONDS` if the bus is silent."""

import asyncio
import logging
from collections.abc import Callable, Iterable

from django.conf import settings

from stoory.accounts.events import AccessRevoked
from stoory.accounts.selectors import token_versions
from stoory.errors import DomainError, InvalidToken
from stoory.events import Event
from stoory.realtime.database import database
from stoory.realtime.roster import Roster
from stoory.realtime.sessions import Session, Sessions
from stoory.realtime.waiting import wait_for

logger = logging.getLogger(__name__)


class Revocation:
    """Looks, for ever, for sockets of this server whose users were deactivated or deleted, or whose tokens are void."""

    def __init__(self, sessions: Sessions, roster: Roster, dismiss: Callable[[Session, DomainError], None]) -> None:
        self._sessions = sessions
        self._roster = roster
        self._dismiss = dismiss
        self._news = asyncio.Event()

    def heard(self, events: Iterable[Event]) -> None:
        """Look now, if what was committed or came over the bus may concern a user of this server."""
        if any(isinstance(event, AccessRevoked) and self._roster.is_here(event.user_id) for event in events):
            self._news.set()

    async def watch(self) -> None:
        """Look every few seconds, and when there is news; one query, however many sockets there are."""
        while True:
            await wait_for(self._news, settings.REPAIR_SECONDS)
            self._news.clear()
            try:
                await self.look()
            except Exception as error:
                logger.warning("Could not look for revoked access: %r", error)

    async def look(self) -> None:
        """Send away whoever may not be here."""
        users = list(self._roster.users())
        versions = await database(token_versions, users) if users else {}
        for user_id in users:
            version = versions.get(user_id)
            for session in list(self._sessions.of_user(user_id)):
                if version is None:
                    self._dismiss(session, InvalidToken("This account is deactivated"))
                elif session.token_version < version:
                    self._dismiss(session, InvalidToken("This token was revoked"))
