"""What is for whoever runs the server alone: who asks from this machine itself, or knows the token."""

from secrets import compare_digest

from django.conf import settings
from django.http import HttpRequest

from stoory.addresses import is_loopback

FORWARDING = ("HTTP_X_FORWARDED_FOR", "HTTP_FORWARDED", "HTTP_X_REAL_IP", "HTTP_X_FORWARDED_PROTO", "HTTP_VIA")
"""Headers of which a proxy adds at least one: what came through it did not come from this machine."""


def is_operator(request: HttpRequest) -> bool:
    """Return whether a request shows `METRICS_TOKEN` (`Authorization: Bearer …`) or, where none is set, is local."""
    if settings.METRICS_TOKEN:
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        return scheme.lower() == "bearer" and compare_digest(token.encode(), settings.METRICS_TOKEN.encode())
    is_local = is_loopback(request.META.get("REMOTE_ADDR", ""))
    return is_local and not any(name in request.META for name in FORWARDING)
