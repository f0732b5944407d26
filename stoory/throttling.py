"""The limiter of this process, and how REST and pages ask it."""

from collections.abc import Callable
from functools import cache
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from stoory.errors import RateLimited
from stoory.limits import Limiter, LocalMarks
from stoory.shared_limits import SharedMarks


@cache
def limiter() -> Limiter:
    """Return the one limiter, for all threads: its marks are shared by all servers where there is a Redis."""
    marks = SharedMarks(settings.REDIS_URL) if settings.REDIS_URL else LocalMarks()
    rates = settings.LIMITS if settings.RATE_LIMITS else {}
    return Limiter(rates, marks, per_address=settings.LIMIT_ADDRESS_FACTOR)


def address_of(request: HttpRequest | Request) -> str:
    """Return where a request comes from; trusted proxies have been looked behind before."""
    return str(request.META.get("REMOTE_ADDR") or "")


class Throttle(BaseThrottle):
    """Counts every request that is allowed to ask: as what its view's `limits` say of its method, or as `other`."""

    def allow_request(self, request: Request, view: Any) -> bool:
        limit = getattr(view, "limits", {}).get(request.method, "other")
        limiter().charge(limit, str(request.user.pk or ""), address_of(request))
        return True


class TooManyMiddleware:
    """Answers for pages that are not of the API, of which the login forms are limited."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if not isinstance(error, RateLimited):
            return None
        seconds = str(error.details["retryAfter"])
        text = f"{error.message}. Try again in {seconds} seconds."
        return HttpResponse(text, status=429, content_type="text/plain", headers={"Retry-After": seconds})
