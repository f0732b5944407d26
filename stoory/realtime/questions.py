"""Questions, asked together: those that come while one is under way are the next one.

A lone question is asked at once. When thousands of clients come back, each asks the database two, and a thread and a
query for each was half of what a connection cost.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

from stoory.errors import DomainError

logger = logging.getLogger(__name__)

MAX_BATCH = 100

Question = TypeVar("Question")
Answer = TypeVar("Answer")


class Questions(Generic[Question, Answer]):
    """Questions of one kind. `ask` returns an answer to each, in their order: a found one or the refusal."""

    def __init__(self, ask: Callable[[Sequence[Question]], Awaitable[Sequence[Answer | DomainError]]]) -> None:
        self._ask = ask
        self._waiting: deque[tuple[Question, asyncio.Future[Answer]]] = deque()
        self._task: asyncio.Task[None] | None = None

    async def ask(self, question: Question) -> Answer:
        """Return an answer that is looked for after this; raises the `DomainError` that it may be."""
        answer: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._waiting.append((question, answer))
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._run())
        return await answer

    async def close(self) -> None:
        """Answer what waits."""
        if self._task is not None:
            await self._task

    async def _run(self) -> None:
        while self._waiting:
            asked = [self._waiting.popleft() for _ in range(min(MAX_BATCH, len(self._waiting)))]
            answers = await self._answer([question for question, _ in asked])
            for (_, future), answer in zip(asked, answers, strict=True):
                if future.done():  # who asked has gone
                    continue
                if isinstance(answer, Exception):
                    future.set_exception(answer)
                else:
                    future.set_result(answer)

    async def _answer(self, questions: Sequence[Question]) -> Sequence[Answer | Exception]:
        try:
            answers = await self._ask(questions)
            if len(answers) != len(questions):
                raise RuntimeError(f"{len(questions)} questions had {len(answers)} answers")
            return answers
        except Exception as error:
            if len(questions) == 1:
                return [error]
            logger.warning("%d questions could not be asked together: %r", len(questions), error)
            return [answer for question in questions for answer in await self._answer([question])]
