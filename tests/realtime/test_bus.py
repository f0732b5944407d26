"""Who can write to Redis is not believed, and can't deafen a server either."""

import asyncio
import logging
import pickle
from collections.abc import AsyncIterator, Sequence
from typing import Any

import msgspec
import pytest
from django.conf import settings
from redis.asyncio import Redis

from stoory.events import Event
from stoory.realtime import bus as module
from stoory.realtime.bus import GROUP, Bus
from stoory.realtime.envelopes import BadEnvelopeError, seal, unseal
from stoory.realtime.events import Typing
from stoory.times import utc_now

PATIENCE_SECONDS = 5.0
TYPING = Typing(conversation_id="c", at=utc_now(), user_id="alice", is_typing=True)
BODY = msgspec.msgpack.encode([("", TYPING)])

UNSEALED: list[Any] = [
    {"type": "events", "node": "n", "events": BODY},
    {"type": "events", "node": "n", "events": BODY, "seal": b""},
    {"type": "events", "node": "n", "events": BODY, "seal": "not bytes"},
    {"type": "events", "node": 1, "events": BODY, "seal": b""},
    seal("n", BODY) | {"node": "m"},
    seal("n", BODY) | {"events": BODY + b"\0"},
    {"type": "events"},
]


@pytest.mark.parametrize("envelope", [*UNSEALED, 7, None, [], "text"])
def test_what_does_not_bear_the_seal_is_refused(envelope: Any) -> None:
    with pytest.raises(BadEnvelopeError):
        unseal(envelope)


def test_the_seal_is_of_the_key(settings: Any) -> None:
    sealed = seal("n", BODY)
    assert unseal(sealed) == ("n", BODY)
    settings.BUS_KEY = "another key, as long as one has to be"
    with pytest.raises(BadEnvelopeError):
        unseal(sealed)


class Ear:
    """A bus, and what it delivers."""

    def __init__(self) -> None:
        self.heard: asyncio.Queue[Sequence[Event]] = asyncio.Queue()
        self.bus = Bus(self.heard.put_nowait, lambda conversation_id: True)


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A bus that soon takes itself for deaf; to be asked for before it."""
    monkeypatch.setattr(module, "DEAF_AFTER_SECONDS", 0.3)
    monkeypatch.setattr(module, "HEARTBEAT_SECONDS", 0.05)


@pytest.fixture
async def ear() -> AsyncIterator[Ear]:
    made = Ear()
    await made.bus.start()
    begin = made.bus._heard_at
    async with asyncio.timeout(PATIENCE_SECONDS):
        while made.bus._heard_at == begin:  # that it hears itself sets no event
            made.bus.publish(())
            await asyncio.sleep(0.02)
    yield made
    await made.bus.stop()


async def hears(ear: Ear) -> Sequence[Event]:
    """Return what it hears of a good envelope, which arrives behind all that was sent before."""
    await ear.bus._layer.group_send(GROUP, seal("another", BODY))
    return await asyncio.wait_for(ear.heard.get(), PATIENCE_SECONDS)


@pytest.mark.parametrize(("address", "is_heard"), [("", True), ("c", True), ("another", False)])
async def test_what_concerns_nobody_here_is_not_even_read(address: str, is_heard: bool) -> None:
    heard: list[Event] = []
    bus = Bus(heard.extend, lambda conversation_id: conversation_id == "c")
    body = msgspec.msgpack.encode([(address, TYPING if is_heard else "nothing that could be read")])

    assert list(bus._opened(seal("another", body))) == ([TYPING] if is_heard else [])


async def test_it_hears_others_past_what_is_not_sealed(ear: Ear, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        for envelope in (*UNSEALED, seal("n", b"\xc1 no events"), seal("n", pickle.dumps([]))):
            await ear.bus._layer.group_send(GROUP, envelope)
        assert [type(event) for event in await hears(ear)] == [Typing]
    assert ear.heard.empty()
    assert ear.bus.lost["rejected"] == len(UNSEALED) + 2
    assert ear.bus.received == 1
    assert len([record for record in caplog.records if "not ours" in record.message]) == 1


@pytest.mark.skipif(not settings.REDIS_URL, reason="needs Redis: nobody else can write into this process")
async def test_garbage_on_the_wire_does_not_end_its_listening(ear: Ear, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "RETRY_SECONDS", 3_600)  # a reader that had ended would not be back
    garbage = [b"", b"\xc1", b"\xdf", b"not msgpack", pickle.dumps({"node": "n"}), b"\x81\x90\x01", b"\x91" * 5_000]
    async with Redis.from_url(settings.REDIS_URL) as redis:
        for data in garbage:
            await redis.publish(ear.bus._layer._get_group_channel_name(GROUP), data)
    assert [type(event) for event in await hears(ear)] == [Typing]
    assert ear.bus.lost["rejected"] == len(garbage)


@pytest.mark.skipif(bool(settings.REDIS_URL), reason="memory alone forgets who is in a group")
async def test_it_joins_again_when_the_layer_has_forgotten_it(impatient: None, ear: Ear) -> None:
    group = ear.bus._layer.groups[GROUP]
    before = set(group)
    group.clear()  # as after a day: the layer's own time for a member
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not set(ear.bus._layer.groups.get(GROUP, ())) - before:  # noqa: ASYNC110  # a group sets no event
            await asyncio.sleep(0.02)
    assert [type(event) for event in await hears(ear)] == [Typing]
