"""`tail_events --follow` hears what the servers do: from the log, and what no log has from the bus."""

import asyncio
from collections.abc import AsyncIterator
from io import StringIO

import pytest

from conversations.models import Conversation
from stoory.accounts.models import User
from stoory.management.commands import tail_events
from stoory.management.tailing import Tail
from stoory.realtime.database import database
from tests.realtime.conftest import Open


@pytest.fixture
async def written(transactional_db: None, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[StringIO]:
    """What a command that follows has printed so far."""
    monkeypatch.setattr(tail_events, "LOOK_SECONDS", 0.05)
    out = StringIO()
    command, tail = tail_events.Command(stdout=out), Tail()
    command.speak(family=None, as_json=False)
    await database(tail.begin, 0)
    following = asyncio.create_task(command.follow(tail))
    yield out
    following.cancel()
    await asyncio.gather(following, return_exceptions=True)


async def test_it_tells_what_is_said_and_who_types(
    written: StringIO, connect: Open, alice: User, direct: Conversation
) -> None:
    socket = await connect(alice, direct)
    place = {"conversationId": str(direct.pk)}
    await socket.emit("chat:send", {**place, "text": "Hi", "tempId": "1"})
    async with asyncio.timeout(5):
        while not all(f"{direct.pk} {told} " in written.getvalue() for told in ("#1 message", "typing")):
            await socket.emit("typing_start", place)
            await socket.emit("typing_stop", place)
    assert written.getvalue().count(" #1 message ") == 1
