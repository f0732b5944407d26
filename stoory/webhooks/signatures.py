"""Secrets and signatures as Standard Webhooks 1.0 has them (https://www.standardwebhooks.com)."""

import hmac
import secrets
from base64 import b64decode, b64encode
from collections.abc import Iterable
from hashlib import sha256

PREFIX = "whsec_"
SECRET_BYTES = 32


def new_secret() -> str:
    """Return a random secret: `whsec_` and 32 bytes in base64."""
    return PREFIX + b64encode(secrets.token_bytes(SECRET_BYTES)).decode()


def signed(keys: Iterable[str], hook_id: str, timestamp: int, body: bytes) -> dict[str, str]:
    """Return the headers of a hook, signed with each of the secrets."""
    content = f"{hook_id}.{timestamp}.".encode() + body
    return {
        "webhook-id": hook_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": " ".join(f"v1,{_signature(key, content)}" for key in keys),
    }


def _signature(key: str, content: bytes) -> str:
    return b64encode(hmac.digest(b64decode(key.removeprefix(PREFIX)), content, sha256)).decode()
