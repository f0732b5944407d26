"""What a command commits, told to the running servers when it is done: without, they find it in the log, later."""

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from stoory import events
from stoory.events import Event
from stoory.realtime.bus import Bus


@contextmanager
def telling_servers_afterwards() -> Iterator[None]:
    """Put on the bus, at the end, what this thread commits meanwhile, be it that it fails then."""
    told: list[Event] = []
    committed = told.extend
    events.subscribe(committed)
    try:
        yield
    finally:
        events.unsubscribe(committed)
        if told:
            asyncio.run(_tell(told))


async def _tell(told: Sequence[Event]) -> None:
    bus = Bus(lambda heard: None, lambda conversation_id: False)
    await bus.start()
    bus.publish(told)
    await bus.stop()
