"""`/healthz`: this process is alive. `/readyz`: it can be given traffic, or which part of it is ill."""

from collections.abc import Callable
from enum import StrEnum

from django.db import connection
from django.http import HttpRequest, HttpResponseBase, JsonResponse


class Health(StrEnum):
    """How a part is: a degraded one makes the server slower, a failed one unfit."""

    OK = "ok"
    DEGRADED = "degraded"
    FAILED = "failed"


Check = Callable[[], Health]

_checks: dict[str, Check] = {}


def watch(name: str, check: Check) -> None:
    """Have `check` asked whenever readiness is."""
    _checks[name] = check


def forget(name: str) -> None:
    """Stop asking."""
    _checks.pop(name, None)


def readiness() -> dict[str, Health]:
    """Return each part and how it is."""
    return {"database": _database()} | {name: check() for name, check in _checks.items()}


def _database() -> Health:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except Exception:  # whatever is wrong with it, the answer is no
        return Health.FAILED
    return Health.OK


class HealthMiddleware:
    """Answers the probes of whoever runs the server, before hosts, schemes and sessions are looked at."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        match request.path.rstrip("/"):
            case "/healthz":
                return JsonResponse({"status": "ok"})
            case "/readyz":
                parts = readiness()
                ready = Health.FAILED not in parts.values()
                return JsonResponse({"ready": ready, "checks": parts}, status=200 if ready else 503)
        return self.get_response(request)
