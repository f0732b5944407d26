"""How a request about messages can fail."""

from stoory.errors import DomainError, NotFound


class MessageNotFound(NotFound):
    """Message not found"""


class NonceReused(DomainError):
    """This nonce was used for another message"""

    code = "nonce_reused"


class AlreadyProcessing(DomainError):
    """Message already being processed"""

    code = "nonce_reused"
