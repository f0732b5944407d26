"""Identifiers: UUID version 7, so that new rows land at the end of an index."""

import os
import time
from uuid import UUID


def uuid7() -> UUID:
    """Return a new UUIDv7 (RFC 9562, 5.7): 48 bits of Unix milliseconds, 74 random bits."""
    value = (time.time_ns() // 1_000_000) << 80 | int.from_bytes(os.urandom(10), "big")
    value = value & ~(0xF << 76) | 7 << 76
    value = value & ~(0b11 << 62) | 0b10 << 62
    return UUID(int=value)


def new_user_id() -> str:
    """Return the id of a user who did not come from an external identity provider."""
    return str(uuid7())


def parse_uuid(text: str) -> UUID | None:
    """Return the UUID that `text` spells as we spell it, or None: an id from a client may be anything."""
    try:
        value = UUID(text)
    except ValueError:
        return None
    return value if str(value) == text else None
