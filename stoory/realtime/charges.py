"""Limits from the event loop: marks in memory are moved at once, shared ones for all that ask at a time together."""

import asyncio
from collections.abc import Sequence

import redis.asyncio

from stoory.limits import Claim, Limit, Limiter
from stoory.shared_limits import OPTIONS, SharedMarks, arguments

Ask = tuple[Sequence[Claim], "asyncio.Future[int]"]


class Charges:
    """What one server's sockets ask for."""

    def __init__(self, limiter: Limiter) -> None:
        self._limiter = limiter
        self._batches = Batches(limiter.marks) if isinstance(limiter.marks, SharedMarks) else None

    async def charge(self, limit: Limit, user: str = "", address: str = "") -> None:
        """Count one more; raises `RateLimited`."""
        if self._batches is None:
            self._limiter.charge(limit, user, address)
        elif claims := self._limiter.claims(limit, user, address):
            self._limiter.check(limit, await self._batches.take(claims))

    async def close(self) -> None:
        """Close the connection to Redis."""
        if self._batches is not None:
            await self._batches.close()


class Batches:
    """What is asked while one question to Redis is under way is the next question."""

    def __init__(self, marks: SharedMarks) -> None:
        self._marks = marks
        self._client = redis.asyncio.Redis.from_url(marks.url, **OPTIONS)
        self._waiting: list[Ask] = []
        self._asking: asyncio.Task[None] | None = None

    async def take(self, claims: Sequence[Claim]) -> int:
        """Take all of the claims, or none; return 0, or how many microseconds it is too early."""
        known = self._marks.known(claims)
        if known is not None:
            return known
        answer: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self._waiting.append((claims, answer))
        if self._asking is None or self._asking.done():
            self._asking = asyncio.create_task(self._ask_all())
        return await answer

    async def close(self) -> None:
        """Answer what waits, then close the connection."""
        if self._asking is not None:
            await self._asking
        await self._client.aclose()

    async def _ask_all(self) -> None:
        while self._waiting:
            asked, self._waiting = self._waiting, []
            try:
                answers = await self._client.eval(*arguments(claims for claims, _ in asked))
            except redis.RedisError as error:
                asked, self._waiting = asked + self._waiting, []  # who came meanwhile need not wait for the same
                early = self._marks.failed([claims for claims, _ in asked], error)
            else:
                early = self._marks.decided([claims for claims, _ in asked], answers)
            for (_, answer), microseconds in zip(asked, early, strict=True):
                if not answer.done():
                    answer.set_result(microseconds)
