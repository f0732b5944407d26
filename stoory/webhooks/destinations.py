"""Where hooks may go: what a URL names, and which addresses are never connected to."""

import re
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from urllib.parse import urlsplit

import msgspec
from django.conf import settings

from stoory.errors import InvalidPayload

MAX_URL = 500
PORTS = {"https": 443, "http": 80}
VISIBLE = re.compile(r"[!-~]+")
TRANSLATED = IPv6Network("64:ff9b::/96")  # by the network, to the IPv4 address at its end (RFC 6052)


class Destination(msgspec.Struct, frozen=True, kw_only=True):
    """A URL as it is asked for."""

    host: str
    port: int
    is_tls: bool
    authority: str
    target: str


def destination(url: str) -> Destination:
    """Return what a URL names; raises `InvalidPayload` where no hook may go there."""
    if len(url) > MAX_URL or not VISIBLE.fullmatch(url):
        raise InvalidPayload(f"Expected a URL of at most {MAX_URL} visible ASCII characters", path="url")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise InvalidPayload("Expected a URL", path="url") from None
    if parts.scheme not in ("https", "http") or not parts.hostname or port == 0:
        raise InvalidPayload("Expected an https URL", path="url")
    if parts.username is not None or parts.password is not None or parts.fragment:
        raise InvalidPayload("A name, a password or a fragment has no place in the URL", path="url")
    if parts.scheme == "http" and not settings.WEBHOOK_PRIVATE_ADDRESSES:
        raise InvalidPayload("Expected an https URL", path="url")
    return Destination(
        host=parts.hostname,
        port=port or PORTS[parts.scheme],
        is_tls=parts.scheme == "https",
        authority=parts.netloc,
        target=(parts.path or "/") + (f"?{parts.query}" if parts.query else ""),
    )


def is_public(text: str) -> bool:
    """Return whether an address is anybody's to reach: not this machine, no network of its own, nothing reserved."""
    address = ip_address(text.partition("%")[0])
    return all(each.is_global and not each.is_multicast for each in (address, *_meant(address)))


def _meant(address: IPv4Address | IPv6Address) -> list[IPv4Address]:
    """Return the IPv4 addresses to which what is sent to an IPv6 address may come."""
    if isinstance(address, IPv4Address):
        return []
    embedded = [address.ipv4_mapped, address.sixtofour, *(address.teredo or ())]
    translated = [IPv4Address(address.packed[-4:])] if address in TRANSLATED else []
    return [each for each in embedded if each is not None] + translated
