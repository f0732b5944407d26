"""What travels on the bus is sealed with a key that only our servers have.

Whoever can write to Redis could otherwise tell every client whatever they like.
"""

import hmac
from typing import Any

from django.conf import settings


class BadEnvelopeError(Exception):
    """An envelope that none of our servers has sealed, or that this one can't read."""


def seal(node: str, body: bytes) -> dict[str, Any]:
    """Return `body` as an envelope from `node`."""
    return {"type": "events", "node": node, "events": body, "seal": _seal(node, body)}


def unseal(envelope: Any) -> tuple[str, bytes]:
    """Return the node that sealed an envelope and its body; raises `BadEnvelopeError`."""
    match envelope:
        case {"node": str(node), "events": bytes(body), "seal": bytes(found)}:
            if hmac.compare_digest(found, _seal(node, body)):
                return node, body
    raise BadEnvelopeError("it does not bear our seal")


def _seal(node: str, body: bytes) -> bytes:
    return hmac.digest(settings.BUS_KEY.encode(), node.encode("utf-8", "replace") + b"\0" + body, "sha256")
