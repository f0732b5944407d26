"""A channel layer that loses, doubles and reorders what it hears; seeded.

BUS_FAULTS=lose:0.2,double:0.1,delay:0.1 gives the share of each; a delayed envelope comes behind the next one.
"""

import os
import random
from collections import deque
from typing import Any

from channels_redis.pubsub import RedisPubSubChannelLayer

from tests.chaos.chances import chances

FATES = ("lose", "double", "delay")


class FaultyLayer(RedisPubSubChannelLayer):  # type: ignore[misc]  # it carries no types
    """Redis' publish and subscribe on a bad day."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._random = random.Random(os.environ.get("CHAOS_SEED"))
        self._chances = chances(os.environ["BUS_FAULTS"], FATES)
        self._delayed: list[Any] = []
        self._ready: deque[Any] = deque()

    async def receive(self, channel: str) -> Any:
        """Return the next envelope that fate lets through."""
        while not self._ready:
            self._meet_fate(await self._get_layer().receive(channel))  # the class itself has no such method
        return self._ready.popleft()

    def _meet_fate(self, envelope: Any) -> None:
        fate = self._fate()
        if fate == "lose":
            return
        if fate == "delay":
            self._delayed.append(envelope)
            return
        self._ready.extend([envelope] * (2 if fate == "double" else 1) + self._delayed)
        self._delayed.clear()

    def _fate(self) -> str:
        drawn = self._random.random()
        for fate, chance in self._chances.items():
            drawn -= chance
            if drawn < 0:
                return fate
        return "pass"
