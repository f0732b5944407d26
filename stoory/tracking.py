"""Every request is counted, and has a name that its answer, its lines in the log and other programs' share."""

import logging
import re
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator

from django.http import HttpRequest, HttpResponseBase
from django.utils.functional import SimpleLazyObject, empty

from stoory import logs, metrics
from stoory.ids import uuid7
from stoory.metrics import Histogram, Sample

logger = logging.getLogger(__name__)

SANE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,63}")
UNROUTED = "none"  # what no route took: any path that somebody thinks of
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")


class Requests:
    """How many requests there were of each kind, and how long they took; many threads count."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counts = Counter[tuple[str, str, str]]()
        self._seconds: dict[str, Histogram] = {}

    def note(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count a request."""
        with self._lock:
            self._counts[method if method in METHODS else "other", route, str(status)] += 1
            self._seconds.setdefault(route, Histogram()).observe(seconds)

    def figures(self) -> Iterator[Sample]:
        """Return what was counted."""
        with self._lock:
            counts, seconds = dict(self._counts), dict(self._seconds)
        yield from (Sample("stoory_http_requests", count, key) for key, count in counts.items())
        yield from (Sample("stoory_http_request_seconds", found, (route,)) for route, found in seconds.items())


requests = Requests()
metrics.watch("requests", requests.figures)


class TrackingMiddleware:
    """Names a request by its `X-Request-ID`, or anew where that is not to be trusted; says the name in the answer."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        began = time.perf_counter()
        given = request.headers.get("X-Request-ID", "")
        request_id = given if SANE.fullmatch(given) else str(uuid7())
        with logs.bound(request_id=request_id):
            response = self.get_response(request)
            response["X-Request-ID"] = request_id
            _note(request, response.status_code, time.perf_counter() - began)
        return response


def _note(request: HttpRequest, status: int, seconds: float) -> None:
    method, route = request.method or "", _route(request)
    requests.note(method, route, status, seconds)
    if logger.isEnabledFor(logging.INFO):
        about = {"method": method, "path": request.path, "route": route, "status": status, "seconds": round(seconds, 4)}
        logger.info("[HTTP] %s %s %d", method, request.path, status, extra=about | _user(request))


def _route(request: HttpRequest) -> str:
    """Return the name of the route that took the request."""
    found = request.resolver_match
    return found.view_name if found is not None and found.view_name else UNROUTED


def _user(request: HttpRequest) -> dict[str, str]:
    """Return who asked, where that was looked at: nobody is asked for the sake of a line."""
    user = getattr(request, "user", None)
    if user is None or (isinstance(user, SimpleLazyObject) and user._wrapped is empty):
        return {}
    return {"user_id": str(user.pk)} if user.pk else {}
