"""Who may connect: so many connections an address and a user, and how often an address opens one."""

from itertools import islice

from django.conf import settings

from stoory.addresses import neighbourhood
from stoory.errors import RateLimited
from stoory.realtime.charges import Charges
from stoory.realtime.connection import Connection

RETRY_SECONDS = 10  # until one of too many connections may have ended

Group = dict[str, dict[Connection, None]]
"""Connections by where they come from, in the order in which they came."""


class Admission:
    """The connections of this server by where they come from, and which of them have not said who they are."""

    def __init__(self, charges: Charges) -> None:
        self._charges = charges
        self._open: Group = {}
        self._strangers: Group = {}

    async def check_handshake(self, address: str) -> None:
        """Raise `RateLimited` where an address has its share of connections, or opens them too fast."""
        _check(len(self._open.get(neighbourhood(address), ())) < settings.CONNECTIONS_PER_ADDRESS)
        await self._charges.charge("connect", address=address)

    def opened(self, connection: Connection) -> None:
        """Note a connection."""
        self._open.setdefault(_place(connection), {})[connection] = None

    async def check_connect(self, connection: Connection, *, is_stranger: bool) -> None:
        """Raise `RateLimited` for a connection too many: of those opened all at once, or that don't say who they are.

        The first ones stay. What a connection asks again and again is counted like all else.
        """
        place = _place(connection)
        _check(connection in islice(self._open[place], settings.CONNECTIONS_PER_ADDRESS))
        if is_stranger:
            strangers = self._strangers.get(place, {})
            _check(connection in strangers or len(strangers) < settings.STRANGERS_PER_ADDRESS)
            self._strangers.setdefault(place, {})[connection] = None
        await self._charges.charge("other", address=place)

    def check_user(self, connections: int) -> None:
        """Raise `RateLimited` where a user who has so many may have no other."""
        _check(connections < settings.CONNECTIONS_PER_USER)

    def identified(self, connection: Connection) -> None:
        """Note that a connection has said who it is."""
        _discard(self._strangers, connection)

    def closed(self, connection: Connection) -> None:
        """Forget a connection."""
        _discard(self._strangers, connection)
        _discard(self._open, connection)


def _check(is_room: bool) -> None:
    if settings.RATE_LIMITS and not is_room:
        raise RateLimited(RETRY_SECONDS)


def _place(connection: Connection) -> str:
    return neighbourhood(connection.peer.address)


def _discard(group: Group, connection: Connection) -> None:
    place = _place(connection)
    members = group.get(place, {})
    members.pop(connection, None)
    if not members:
        group.pop(place, None)
