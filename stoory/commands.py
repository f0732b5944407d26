"""Commands: what someone wants. Every entrance (socket, REST, admin, command line) builds one and calls `execute`."""

from collections.abc import Callable
from typing import Any, Generic, TypeVar, cast

import msgspec

Result = TypeVar("Result")
AnyCommand = TypeVar("AnyCommand", bound="Command[Any]")


class Command(msgspec.Struct, Generic[Result], frozen=True, kw_only=True):
    """What `actor` (a user's id, taken from a verified token) wants; executing it yields a `Result`."""

    actor: str


_handlers: dict[type[Command[Any]], Callable[[Any], Any]] = {}


def handles(
    kind: type[AnyCommand],
) -> Callable[[Callable[[AnyCommand], Result]], Callable[[AnyCommand], Result]]:
    """Make the decorated service the handler of commands of `kind`: one transaction, state and event log."""

    def register(handler: Callable[[AnyCommand], Result]) -> Callable[[AnyCommand], Result]:
        _handlers[kind] = handler
        return handler

    return register


def execute(command: Command[Result]) -> Result:
    """Run a command's handler; raises the handler's `DomainError`s."""
    return cast(Result, _handlers[type(command)](command))
