"""Repeats of sends without a nonce: the same tempId and text within ten minutes, on one server, is the same message.

Such a send is given a nonce here, and its repeat the same one; the rest is the nonce's own rule in the database.
"""

import time
from collections import OrderedDict

import msgspec

from messaging.commands import SendMessage
from messaging.errors import AlreadyProcessing
from stoory.ids import uuid7

REMEMBER_SECONDS = 600.0
REMEMBER_AT_MOST = 50_000

Key = tuple[str, str, str, str]


class Repeats:
    """The nonces given in the last ten minutes, oldest first."""

    def __init__(self) -> None:
        self._nonces: OrderedDict[Key, tuple[float, str]] = OrderedDict()

    def named(self, command: SendMessage) -> SendMessage:
        """Return `command` with a nonce, if it has anything by which a repeat can be told."""
        if command.client_nonce is not None or command.temp_id is None:
            return command
        now = time.monotonic()
        self._forget(now)
        key = (command.actor, command.conversation_id, command.temp_id, command.text)
        _, nonce = self._nonces.setdefault(key, (now, f"temp:{uuid7()}"))
        return msgspec.structs.replace(command, client_nonce=nonce)

    def _forget(self, now: float) -> None:
        while self._nonces:
            given_at, _ = next(iter(self._nonces.values()))
            if now - given_at < REMEMBER_SECONDS and len(self._nonces) < REMEMBER_AT_MOST:
                return
            self._nonces.popitem(last=False)


class InFlight:
    """Sends under way that promised an id (seed 004): `<user>:<tempId or content>` may be under way once."""

    def __init__(self) -> None:
        self._keys: set[str] = set()

    def begin(self, command: SendMessage) -> str | None:
        """Note a send; raises `AlreadyProcessing`. Sends of other families, which name no id before, are not noted."""
        if command.message_id is None:
            return None
        key = f"{command.actor}:{command.temp_id or command.text}"
        if key in self._keys:
            raise AlreadyProcessing
        self._keys.add(key)
        return key

    def end(self, key: str | None) -> None:
        """Forget it."""
        if key is not None:
            self._keys.discard(key)
