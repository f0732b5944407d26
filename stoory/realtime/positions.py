"""How far this server has delivered each conversation: every event once, in the log's order, whatever the bus does.

Pure bookkeeping without I/O. An event at or below the position was delivered and is dropped; the next one is let
through; one further on waits until the hole before it is filled, by the bus or from the log.
"""

from stoory.events import Event


class Positions:
    """The last delivered seq of each followed conversation, and the events that came too early."""

    def __init__(self) -> None:
        self._delivered: dict[str, int] = {}
        self._early: dict[str, dict[int, Event]] = {}

    def follow(self, conversation_id: str, seq: int) -> None:
        """Begin after `seq`, unless the conversation is followed already."""
        self._delivered.setdefault(conversation_id, seq)

    def forget(self, conversation_id: str) -> None:
        """Stop following: nobody here takes part any more."""
        self._delivered.pop(conversation_id, None)
        self._early.pop(conversation_id, None)

    def is_followed(self, conversation_id: str) -> bool:
        """Return whether anybody here takes part."""
        return conversation_id in self._delivered

    def delivered(self, conversation_id: str) -> int | None:
        """Return the last delivered seq, or None for a conversation that is not followed."""
        return self._delivered.get(conversation_id)

    def accept(self, event: Event) -> list[Event]:
        """Take an event in and return those that are to be delivered now, in order."""
        delivered = self._delivered.get(event.conversation_id)
        if delivered is None or event.seq <= delivered:
            return []
        early = self._early.get(event.conversation_id)
        if event.seq == delivered + 1 and early is None:
            self._delivered[event.conversation_id] = event.seq
            return [event]
        early = self._early.setdefault(event.conversation_id, {})
        early[event.seq] = event
        return self._release(event.conversation_id, early)

    def hole(self, conversation_id: str) -> tuple[int, int] | None:
        """Return (delivered, first seq that came too early), or None where nothing is missing."""
        early = self._early.get(conversation_id)
        return (self._delivered[conversation_id], min(early)) if early else None

    def skip_to(self, conversation_id: str, seq: int) -> list[Event]:
        """Give up on what the log no longer has, up to `seq`, and return what is deliverable behind it."""
        self._delivered[conversation_id] = max(self._delivered[conversation_id], seq)
        return self._release(conversation_id, self._early.get(conversation_id, {}))

    def _release(self, conversation_id: str, early: dict[int, Event]) -> list[Event]:
        ready: list[Event] = []
        delivered = self._delivered[conversation_id]
        while (event := early.pop(delivered + 1, None)) is not None:
            ready.append(event)
            delivered += 1
        for stale in [seq for seq in early if seq <= delivered]:
            del early[stale]
        self._delivered[conversation_id] = delivered
        if not early:
            self._early.pop(conversation_id, None)
        return ready
