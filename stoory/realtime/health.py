"""The probes: `/healthz`, this process is alive; `/readyz`, it can be given traffic, or which part of it is ill.

Whoever runs the server asks them, and `/metrics`, by plain HTTP and by address.
"""

import time
from collections.abc import Callable
from enum import StrEnum

from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse

from stoory import metrics
from stoory.guards import is_operator

LOOK_AGAIN_SECONDS = 5.0


class Health(StrEnum):
    """How a part is: a degraded one makes the server slower, a failed one unfit."""

    OK = "ok"
    DEGRADED = "degraded"
    FAILED = "failed"


Check = Callable[[], Health]

_checks: dict[str, Check] = {}

REMEDIES = {
    "database": "It does not answer. Is it running, does DATABASE_URL lead to it, are its connections used up?",
    "migrations": "The database is older than this code. Run: python manage.py migrate",
    "bus": "Redis can't be heard. Is it running, does REDIS_URL lead to it? Until then events come from the log, late.",
    "lane": "Sends wait long to be committed. Is the database slow, or does somebody hold locks on conversations?",
    "leaving": "This server was told to end, and gives its sockets away. Another takes its place.",
    "worker": "The worker can't look for work. The log says why; timers and calls of the provider wait until then.",
    "webhooks": "The courier can't look for work, or has its hands full. The log says why; hooks wait until then.",
}
"""What to do about a part that is ill."""


def watch(name: str, check: Check) -> None:
    """Have `check` asked whenever readiness is."""
    _checks[name] = check


def forget(name: str) -> None:
    """Stop asking."""
    _checks.pop(name, None)


def watched() -> dict[str, Health]:
    """Return how the parts are that are watched, without asking the database."""
    return {name: check() for name, check in list(_checks.items())}


def readiness() -> dict[str, Health]:
    """Return each part and how it is."""
    database = _database()
    stored = {"database": database} | ({"migrations": _migrations()} if database == Health.OK else {})
    return stored | watched()


def _database() -> Health:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except Exception:  # whatever is wrong with it, the answer is no
        return Health.FAILED
    return Health.OK


class Migrations:
    """Whether all of this code's migrations are applied. Once they are, nobody needs to look again."""

    def __init__(self) -> None:
        self._are_applied = False
        self._look_at = 0.0

    def __call__(self) -> Health:
        if not self._are_applied and time.monotonic() >= self._look_at:
            self._are_applied = not missing_migrations()
            self._look_at = time.monotonic() + LOOK_AGAIN_SECONDS
        return Health.OK if self._are_applied else Health.FAILED


_migrations = Migrations()


def missing_migrations() -> list[str]:
    """Return the migrations of this code that the database does not have, as `app.name`."""
    loader = MigrationLoader(connection)
    applied = loader.applied_migrations or {}
    return sorted(".".join(key) for key in loader.graph.nodes if key not in applied)


class HealthMiddleware:
    """Answers the probes of whoever runs the server, before hosts, schemes and sessions are looked at."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        match request.path.rstrip("/"):
            case "/healthz":
                return JsonResponse({"status": "ok"})
            case "/readyz":
                return _ready()
            case "/metrics":
                return _figures(request)
        return self.get_response(request)


def _ready() -> JsonResponse:
    parts = readiness()
    is_ready = Health.FAILED not in parts.values()
    remedies = {name: REMEDIES.get(name, "") for name, how in parts.items() if how != Health.OK}
    answer = {"ready": is_ready, "checks": parts} | ({"remedies": remedies} if remedies else {})
    return JsonResponse(answer, status=200 if is_ready else 503)


def _figures(request: HttpRequest) -> HttpResponse:
    """Answer who runs the server; others hear that there is no such page."""
    if is_operator(request):
        return HttpResponse(metrics.exposition(), content_type=metrics.CONTENT_TYPE)
    return HttpResponse("Not found", status=404, content_type="text/plain")
