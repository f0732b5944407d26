"""Who is typing: ended by the server after six seconds of silence, and when the socket goes that told it."""

import asyncio
from collections.abc import Callable

from stoory.realtime.events import Typing
from stoory.times import utc_now

SILENCE_SECONDS = 6.0

Place = tuple[str, str]
"""A conversation and a user in it."""


class TypingIndicators:
    """The indicators of this server's sockets: a user types somewhere while any of their sockets does."""

    def __init__(self, publish: Callable[[Typing], None]) -> None:
        self._publish = publish
        self._ends: dict[Place, dict[str, asyncio.TimerHandle]] = {}
        self._places: dict[str, set[Place]] = {}

    def start(self, conversation_id: str, user_id: str, sid: str) -> None:
        """Tell the others, or, where they know, wait another six seconds."""
        place = conversation_id, user_id
        is_news = place not in self._ends
        self._forget(place, sid)
        end = asyncio.get_running_loop().call_later(SILENCE_SECONDS, self.stop, conversation_id, user_id, sid)
        self._ends.setdefault(place, {})[sid] = end
        self._places.setdefault(sid, set()).add(place)
        if is_news:
            self._tell(place, is_typing=True)

    def stop(self, conversation_id: str, user_id: str, sid: str) -> None:
        """Tell the others that the user no longer types, where they think so and no other socket of theirs does."""
        place = conversation_id, user_id
        if self._forget(place, sid) and place not in self._ends:
            self._tell(place, is_typing=False)

    def stop_all(self, sid: str) -> None:
        """Tell it of every conversation in which the socket typed."""
        for conversation_id, user_id in list(self._places.get(sid, ())):
            self.stop(conversation_id, user_id, sid)

    def _forget(self, place: Place, sid: str) -> bool:
        ends = self._ends.get(place, {})
        end = ends.pop(sid, None)
        if end is None:
            return False
        end.cancel()
        if not ends:
            del self._ends[place]
        mine = self._places[sid]
        mine.discard(place)
        if not mine:
            del self._places[sid]
        return True

    def _tell(self, place: Place, *, is_typing: bool) -> None:
        conversation_id, user_id = place
        self._publish(Typing(conversation_id=conversation_id, at=utc_now(), user_id=user_id, is_typing=is_typing))
