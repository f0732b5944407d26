"""How many messages a role may see in a conversation: counted once, and then only what has come since.

A message that is stored stays, in its place, and so does who may see it: what was counted up to a place holds for ever.
"""

from collections import OrderedDict
from threading import Lock
from typing import NamedTuple

REMEMBERED_AT_MOST = 10_000


class Counted(NamedTuple):
    """So many messages up to a place in the log, itself included."""

    total: int = 0
    up_to: int = 0


class Totals:
    """The latest counts of conversations, by who may see; for all threads."""

    def __init__(self) -> None:
        self._known: OrderedDict[tuple[str, str], Counted] = OrderedDict()
        self._lock = Lock()

    def known(self, conversation_id: str, role: str) -> Counted:
        """Return what was counted at last; nothing, if that was never or long ago."""
        return self._known.get((conversation_id, role), Counted())

    def remember(self, conversation_id: str, role: str, counted: Counted) -> None:
        """Note a count."""
        with self._lock:
            self._known[conversation_id, role] = counted
            self._known.move_to_end((conversation_id, role))
            if len(self._known) > REMEMBERED_AT_MOST:
                self._known.popitem(last=False)


totals = Totals()
