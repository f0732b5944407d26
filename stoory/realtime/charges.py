"""Limits from the event loop: marks in memory are moved at once, shared ones for all that ask at a time together."""

from collections.abc import Sequence

import redis.asyncio

from stoory.limits import Claim, Limit, Limiter
from stoory.realtime.questions import Questions
from stoory.shared_limits import OPTIONS, SharedMarks, arguments


class Charges:
    """What one server's sockets ask for."""

    def __init__(self, limiter: Limiter) -> None:
        self._limiter = limiter
        self._shared = Shared(limiter.marks) if isinstance(limiter.marks, SharedMarks) else None

    async def charge(self, limit: Limit, user: str = "", address: str = "") -> None:
        """Count one more; raises `RateLimited`."""
        if self._shared is None:
            self._limiter.charge(limit, user, address)
        elif claims := self._limiter.claims(limit, user, address):
            self._limiter.check(limit, await self._shared.take(claims))

    async def close(self) -> None:
        """Close the connection to Redis."""
        if self._shared is not None:
            await self._shared.close()


class Shared:
    """Shared marks, without waiting for Redis in the event loop."""

    def __init__(self, marks: SharedMarks) -> None:
        self._marks = marks
        self._client = redis.asyncio.Redis.from_url(marks.url, **OPTIONS)
        self._asks: Questions[Sequence[Claim], int] = Questions(self._take)

    async def take(self, claims: Sequence[Claim]) -> int:
        """Take all of the claims, or none; return 0, or how many microseconds it is too early."""
        return self._marks.refused(claims) or await self._asks.ask(claims)

    async def close(self) -> None:
        """Answer what waits, then close the connection."""
        await self._asks.close()
        await self._client.aclose()

    async def _take(self, asks: Sequence[Sequence[Claim]]) -> list[int]:
        if not self._marks.breaker.lets_through():
            return self._marks.own(asks)
        try:
            answers = await self._client.eval(*arguments(asks))
        except redis.RedisError as error:
            return self._marks.failed(asks, error)
        return self._marks.decided(asks, answers)
