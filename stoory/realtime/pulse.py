"""The beat by which a server knows how late its event loop is, and now and then how much work waits for workers."""

import asyncio
import logging
import time

from flows.figures import backlog
from stoory.metrics import Histogram, Sample
from stoory.realtime.database import database

logger = logging.getLogger(__name__)

BEAT_SECONDS = 0.25
BEATS_A_LOOK = 60


class Pulse:
    """How late the loop was, beat by beat, and the last look at the backlog: asking for figures asks no database."""

    def __init__(self) -> None:
        self.lags = Histogram()
        self.backlog: list[Sample] = []

    async def beat(self) -> None:
        """For ever: sleep a beat, and see by how much it was longer."""
        while True:
            for _ in range(BEATS_A_LOOK):
                began = time.perf_counter()
                await asyncio.sleep(BEAT_SECONDS)
                self.lags.observe(max(0.0, time.perf_counter() - began - BEAT_SECONDS))
            await self._look()

    async def _look(self) -> None:
        try:
            self.backlog = await database(backlog)
        except Exception as error:
            self.backlog = []
            logger.warning("Could not look how much work waits: %r", error)
