"""Which web pages may open sockets."""

from urllib.parse import urlsplit

from django.conf import settings
from django.http.request import split_domain_port, validate_host


def is_allowed(origin: str, host: str) -> bool:
    """Return whether a page of `origin` may connect to us by the name `host`.

    Pages of our own may, where the name is one of ours: a stranger's can't become so by what a request claims.
    """
    if settings.CORS_ALLOW_ALL_ORIGINS or origin in settings.CORS_ALLOWED_ORIGINS:
        return True
    if origin in settings.CSRF_TRUSTED_ORIGINS:
        return True
    name, _ = split_domain_port(host.lower())
    return bool(name) and _place(origin) == host.lower() and validate_host(name, settings.ALLOWED_HOSTS)


def _place(origin: str) -> str:
    try:
        return urlsplit(origin).netloc.lower()
    except ValueError:
        return ""
