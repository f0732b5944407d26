"""What a server answers staff: its figures, its sockets, and what became of a message."""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from stoory.realtime.polling import Polling
from stoory.realtime.sessions import Session, Sessions
from stoory.realtime.trace import Trace

LISTED_SOCKETS = 500

End = Callable[[Session], None]


class Answers:
    """Answers for one server."""

    def __init__(self, sessions: Sessions, trace: Trace, end: End, figures: Callable[[], dict[str, Any]]) -> None:
        self._sessions = sessions
        self._trace = trace
        self._end = end
        self._figures = figures

    def by_topic(self) -> Mapping[str, Callable[[Mapping[str, Any]], Any]]:
        """Return what can be asked."""
        return {
            "figures": self.figures,
            "sockets": self.sockets,
            "disconnect": self.disconnect,
            "trace": self.trace,
        }

    def figures(self, about: Mapping[str, Any]) -> dict[str, Any]:
        """Return this server's counters."""
        return self._figures()

    def sockets(self, about: Mapping[str, Any]) -> dict[str, Any]:
        """Return the sockets of one user, or the first 500 of all, and how many there are."""
        user_id = about.get("user_id")
        wanted = list(self._sessions.of_user(user_id) if user_id else self._sessions)
        return {"count": len(wanted), "sockets": [_described(session) for session in wanted[:LISTED_SOCKETS]]}

    def disconnect(self, about: Mapping[str, Any]) -> int:
        """Send a user's sockets away, or the one with a handle; return how many. They may come again."""
        handle = about.get("handle")
        found = [each for each in self._sessions.of_user(about["user_id"]) if handle in (None, handle_of(each.sid))]
        for session in found:
            self._end(session)
        return len(found)

    def trace(self, about: Mapping[str, Any]) -> dict[str, Any]:
        """Return what is known here of a message, and of the sockets of its readers."""
        record = self._trace.found(about["key"])
        known = record.as_dict() if record is not None else None
        if known is not None:
            known["emits"] = [
                {"event": name, "count": count, "sockets": [(user, handle_of(sid)) for user, sid in named]}
                for name, count, named in known["emits"]
            ]
        users = about.get("user_ids", [])
        return {
            "record": known,
            "refusals": self._trace.refusals(about["key"]),
            "ends": self._trace.ends(users),
            "sockets": list(self._of_readers(users, about.get("conversation_id", ""))),
            "reaches_back_to": self._trace.reaches_back_to(),
        }

    def _of_readers(self, user_ids: Iterable[str], conversation_id: str) -> Iterator[dict[str, Any]]:
        for user_id in user_ids:
            for session in self._sessions.of_user(user_id):
                has_joined = any(conversation == conversation_id for _, conversation in session.joined)
                yield {**_described(session), "joined": has_joined, "muted": sorted(session.muted)}


def handle_of(sid: str) -> str:
    """Return by what staff tells a socket from others: not its id, which whoever knows it can speak for."""
    return hashlib.sha256(sid.encode()).hexdigest()[:10]


def _described(session: Session) -> dict[str, Any]:
    connection = session.connection
    return {
        "handle": handle_of(session.sid),
        "user_id": session.user_id,
        "family": session.family,
        "address": connection.peer.address,
        "transport": "polling" if isinstance(connection.transport, Polling) else "websocket",
        "since": session.since,
        "waiting_bytes": connection.transport.waiting(),
    }
