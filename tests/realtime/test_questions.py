"""Questions that are asked together: each is answered, alone or not, and fails alone."""

import asyncio
from collections.abc import Sequence
from threading import Event

import pytest

from stoory.errors import DomainError, Forbidden
from stoory.realtime.database import database
from stoory.realtime.questions import MAX_BATCH, Questions


class Database:
    """Answers with the question's double, once it may; 13 it refuses, and chokes on 666."""

    def __init__(self) -> None:
        self.groups: list[int] = []
        self.may_answer = Event()

    def questions(self) -> Questions[int, int]:
        return Questions(lambda questions: database(self.ask, questions))

    def ask(self, questions: Sequence[int]) -> list[int | DomainError]:
        self.groups.append(len(questions))
        assert self.may_answer.wait(10)
        if 666 in questions:
            raise RuntimeError("the database chokes")
        return [Forbidden() if question == 13 else 2 * question for question in questions]


async def ask_while_busy(base: Database, asked: Sequence[int]) -> list[int | BaseException]:
    """Ask one question, and the others while it is under way."""
    questions = base.questions()
    first = asyncio.create_task(questions.ask(0))
    await asyncio.sleep(0)
    others = [asyncio.create_task(questions.ask(number)) for number in asked]
    await asyncio.sleep(0)
    base.may_answer.set()
    return await asyncio.gather(first, *others, return_exceptions=True)


async def test_what_comes_meanwhile_is_asked_together() -> None:
    base = Database()
    assert await ask_while_busy(base, range(1, 6)) == [0, 2, 4, 6, 8, 10]
    assert base.groups == [1, 5]


async def test_a_group_is_bounded() -> None:
    base = Database()
    await ask_while_busy(base, range(MAX_BATCH + 1))
    assert base.groups == [1, MAX_BATCH, 1]


async def test_each_has_a_refusal_of_its_own() -> None:
    first, refused, last = await ask_while_busy(Database(), [13, 21])
    assert (first, last) == (0, 42)
    assert isinstance(refused, Forbidden)


async def test_one_that_breaks_the_query_fails_alone() -> None:
    base = Database()
    first, fine, broken = await ask_while_busy(base, [1, 666])
    assert (first, fine) == (0, 2)
    assert isinstance(broken, RuntimeError)
    assert base.groups == [1, 2, 1, 1]


async def test_who_has_gone_is_not_answered() -> None:
    base = Database()
    questions = base.questions()
    gone, patient = asyncio.create_task(questions.ask(1)), asyncio.create_task(questions.ask(2))
    await asyncio.sleep(0)
    gone.cancel()
    with pytest.raises(asyncio.CancelledError):
        await gone
    base.may_answer.set()
    assert await patient == 4


async def test_it_asks_again_when_it_has_rested() -> None:
    base = Database()
    base.may_answer.set()
    questions = base.questions()
    assert [await questions.ask(1), await questions.ask(2)] == [2, 4]
    assert base.groups == [1, 1]


async def test_an_answer_too_few_leaves_nobody_waiting() -> None:
    async def ask(questions: Sequence[int]) -> list[int]:
        return [2 * question for question in questions if question != 7]

    questions: Questions[int, int] = Questions(ask)
    fine, lost = await asyncio.gather(questions.ask(1), questions.ask(7), return_exceptions=True)
    assert fine == 2
    assert isinstance(lost, RuntimeError)


async def test_what_waits_is_answered_before_it_closes() -> None:
    base = Database()
    questions = base.questions()
    waiting = asyncio.create_task(questions.ask(1))
    await asyncio.sleep(0)
    base.may_answer.set()
    await questions.close()
    await asyncio.sleep(0)
    assert waiting.done()
    assert await waiting == 2
