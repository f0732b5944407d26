"""Waiting for something, but not for ever."""

import asyncio


async def wait_for(event: asyncio.Event, seconds: float) -> bool:
    """Wait until an event is set, for so long at most; return whether it is."""
    try:
        async with asyncio.timeout(seconds):  # asyncio.wait_for() overhears a cancellation that comes with the answer
            await event.wait()
    except TimeoutError:
        return False
    return True
