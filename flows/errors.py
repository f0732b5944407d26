"""How a step can be refused. Each carries where the conversation is `current`ly, so that a client can redraw."""

from flows.snapshots import Refusal
from stoory.errors import DomainError, NotFound
from stoory.payloads import JsonValue


class WrongRole(DomainError):
    """This action is somebody else's."""

    code = "wrong_role"


class StaleAction(DomainError):
    """This step has already moved on."""

    code = "stale_action"


class NotAvailable(DomainError):
    """This action is not available."""

    code = "not_available"


class InvalidInput(DomainError):
    """Some answers are not valid."""

    code = "invalid_input"


class UnknownAction(DomainError):
    """There is no such action."""

    code = "unknown_action"


class Expired(DomainError):
    """The time for this action has run out."""

    code = "expired"


class FlowEnded(DomainError):
    """This conversation has ended."""

    code = "flow_ended"


class FlowPaused(DomainError):
    """This conversation is paused by our staff."""

    code = "flow_paused"


class NonceReused(DomainError):
    """This nonce was used for another request."""

    code = "nonce_reused"


class Busy(DomainError):
    """Somebody else is acting on this conversation. Try again."""

    code = "busy"


class FlowNotFound(NotFound):
    """Flow not found"""


class InvalidFlow(DomainError):
    """This flow has errors. `findings` says what and where."""

    code = "invalid_flow"


class MigrationRefused(DomainError):
    """These conversations can't be migrated like this. `problems` says why."""

    code = "migration_refused"


class EffectNotFound(NotFound):
    """Effect not found"""


REFUSALS: dict[str, type[DomainError]] = {
    error.code: error
    for error in (WrongRole, StaleAction, NotAvailable, InvalidInput, UnknownAction, Expired, FlowEnded)
}
"""The interpreter's refusals as errors, by code."""


def as_error(refusal: Refusal) -> DomainError:
    """Return the interpreter's refusal as an error."""
    details: dict[str, JsonValue] = {"current": refusal.current}
    if refusal.fields:
        details["fields"] = refusal.fields
    return REFUSALS[refusal.code](refusal.message, **details)
