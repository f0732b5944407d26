"""The newest events of busy conversations, for clients that come back all at once: told again without the database.

Pure bookkeeping. Of each conversation the last 300 that were delivered here, without a hole; of all together as many as
`RING_EVENTS` says, the conversations that moved longest ago forgotten first. What was changed later is not kept: who
deletes a message does not want it told again.
"""

from collections import OrderedDict, deque
from collections.abc import Sequence
from itertools import islice

from msgspec.structs import replace

from messaging.events import MessageDeleted, MessageEdited, MessageSent
from stoory.events import Event

EACH = 300
CHANGES = (MessageDeleted, MessageEdited)


class Ring:
    """Delivered events by conversation. `served` and `missed` count the questions that it could answer, or not."""

    def __init__(self, size: int) -> None:
        self.served = 0
        self.missed = 0
        self._size = size
        self._count = 0
        self._events: OrderedDict[str, deque[Event]] = OrderedDict()

    def __len__(self) -> int:
        return self._count

    def add(self, event: Event) -> None:
        """Keep an event that is delivered now."""
        kept = self._events.get(event.conversation_id)
        if kept is not None and (kept[-1].seq + 1 != event.seq or isinstance(event, CHANGES)):
            self.forget(event.conversation_id)
            kept = None
        if isinstance(event, CHANGES):
            return
        if kept is None:
            kept = self._events[event.conversation_id] = deque()
        kept.append(event)
        self._count += 1
        self._events.move_to_end(event.conversation_id)
        self._shrink(kept)

    def forget(self, conversation_id: str) -> None:
        """Drop what is kept of a conversation."""
        self._count -= len(self._events.pop(conversation_id, ()))

    def between(self, conversation_id: str, after_seq: int, up_to: int) -> Sequence[Event] | None:
        """Return the events from `after_seq` (exclusive) to `up_to` (inclusive); None unless all of them are kept."""
        if after_seq == up_to:
            return ()
        kept = self._events.get(conversation_id)
        if kept is None or not kept[0].seq <= after_seq + 1 <= up_to <= kept[-1].seq:
            self.missed += 1
            return None
        self.served += 1
        first = kept[0].seq
        return [_as_stored(event) for event in islice(kept, after_seq + 1 - first, up_to + 1 - first)]

    def _shrink(self, newest: deque[Event]) -> None:
        if len(newest) > EACH:
            newest.popleft()
            self._count -= 1
        while self._count > self._size:
            self.forget(next(iter(self._events)))


def _as_stored(event: Event) -> Event:
    """Return the event as the log would tell it."""
    return replace(event, temp_id=None) if isinstance(event, MessageSent) and event.temp_id else event
