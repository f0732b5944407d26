"""Who is online: has a socket on any server whose lease is fresh.

A server's lease is its row, whose heartbeat it renews; its `Connection` rows say which users it has. Coming online is
a user's first row, going offline the loss of the last: who counts does it under a lock on the users' rows, so that two
servers that gain or lose the same user at once can neither both tell of it nor both keep silent. The lock of a server's
row comes before those of users. All moments that are compared come from the database's clock: those of two servers may
differ by more than a lease.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import CharField, Exists, OuterRef, QuerySet, Subquery
from django.db.models.functions import Now
from django.db.models.lookups import IsNull

from stoory.accounts.models import Connection, Server, User
from stoory.queries import OneOf, Parameter, PreparedQuery
from stoory.times import utc_now

LEASE = timedelta(seconds=20)  # with a heartbeat every 4: who is back 15 seconds after a crash was never offline

Departure = tuple[str, datetime]
"""Who has gone offline, and when they were last seen."""


class LeaseLost(Exception):
    """The server's row is gone: it was silent for longer than its lease, and its users were taken for offline."""


def beat(server_id: str) -> bool:
    """Renew a server's lease, or register it anew; return False if its row was gone, with all its connections."""
    if _renew(server_id):
        return True
    Server.objects.create(pk=server_id, heartbeat_at=Now())
    return False


@transaction.atomic
def arrive(server_id: str, user_ids: Iterable[str]) -> list[str]:
    """Note that users have a socket on a server; return those who came online by it. Raises `LeaseLost`."""
    if not _renew(server_id):
        raise LeaseLost
    asked = list(user_ids)
    arrived = [user_id for (user_id,) in _LOCKED.rows(users=asked)] if asked else []
    connected = {user_id for (user_id,) in _CONNECTED.rows(users=arrived)} if arrived else set()
    rows = [Connection(server_id=server_id, user_id=user_id) for user_id in arrived]
    Connection.objects.bulk_create(rows, ignore_conflicts=True)
    return [user_id for user_id in arrived if user_id not in connected]


@transaction.atomic
def depart(server_id: str, user_ids: Iterable[str]) -> list[Departure]:
    """Note that users have no socket on a server any more; return those who went offline by it."""
    connections = Connection.objects.filter(OneOf("user", user_ids), server_id=server_id)
    return _disconnect(server_id, connections, utc_now())


def connected(server_id: str) -> set[str]:
    """Return the users who are noted as connected to a server."""
    return set(Connection.objects.filter(server_id=server_id).values_list("user_id", flat=True))


@transaction.atomic
def forget(server_id: str) -> list[Departure]:
    """Remove a server that ends; return who went offline by it."""
    server = Server.objects.filter(pk=server_id).select_for_update().first()
    return _remove(server, utc_now()) if server is not None else []


def sweep() -> list[Departure]:
    """Remove the servers whose lease has expired; return who went offline by it.

    Of several sweepers at once only one removes a server: the others pass by what it has locked. The longest dead is
    first, so that a user of two dead servers was last seen on the later one.
    """
    gone: list[Departure] = []
    while (departures := _sweep_one()) is not None:
        gone += departures
    return gone


def online_among(user_ids: Iterable[str]) -> set[str]:
    """Return those of the users who are online."""
    asked = list(user_ids)
    return {user_id for (user_id,) in _ONLINE.rows(users=asked)} if asked else set()


def is_online(user: str) -> IsNull:
    """Return whether the user at the path `user` is online, as an annotation."""
    fresh = Connection.objects.filter(user=OuterRef(user), server__heartbeat_at__gte=Now() - LEASE)
    # Not `Exists`: PostgreSQL may take that for a reason to read all connections there are, once.
    return IsNull(Subquery(fresh.values("pk")[:1]), False)


def counted() -> tuple[int, int]:
    """Return how many servers run, and how many people are online."""
    people = Connection.objects.filter(server__heartbeat_at__gte=Now() - LEASE).values("user").distinct()
    return len(alive()), people.count()


def alive() -> list[str]:
    """Return the ids of the servers whose lease is fresh."""
    return [str(key) for key in Server.objects.filter(heartbeat_at__gte=Now() - LEASE).values_list("pk", flat=True)]


def _locking(users: QuerySet[User]) -> QuerySet[User, tuple[str]]:
    """Lock users in id order; not against foreign keys, so that nobody who writes a message waits for it."""
    return users.select_for_update(no_key=True).order_by("pk").values_list("pk")


_USERS = [Parameter("users", CharField(), many=True)]
_LOCKED = PreparedQuery(lambda: _locking(User.objects.filter(pk__in=_USERS)))
_CONNECTED = PreparedQuery(lambda: Connection.objects.filter(user__id__in=_USERS).values_list("user_id"))
_ONLINE = PreparedQuery(
    lambda: Connection.objects.filter(user__id__in=_USERS, server__heartbeat_at__gte=Now() - LEASE).values_list(
        "user_id"
    )
)


def _renew(server_id: str) -> bool:
    return Server.objects.filter(pk=server_id).update(heartbeat_at=Now()) > 0


@transaction.atomic
def _sweep_one() -> list[Departure] | None:
    dead = Server.objects.filter(heartbeat_at__lt=Now() - LEASE).order_by("heartbeat_at")
    server = dead.select_for_update(skip_locked=True).first()
    return _remove(server, server.heartbeat_at) if server is not None else None


def _remove(server: Server, seen: datetime) -> list[Departure]:
    gone = _disconnect(server.pk, Connection.objects.filter(server=server), seen)
    server.delete()
    return gone


def _disconnect(server_id: Any, connections: QuerySet[Connection], seen: datetime) -> list[Departure]:
    """Delete connections of one server, whose users were last seen then; return those who have none elsewhere."""
    users = User.objects.filter(pk__in=connections.values("user"))
    list(_locking(users))
    users.exclude(last_seen__gte=seen).update(last_seen=seen)
    elsewhere = Connection.objects.filter(user=OuterRef("pk")).exclude(server=server_id)
    gone = [(pk, last or seen) for pk, last in users.exclude(Exists(elsewhere)).values_list("pk", "last_seen")]
    connections.delete()
    return gone
