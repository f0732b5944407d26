"""Questions of staff to all servers: each answers of what it alone knows, and who is silent is left out.

The answers are no part of any conversation and of no promise: they cross the bus, which may lose them.
"""

import asyncio
import logging
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

from stoory.events import Event
from stoory.ids import uuid7
from stoory.realtime.waiting import wait_for
from stoory.times import utc_now

logger = logging.getLogger(__name__)

PATIENCE_SECONDS = 1.0

Answer = Callable[[Mapping[str, Any]], Any]
"""From what is asked about to plain data; on the event loop, and quick."""


class Asked(Event, frozen=True, kw_only=True, tag="asked"):
    """A question to every server."""

    conversation_id: str = ""
    question: str
    topic: str
    about: dict[str, Any]


class Answered(Event, frozen=True, kw_only=True, tag="answered"):
    """What one server knows."""

    conversation_id: str = ""
    question: str
    server: str
    answer: Any


class Inquiries:
    """This server's part: it asks the others for staff who are here, and answers for itself."""

    def __init__(
        self, server_id: str, publish: Callable[[Sequence[Event]], None], answers: Mapping[str, Answer]
    ) -> None:
        self.server_id = server_id
        self._publish = publish
        self._answers = answers
        self._waiting: dict[str, tuple[dict[str, Any], set[str], asyncio.Event]] = {}

    async def ask(self, topic: str, about: dict[str, Any], servers: Collection[str]) -> dict[str, Any]:
        """Return the answers by server: this one's, and those of `servers` that answer within a second."""
        question = str(uuid7())
        answers, complete = {self.server_id: self._answers[topic](about)}, asyncio.Event()
        others = set(servers) - {self.server_id}
        if not others:
            return answers
        self._waiting[question] = answers, others, complete
        self._publish([Asked(at=utc_now(), question=question, topic=topic, about=about)])
        try:
            if not await wait_for(complete, PATIENCE_SECONDS):
                logger.info("Of %d servers that were asked for %s, %d answered", len(servers), topic, len(answers))
        finally:
            del self._waiting[question]
        return answers

    def take(self, events: Sequence[Event]) -> list[Event]:
        """Answer what is asked and keep what is answered; return the other events."""
        return [event for event in events if not self._is_taken(event)]

    def _is_taken(self, event: Event) -> bool:
        match event:
            case Asked():
                self._answer(event)
            case Answered():
                self._keep(event)
            case _:
                return False
        return True

    def _answer(self, asked: Asked) -> None:
        answer = self._answers.get(asked.topic)
        if answer is None:  # a newer release may ask what this one does not know
            return
        try:
            known = answer(asked.about)
        except Exception:  # what came with the question is still to be heard
            logger.exception("%s can't be answered", asked.topic)
        else:
            self._publish([Answered(at=utc_now(), question=asked.question, server=self.server_id, answer=known)])

    def _keep(self, answered: Answered) -> None:
        if answered.question in self._waiting:
            answers, others, complete = self._waiting[answered.question]
            answers[answered.server] = answered.answer
            if others <= answers.keys():
                complete.set()


class Desk:
    """Where threads of this process ask; nobody answers where the process has no sockets."""

    def __init__(self) -> None:
        self._open: list[tuple[Inquiries, asyncio.AbstractEventLoop]] = []

    def open(self, inquiries: Inquiries) -> None:
        """Take questions for a server that runs on this loop."""
        self._open.append((inquiries, asyncio.get_running_loop()))

    def close(self, inquiries: Inquiries) -> None:
        """Take none for it any more."""
        self._open = [entry for entry in self._open if entry[0] is not inquiries]

    def ask(self, topic: str, servers: Collection[str], **about: Any) -> dict[str, Any]:
        """Return the answers by server, from any thread but the loop's."""
        for inquiries, loop in self._open:
            asked = asyncio.run_coroutine_threadsafe(inquiries.ask(topic, about, servers), loop)
            try:
                return asked.result(PATIENCE_SECONDS * 2)
            except TimeoutError:
                logger.warning("Nobody could be asked for %s", topic)
        return {}


desk = Desk()
