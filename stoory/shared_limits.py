"""Marks that all servers share: one Redis script decides, by Redis' own clock; without Redis each server by itself."""

import logging
import time
from collections.abc import Iterable, Sequence
from typing import Any

import redis
from django.conf import settings
from redis.backoff import NoBackoff
from redis.retry import Retry

from stoory.limits import Claim, LocalMarks, microseconds

logger = logging.getLogger(__name__)

TIMEOUT_SECONDS = 0.25  # that one question may take
REST_SECONDS = 2.0  # without questions after one that failed
FORGET_FROM = 10_000

# KEYS are the marks of all asks, one ask behind the other. ARGV has of each ask how many marks it moves, and of each
# mark interval and tolerance. Answered are of each ask how much too early it is, and which of its marks says so.
SCRIPT = """
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local answers, key, argument = {}, 0, 1
while argument <= #ARGV do
  local count, early, which, moved = tonumber(ARGV[argument]), 0, 0, {}
  for i = 1, count do
    local interval, tolerance = tonumber(ARGV[argument + 1]), tonumber(ARGV[argument + 2])
    argument = argument + 2
    moved[i] = math.max(tonumber(redis.call('GET', KEYS[key + i]) or 0), now) + interval
    if moved[i] - now - tolerance > early then
      early, which = moved[i] - now - tolerance, i - 1
    end
  end
  if early == 0 then
    for i = 1, count do
      local kept = string.format('%.0f', math.ceil((moved[i] - now) / 1000))
      redis.call('SET', KEYS[key + i], string.format('%.0f', moved[i]), 'PX', kept)
    end
  end
  answers[#answers + 1], answers[#answers + 2] = early, which
  key, argument = key + count, argument + 1
end
return answers
"""

OPTIONS: dict[str, Any] = {
    "socket_timeout": TIMEOUT_SECONDS,
    "socket_connect_timeout": TIMEOUT_SECONDS,
    "retry": Retry(NoBackoff(), 0),  # by default it would wait and try three times
}


def arguments(asks: Iterable[Sequence[Claim]]) -> list[Any]:
    """Return what `EVAL` is given to decide many asks, in their order."""
    asks = list(asks)
    keys = [f"{settings.REDIS_PREFIX}:limit:{claim.key}" for claims in asks for claim in claims]
    rates = [number for claims in asks for number in (len(claims), *(n for _, rate in claims for n in rate))]
    return [SCRIPT, len(keys), *keys, *rates]


class Breaker:
    """Keeps from asking for a while what has just failed; then one question tries it again."""

    def __init__(self) -> None:
        self._closed_at = 0.0

    def lets_through(self) -> bool:
        """Return whether to ask; to be followed by `failed` or `succeeded`."""
        if not self._closed_at:
            return True
        now = time.monotonic()
        if now < self._closed_at:
            return False
        self._closed_at = now + REST_SECONDS
        return True

    def failed(self, error: Exception) -> None:
        """Rest."""
        if not self._closed_at:
            logger.warning("Each server limits by itself, Redis can't be asked: %r", error)
        self._closed_at = time.monotonic() + REST_SECONDS

    def succeeded(self) -> None:
        """Go on."""
        if self._closed_at:
            logger.warning("Limits are shared again")
        self._closed_at = 0.0


class SharedMarks:
    """Marks in Redis.

    A refusal is remembered here until it has passed, so that a flood costs no questions. Where Redis is away or does
    not answer in time, this process's own marks decide.
    """

    def __init__(self, url: str) -> None:
        self.url = url
        self.breaker = Breaker()
        self._client = redis.Redis.from_url(url, **OPTIONS)
        self._own = LocalMarks()
        self._refused: dict[str, int] = {}

    def take(self, claims: Sequence[Claim]) -> int:
        if early := self.refused(claims):
            return early
        if not self.breaker.lets_through():
            return self.own([claims])[0]
        try:
            answers = self._client.eval(*arguments([claims]))
        except redis.RedisError as error:
            return self.failed([claims], error)[0]
        return self.decided([claims], answers)[0]

    def refused(self, claims: Sequence[Claim]) -> int:
        """Return how much too early it is by a refusal that still stands, or 0."""
        early = max(self._refused.get(key, 0) for key, _ in claims)
        return max(0, early - microseconds()) if early else 0

    def decided(self, asks: Sequence[Sequence[Claim]], answers: Sequence[int]) -> list[int]:
        """Note what the script has answered, and return how much too early each ask is."""
        self.breaker.succeeded()
        now = microseconds()
        for claims, early, which in zip(asks, answers[::2], answers[1::2], strict=True):
            if early:
                self._refused[claims[which].key] = now + early
        if len(self._refused) > FORGET_FROM:
            self._refused = {key: until for key, until in list(self._refused.items()) if until > now}
        return list(answers[::2])

    def failed(self, asks: Iterable[Sequence[Claim]], error: Exception) -> list[int]:
        """Note that Redis did not answer, and return how much too early each ask is by our own marks."""
        self.breaker.failed(error)
        return self.own(asks)

    def own(self, asks: Iterable[Sequence[Claim]]) -> list[int]:
        """Return how much too early each ask is by our own marks."""
        return [self._own.take(claims) for claims in asks]

    def close(self) -> None:
        """Close the connections."""
        self._client.close()
