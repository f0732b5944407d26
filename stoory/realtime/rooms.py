"""Local rooms, with an index the other way round so that a leaving socket costs its own rooms and not all of them.

python-socketio's manager scans every room of the namespace on a disconnect and makes a task a recipient on an emit;
this one writes an encoded packet to each member's queue at once, in order.
"""

from collections.abc import Iterable, Mapping

from stoory.realtime.sessions import Session


class Rooms:
    """Rooms of this server's sockets."""

    def __init__(self) -> None:
        self._members: dict[str, dict[str, Session]] = {}
        self._rooms: dict[str, set[str]] = {}

    def enter(self, session: Session, rooms: Iterable[str]) -> None:
        """Put a session into rooms."""
        mine = self._rooms.setdefault(session.sid, set())
        for room in rooms:
            mine.add(room)
            self._members.setdefault(room, {})[session.sid] = session

    def leave(self, session: Session, rooms: Iterable[str]) -> None:
        """Take a session out of rooms."""
        mine = self._rooms.get(session.sid, set())
        for room in rooms:
            if room in mine:
                mine.discard(room)
                self._drop(session, room)

    def leave_all(self, session: Session) -> None:
        """Take a session out of every room that it is in."""
        for room in self._rooms.pop(session.sid, ()):
            self._drop(session, room)

    def members(self, room: str) -> Mapping[str, Session]:
        """Return the sessions in a room, by their ids."""
        return self._members.get(room, {})

    def _drop(self, session: Session, room: str) -> None:
        members = self._members[room]
        del members[session.sid]
        if not members:
            del self._members[room]
