"""Which web pages may open sockets, and by which names anybody may reach us."""

from urllib.parse import urlsplit

from django.conf import settings
from django.http.request import split_domain_port, validate_host


def is_allowed(origin: str | None, host: str) -> bool:
    """Return whether a page of `origin` may connect to us by the name `host`; None is no page, but a program.

    Django's own checks of `Host` don't see sockets. Pages of our own may connect, where the name is one of ours: a
    stranger's can't become so by what a request claims.
    """
    return _is_ours(host) and (origin is None or _is_welcome(origin, host))


def _is_ours(host: str) -> bool:
    if not host:  # browsers always name it
        return True
    name, _ = split_domain_port(host.lower())
    return bool(name) and validate_host(name, settings.ALLOWED_HOSTS)


def _is_welcome(origin: str, host: str) -> bool:
    if settings.CORS_ALLOW_ALL_ORIGINS or origin in settings.CORS_ALLOWED_ORIGINS:
        return True
    return origin in settings.CSRF_TRUSTED_ORIGINS or (bool(host) and _place(origin) == host.lower())


def _place(origin: str) -> str:
    try:
        return urlsplit(origin).netloc.lower()
    except ValueError:
        return ""
