"""What is wrong with the settings, said by every command before it starts."""

from ipaddress import ip_address
from typing import Any
from urllib.parse import SplitResult, urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register

MAX_ISSUER_LENGTH = 200  # the column's


@register(Tags.security)
def check_external_issuer(**kwargs: Any) -> list[CheckMessage]:
    """Check that an external issuer is named, and that its keys come from where nobody can change them on the way."""
    faults: list[CheckMessage] = []
    if bool(settings.JWT_JWKS_URL) != bool(settings.JWT_ISSUER):
        faults.append(Error("JWT_JWKS_URL and JWT_ISSUER have to be set together.", id="stoory.E001"))
    if settings.JWT_JWKS_URL and not _is_safe(settings.JWT_JWKS_URL):
        hint = "With DEBUG=1, plain HTTP on this machine's own address will do too."
        faults.append(Error("JWT_JWKS_URL has to be an https URL.", hint=hint, id="stoory.E002"))
    if len(settings.JWT_ISSUER) > MAX_ISSUER_LENGTH:
        faults.append(Error(f"JWT_ISSUER is longer than {MAX_ISSUER_LENGTH} characters.", id="stoory.E003"))
    return faults


def _is_safe(url: str) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    if parts.scheme == "https":
        return bool(parts.hostname)
    return bool(settings.DEBUG) and parts.scheme == "http" and _is_loopback(parts)


def _is_loopback(parts: SplitResult) -> bool:
    host = parts.hostname or ""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
