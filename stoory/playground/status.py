"""What is running, as the landing page tells it."""

from django.conf import settings
from django.db import DatabaseError, connection
from msgspec import Struct

from stoory import VERSION
from stoory.accounts import presence
from stoory.realtime.health import Health, readiness


class Part(Struct, frozen=True):
    """One part of what runs, and how it is."""

    name: str
    what: str
    health: Health


def parts() -> list[Part]:
    """Return what this server knows of itself: each part that readiness asks, in words."""
    said = {
        "database": _database,
        "migrations": _migrations,
        "bus": _bus,
        "lane": _lane,
        "worker": _worker,
        "webhooks": _webhooks,
    }
    return [Part(name, said[name]() if name in said else "", health) for name, health in readiness().items()]


def summary() -> dict[str, str]:
    """Return the version, and how many servers and people there are."""
    try:
        servers, people = presence.counted()
    except DatabaseError:
        return {"version": VERSION}
    return {"version": VERSION, "servers": str(servers), "people online": str(people)}


def _database() -> str:
    try:
        version = ".".join(map(str, connection.get_database_version()))
    except DatabaseError:
        version = ""
    return f"{connection.display_name} {version}".rstrip()


def _migrations() -> str:
    return "the tables that this version wants"


def _lane() -> str:
    return "sends, committed in groups"


def _bus() -> str:
    return "Redis or Valkey" if settings.REDIS_URL else "in memory, one process"


def _worker() -> str:
    return "timers and effects, in this server"


def _webhooks() -> str:
    return "integrators are told, by this server"
