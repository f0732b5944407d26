"""Where a request comes from: the connection's other end, or what a trusted proxy says of whom it serves."""

from collections.abc import Iterable, Sequence
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

SUBSCRIBER = 64  # bits of an IPv6 address that one subscriber can't choose (RFC 6177)


def networks(texts: Iterable[str]) -> tuple[Network, ...]:
    """Return addresses and networks (`10.0.0.0/8`) as networks; raises `ValueError`."""
    return tuple(ip_network(text) for text in texts)


def client_address(peer: str, forwarded: Sequence[str], trusted: Sequence[Network]) -> str:
    """Return the address of a client: of the hops that led here the last one that is not ours.

    `forwarded` are the values of `X-Forwarded-For`, to which each proxy adds whom it heard from; what stands before the
    last address that is not a trusted proxy's is a stranger's word. A peer without an address came by a Unix socket,
    which a proxy on this machine does. What can't be read ends the way there.
    """
    if peer and not _is_one_of(trusted, peer):
        return peer
    nearest = peer
    for hop in reversed(",".join(forwarded).split(",")):
        address = _read(hop)
        if address is None:
            break
        nearest = str(address)
        if not _is_one_of(trusted, nearest):
            break
    return nearest


@lru_cache(maxsize=10_000)
def neighbourhood(address: str) -> str:
    """Return what one subscriber has: an IPv4 address, or the network of an IPv6 one."""
    known = _read(address)
    if isinstance(known, IPv6Address):
        return str(ip_network((known, SUBSCRIBER), strict=False))
    return address


def is_loopback(address: str) -> bool:
    """Return whether an address is this machine's own."""
    known = _read(address)
    return known is not None and known.is_loopback


def is_this_machine(host: str) -> bool:
    """Return whether what a URL names is this machine: by an address of its own, or by the name for that."""
    return host == "localhost" or is_loopback(host)


def _is_one_of(networks: Sequence[Network], text: str) -> bool:
    address = _read(text)
    return address is not None and any(address in network for network in networks)


def _read(text: str) -> Address | None:
    """Return an address that may have a port, and brackets around IPv6; None for anything else."""
    bare = text.strip()
    if bare.startswith("["):
        bare = bare[1:].partition("]")[0]
    elif bare.count(":") == 1:
        bare = bare.partition(":")[0]
    try:
        address = ip_address(bare)
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address
