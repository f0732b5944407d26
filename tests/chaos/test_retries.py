"""The same sends again and again, everywhere at once: each is one message, and every caller is told the same one."""

import asyncio
import random
from typing import Any
from uuid import uuid4

import pytest

from tests.chaos.cluster import Cluster
from tests.chaos.conftest import scenario
from tests.chaos.crowd import crowd

pytestmark = [*scenario, pytest.mark.timeout(180)]

NONCES = {"small": 40, "full": 200, "long": 200}
REPEATS = {"small": 12, "full": 50, "long": 50}


async def test_a_storm_of_repeats_is_one_message_each(
    servers: Cluster, group: dict[str, Any], dice: random.Random, scale: str
) -> None:
    one = group["people"][0]
    devices = group | {"people": [one] * len(servers.servers) * 2}
    async with crowd(servers, devices, dice) as people:
        place = people.clients[0].conversations[0]
        nonces = [str(uuid4()) for _ in range(NONCES[scale])]
        calls = [(nonce, dice.choice(people.clients)) for nonce in nonces for _ in range(REPEATS[scale])]
        dice.shuffle(calls)
        sends = await asyncio.gather(*(client.send(place, "Hello", nonce) for nonce, client in calls))
        people.history.stays = [stay for stay in people.history.stays if stay.user == one["id"]]
        await people.converge(10)
    assert {send.outcome for send in sends} == {"ok"}
    assert len({(send.nonce, send.message_id) for send in sends}) == len(nonces)
    assert len(people.stored().messages) == len(nonces)
    assert people.verdict() == []
