"""Tokens whose bearers were found in the database a moment ago, and are not looked for again until it has passed.

A token's signature and its end are looked at each time. Who loses the right to be here is forgotten at once by every
server that hears of it, and by all others when `TOKEN_MEMORY_SECONDS` have passed.
"""

import time
from collections import OrderedDict
from collections.abc import Sequence
from threading import Lock

from django.conf import settings

from stoory.accounts.events import AccessRevoked
from stoory.events import Event

REMEMBERED_AT_MOST = 4_096


class TokenMemory:
    """Bare tokens, oldest first, with the ids of their users; for all threads."""

    def __init__(self) -> None:
        self._known: OrderedDict[str, tuple[str, float]] = OrderedDict()
        self._lock = Lock()

    def remember(self, token: str, user_id: str) -> None:
        """Note whose token it is, as the database has just said."""
        with self._lock:
            self._known.pop(token, None)
            self._known[token] = user_id, time.monotonic()
            if len(self._known) > REMEMBERED_AT_MOST:
                self._known.popitem(last=False)

    def user_of(self, token: str) -> str | None:
        """Return whose token it was a moment ago."""
        user_id, looked_at = self._known.get(token, (None, 0.0))
        return user_id if time.monotonic() - looked_at < settings.TOKEN_MEMORY_SECONDS else None

    def heard(self, events: Sequence[Event]) -> None:
        """Forget whom events say that they may have lost the right to be here."""
        revoked = {event.user_id for event in events if isinstance(event, AccessRevoked)}
        if revoked:
            with self._lock:
                for token in [token for token, (user_id, _) in self._known.items() if user_id in revoked]:
                    del self._known[token]


memory = TokenMemory()
