"""How a request about messages can fail."""

from stoory.errors import DomainError


class NonceReused(DomainError):
    """This nonce was used for another message"""

    code = "nonce_reused"
