"""Who is typing: ended by the server after six seconds of silence, and when the socket goes."""

import asyncio
from collections.abc import Callable

from stoory.realtime.events import Typing
from stoory.times import utc_now

SILENCE_SECONDS = 6.0


class TypingIndicators:
    """The indicators that this server's sockets have set: user → conversation → when it ends."""

    def __init__(self, publish: Callable[[Typing], None]) -> None:
        self._publish = publish
        self._ends: dict[str, dict[str, asyncio.TimerHandle]] = {}

    def start(self, conversation_id: str, user_id: str) -> None:
        """Tell the others, or, where they know, wait another six seconds."""
        mine = self._ends.setdefault(user_id, {})
        known = mine.get(conversation_id)
        if known is not None:
            known.cancel()
        loop = asyncio.get_running_loop()
        mine[conversation_id] = loop.call_later(SILENCE_SECONDS, self.stop, conversation_id, user_id)
        if known is None:
            self._tell(conversation_id, user_id, is_typing=True)

    def stop(self, conversation_id: str, user_id: str) -> None:
        """Tell the others that the user no longer types, where they think so."""
        mine = self._ends.get(user_id, {})
        end = mine.pop(conversation_id, None)
        if not mine:
            self._ends.pop(user_id, None)
        if end is not None:
            end.cancel()
            self._tell(conversation_id, user_id, is_typing=False)

    def stop_all(self, user_id: str) -> None:
        """Tell it of every conversation in which the user types."""
        for conversation_id in list(self._ends.get(user_id, ())):
            self.stop(conversation_id, user_id)

    def _tell(self, conversation_id: str, user_id: str, *, is_typing: bool) -> None:
        self._publish(Typing(conversation_id=conversation_id, at=utc_now(), user_id=user_id, is_typing=is_typing))
