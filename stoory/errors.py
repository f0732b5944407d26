"""Failures that a client is told about: one class each, with a stable code.

The docstring of a class is its default message. Every wire translates a `DomainError` in one place: `stoory.http` for
REST, a contract's `fault` for sockets. Anything else that is raised is a bug, logged and answered as `internal`.
"""

import inspect
from math import ceil
from typing import Any, ClassVar


class DomainError(Exception):
    """Something went wrong on our side."""

    code: ClassVar[str] = "internal"

    def __init__(self, message: str | None = None, **details: Any) -> None:
        self.message = message or inspect.cleandoc(type(self).__doc__ or "")
        self.details = details
        super().__init__(self.message)

    def as_dict(self) -> dict[str, Any]:
        """Return `{code, message, …details}`, the error object of an acknowledgement."""
        return {"code": self.code, "message": self.message, **self.details}


class NotAuthenticated(DomainError):
    """Not authenticated"""

    code = "not_authenticated"


class InvalidToken(DomainError):
    """Invalid token"""

    code = "invalid_token"


class TokenExpired(DomainError):
    """Token expired"""

    code = "token_expired"


class InvalidPayload(DomainError):
    """Invalid payload"""

    code = "invalid_payload"

    def __init__(self, message: str | None = None, *, path: str = "$") -> None:
        super().__init__(message, path=path)


class PayloadTooLarge(DomainError):
    """Payload too large"""

    code = "payload_too_large"


class RateLimited(DomainError):
    """Too many requests"""

    code = "rate_limited"

    def __init__(self, seconds: float, message: str | None = None) -> None:
        super().__init__(message, retryAfter=max(1, ceil(seconds)))  # whole ones, as the HTTP header has them


class UnknownEvent(DomainError):
    """Unknown event"""

    code = "unknown_event"


class NotFound(DomainError):
    """Not found"""

    code = "not_found"


class Forbidden(DomainError):
    """Forbidden"""

    code = "forbidden"
