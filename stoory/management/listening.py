"""Taking a port."""

import socket
import sys

from django.core.management.base import CommandError

MAX_PORT = 65_535
UNTAKEN_SECONDS = 10  # that bytes wait for a client's machine before the kernel gives them and the connection up


def listen(host: str, port: int) -> socket.socket:
    """Return a socket bound to a port, to any free one where it is 0; raises `CommandError` where it is taken.

    Its connections have a time-out: the kernel would keep what a vanished client was sent, and the connection, for
    minutes.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if sys.platform == "linux":
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, UNTAKEN_SECONDS * 1_000)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        raise CommandError(f"Can't listen on {host}:{port}: {error.strerror}. Is another server there?") from error
    except OverflowError as error:
        listener.close()
        raise CommandError(f"There is no port {port}: the last one is {MAX_PORT}.") from error
    return listener


def url_of(host: str, listener: socket.socket) -> str:
    """Return where what listens on a host, or on all addresses, is reached from this machine."""
    shown = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, f"[{host}]" if ":" in host else host)
    return f"http://{shown}:{listener.getsockname()[1]}"
