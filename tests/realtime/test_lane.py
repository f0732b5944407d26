"""Group commit: what waits together is committed together, and fails alone."""

import asyncio
from collections.abc import Sequence
from typing import Any

from conversations.models import Conversation
from messaging.commands import SendMessage
from messaging.models import Message
from messaging.sending import Outcome
from stoory.accounts.models import User
from stoory.errors import DomainError
from stoory.events import Event
from stoory.realtime.database import database
from stoory.realtime.lane import Lane, NotStoredError, OutcomeUnknownError
from stoory.realtime.senders import sender


class Recorder:
    """A lane whose groups, answers and deliveries are written down in the order they happen."""

    def __init__(self) -> None:
        self.steps: list[tuple[str, Any]] = []
        self.groups: list[int] = []
        self._sender = sender()
        self.lane = Lane(
            self,
            deliver=lambda event: self.steps.append(("deliver", event.seq)),
            publish=lambda events: self.steps.append(("publish", [event.seq for event in events])),
        )

    async def send(self, commands: Sequence[SendMessage]) -> list[Outcome]:
        self.groups.append(len(commands))
        return await self._sender.send(commands)

    async def close(self) -> None:
        await self._sender.close()

    async def run(self, commands: Sequence[SendMessage]) -> list[Outcome | None]:
        outcomes: list[Outcome | None] = []

        def done(outcome: Outcome | None) -> None:
            outcomes.append(outcome)
            self.steps.append(("answer", len(outcomes)))

        for command in commands:
            self.lane.submit(command, done)
        await self.lane.start()
        await asyncio.wait_for(self.lane.stop(), 5)
        return outcomes


def hello(actor: User, conversation: Conversation, text: str = "Hi") -> SendMessage:
    return SendMessage(actor=actor.pk, conversation_id=str(conversation.pk), text=text)


async def test_it_commits_what_waits_as_one_group(transactional_db: None, alice: User, direct: Conversation) -> None:
    recorder = Recorder()
    await recorder.run([hello(alice, direct, str(n)) for n in range(250)])
    assert recorder.groups == [200, 50]
    assert await database(Message.objects.count) == 250


async def test_it_answers_each_before_its_event_and_publishes_last(
    transactional_db: None, alice: User, direct: Conversation
) -> None:
    recorder = Recorder()
    await recorder.run([hello(alice, direct), hello(alice, direct)])
    assert recorder.steps == [("answer", 1), ("deliver", 1), ("answer", 2), ("deliver", 2), ("publish", [1, 2])]


async def test_a_refused_command_fails_alone(
    transactional_db: None, alice: User, charlie: User, direct: Conversation
) -> None:
    first, refused, last = await Recorder().run([hello(alice, direct), hello(charlie, direct), hello(alice, direct)])
    assert isinstance(refused, DomainError)
    assert refused.code == "not_found"
    assert [outcome.message.seq for outcome in (first, last) if not isinstance(outcome, DomainError | None)] == [1, 2]


async def test_a_command_that_breaks_its_group_fails_alone(
    transactional_db: None, alice: User, direct: Conversation
) -> None:
    class Brittle(Recorder):
        async def send(self, commands: Sequence[SendMessage]) -> list[Outcome]:
            if any(command.text == "poison" for command in commands):
                raise ZeroDivisionError
            return await super().send(commands)

    outcomes = await Brittle().run([hello(alice, direct, text) for text in ("one", "poison", "two")])
    assert [isinstance(outcome, DomainError) for outcome in outcomes] == [False, True, False]
    assert await database(Message.objects.count) == 2


async def test_it_says_nothing_where_the_outcome_is_not_known(
    transactional_db: None, alice: User, direct: Conversation
) -> None:
    class Lost(Recorder):
        async def send(self, commands: Sequence[SendMessage]) -> list[Outcome]:
            await super().send(commands)
            raise OutcomeUnknownError("the connection was lost at COMMIT")

    recorder = Lost()
    assert await recorder.run([hello(alice, direct), hello(alice, direct)]) == [None, None]
    assert await database(Message.objects.count) == 2
    assert [step for step, _ in recorder.steps] == ["answer", "answer"]


async def test_it_refuses_all_at_once_where_the_database_is_not_reached(alice: User, direct: Conversation) -> None:
    class Alone(Recorder):
        async def send(self, commands: Sequence[SendMessage]) -> list[Outcome]:
            self.groups.append(len(commands))
            raise NotStoredError("connection refused")

    recorder = Alone()
    outcomes = await recorder.run([hello(alice, direct), hello(alice, direct)])
    assert [outcome.code for outcome in outcomes if isinstance(outcome, DomainError)] == ["internal"] * 2
    assert recorder.groups == [2]


async def test_a_sender_who_can_not_be_answered_does_not_stop_the_lane(
    transactional_db: None, alice: User, direct: Conversation
) -> None:
    events: list[Event] = []
    lane = Lane(sender(), deliver=events.append, publish=lambda batch: None)

    def broken(outcome: Outcome | None) -> None:
        raise ZeroDivisionError

    lane.submit(hello(alice, direct), broken)
    lane.submit(hello(alice, direct), lambda outcome: None)
    await lane.start()
    await asyncio.wait_for(lane.stop(), 5)
    assert [event.seq for event in events] == [1, 2]
