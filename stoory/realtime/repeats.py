"""Repeats of sends without a nonce: the same tempId and text within ten minutes, on one server, is the same message.

Such a send is given a nonce here, and its repeat the same one; the rest is the nonce's own rule in the database.
"""

import time
from collections import OrderedDict

import msgspec

from messaging.commands import SendMessage
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
