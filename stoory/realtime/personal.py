"""Events that say something else to every participant: what each has unread is read once for all that wait together."""

import asyncio
import logging
from collections.abc import Callable, Iterator

from messaging.inbox import readers
from stoory.realtime import packets
from stoory.realtime.contracts.base import PersonalEmit, Reader
from stoory.realtime.database import database
from stoory.realtime.roster import Roster
from stoory.realtime.sessions import Session, Sessions
from stoory.realtime.told import Told

logger = logging.getLogger(__name__)

Push = Callable[[Session, packets.Frame], None]


class PersonalEmits:
    """A queue of personal emits and the task that tells them, in order. Where nobody listens nothing is read."""

    def __init__(self, sessions: Sessions, roster: Roster, push: Push, told: Told) -> None:
        self._sessions = sessions
        self._roster = roster
        self._push = push
        self._told = told
        self._waiting: list[PersonalEmit] = []
        self._task: asyncio.Task[None] | None = None

    def emit(self, emit: PersonalEmit) -> None:
        """Tell each listening participant of this server, soon."""
        if next(self._listeners(emit), None) is None:
            return
        self._waiting.append(emit)
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._run())

    async def _run(self) -> None:
        while self._waiting:
            emits, self._waiting = self._waiting, []
            users = {session.user_id for emit in emits for session in self._listeners(emit)}
            try:
                found = await database(readers, {emit.to.conversation_id for emit in emits}, users)
            except Exception as error:
                logger.warning("%d personal events are lost: %r", len(emits), error)
                continue
            known = {(place, user_id): Reader(user_id=user_id, **line) for (place, user_id), line in found.items()}
            for emit in emits:
                self._tell(emit, known)

    def _tell(self, emit: PersonalEmit, known: dict[tuple[str, str], Reader]) -> None:
        deliveries = 0
        for session in self._listeners(emit):
            reader = known.get((emit.to.conversation_id, session.user_id))
            if reader is not None:
                self._push(session, packets.event(session.namespace, emit.name, emit.payload(reader)))
                logger.info("[EMIT] %s -> user_%s", emit.name, session.user_id)
                deliveries += 1
        if deliveries:
            self._told.note(emit.name, deliveries)

    def _listeners(self, emit: PersonalEmit) -> Iterator[Session]:
        to = emit.to
        for user_id in self._roster.addressed(to.conversation_id, role=to.role, but_user=to.but_user):
            for session in self._sessions.of_user(user_id):
                if session.listens_to(*emit.contracts):
                    yield session
