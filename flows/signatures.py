"""How a provider proves that an event is its own: HMAC-SHA256 with a shared secret over the time and the body.

The header is `Stoory-Signature: t=<seconds since 1970>,v1=<hex>`. It may hold several `v1`, of which one has to be
right, and the server may know several secrets, so that both ends can change theirs without a pause.
"""

import hashlib
import hmac
from collections.abc import Sequence

from stoory.errors import InvalidToken, NotAuthenticated, TokenExpired

HEADER = "Stoory-Signature"
TOLERANCE_SECONDS = 300
MAX_HEADER = 1_000


def sign(body: bytes, secret: str, at: int) -> str:
    """Return the header's value for a body that is sent at a time, in whole seconds since 1970."""
    return f"t={at},v1={_digest(body, secret, str(at))}"


def verify(header: str | None, body: bytes, secrets: Sequence[str], now: float) -> None:
    """Raise unless one of the secrets has signed the body, within five minutes of now.

    `NotAuthenticated` where there is no signature, `InvalidToken` where none is right, `TokenExpired` where one is and
    the time is not.
    """
    if not header:
        raise NotAuthenticated(f"Expected the header {HEADER}")
    at, given = _parts(header)
    expected = [_digest(body, secret, at) for secret in secrets]
    if not any(hmac.compare_digest(one, other) for one in given for other in expected):
        raise InvalidToken("Invalid signature")
    if abs(now - int(at)) > TOLERANCE_SECONDS:
        raise TokenExpired("The signature is not of the last five minutes")


def _parts(header: str) -> tuple[str, list[str]]:
    """Return the time and the signatures of the header; raises `InvalidToken`."""
    pairs = [part.strip().partition("=") for part in header[:MAX_HEADER].split(",")]
    times = [value for name, _, value in pairs if name == "t"]
    signatures = [value for name, _, value in pairs if name == "v1" and value.isascii()]
    if len(times) != 1 or not (times[0].isascii() and times[0].isdigit() and len(times[0]) <= 12):
        raise InvalidToken(f"Malformed {HEADER}")
    return times[0], signatures


def _digest(body: bytes, secret: str, at: str) -> str:
    return hmac.new(secret.encode(), at.encode() + b"." + body, hashlib.sha256).hexdigest()
