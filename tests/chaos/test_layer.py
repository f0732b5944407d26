"""The faulty layer still hears what it does not lose."""

import asyncio
import os
from collections.abc import Awaitable, Callable

import pytest

from tests.chaos.chances import chances
from tests.chaos.layer import FATES, FaultyLayer

REDIS_URL = os.environ.get("REDIS_URL", "")
SENT = 200

Hear = Callable[[str], Awaitable[list[int]]]


@pytest.fixture
def hear(monkeypatch: pytest.MonkeyPatch) -> Hear:
    """Return what is heard of 200 numbered envelopes, and of an end that is repeated until it gets through."""

    async def heard(faults: str) -> list[int]:
        monkeypatch.setenv("BUS_FAULTS", faults)
        monkeypatch.setenv("CHAOS_SEED", "1")
        layer = FaultyLayer(hosts=[REDIS_URL], prefix=f"chaos:{faults}")
        channel = await layer.new_channel()
        for number in range(SENT):
            await layer.send(channel, {"number": number})
        numbers: list[int] = []
        async with asyncio.timeout(10):
            while SENT not in numbers:
                await layer.send(channel, {"number": SENT})
                numbers.append((await layer.receive(channel))["number"])
        await layer.flush()
        return [number for number in numbers if number != SENT]

    return heard


@pytest.mark.skipif(not REDIS_URL, reason="needs Redis")
async def test_each_fault_is_as_frequent_as_was_asked(hear: Hear) -> None:
    lossy = await hear("lose:0.3")
    assert lossy == sorted(set(lossy))
    assert 0.5 * SENT < len(lossy) < 0.9 * SENT
    doubling = await hear("double:0.3")
    assert sorted(set(doubling)) == list(range(SENT))
    assert 1.1 * SENT < len(doubling) < 1.5 * SENT
    delaying = await hear("delay:0.3")
    assert delaying != sorted(delaying)
    assert set(delaying) == set(range(SENT))


@pytest.mark.parametrize("text", ["lsoe:0.1", "lose:0", "lose:2", "lose"])
def test_what_is_misspelt_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"lose|lsoe|could not convert"):
        chances(text, FATES)
