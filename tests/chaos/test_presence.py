"""Who is online when a server is killed, and when one is held still for longer than its lease."""

import asyncio
import random
import time
from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

import pytest

from tests.chaos.clients import Client
from tests.chaos.cluster import Cluster
from tests.chaos.conftest import large, scenario
from tests.chaos.history import History

pytestmark = [*scenario, pytest.mark.timeout(300), large]

EARLIEST_SECONDS, LATEST_SECONDS = 15.0, 30.0  # the lease less a heartbeat; and with a look
HELD_ON_SECONDS = 5.0  # with its lease taken
PATIENCE_SECONDS = 40.0


class Told(NamedTuple):
    """What somebody was told of somebody's presence."""

    at: float
    user: str
    is_online: bool


class Device(Client):
    """A client that writes down whom it is told to be online or not."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.told: list[Told] = []

    def _hear(self, name: str, payload: Any) -> None:
        if name == "presence:changed":
            self.told.append(Told(time.time(), payload["userId"], payload["online"]))
        super()._hear(name, payload)


class Household:
    """People with two devices each, who know each other by their channels."""

    def __init__(self, group: dict[str, Any], dice: random.Random) -> None:
        self.users: list[str] = [person["id"] for person in group["people"]]
        self.where: list[tuple[list[str], list[str]]] = [([], []) for _ in self.users]
        history = History(stays=[])
        self.devices: list[Device] = []
        for person, places in zip(group["people"], self.where, strict=True):
            talks = [talk for talk, members in group["channels"].items() if person["id"] in members]
            self.devices += [Device(person, talks, place, history, dice) for place in places]

    def put(self, user: int, *urls: str) -> None:
        """Say where a user's devices connect from now on, both at one place or each at its own."""
        for place, url in zip(self.where[user], urls * 2, strict=False):
            place[:] = [url]

    async def arrive(self) -> None:
        for device in self.devices:
            device.start()
        await asyncio.gather(*(device.is_ready.wait() for device in self.devices))

    async def leave(self) -> None:
        await asyncio.gather(*(device.stop() for device in self.devices))

    def forget(self) -> None:
        for device in self.devices:
            device.told.clear()

    def told(self) -> list[Told]:
        return sorted(told for device in self.devices for told in device.told)


async def until(servers: Cluster, online: Iterable[str]) -> None:
    """Wait until exactly these users of the household are noted as connected."""
    wanted = set(online)
    async with asyncio.timeout(PATIENCE_SECONDS):
        while await asyncio.to_thread(servers.online) != wanted:
            await asyncio.sleep(0.1)


async def settled(people: Household, servers: Cluster) -> None:
    """Wait until all are online, and what they were told of it has come."""
    await until(servers, people.users)
    await asyncio.sleep(2)
    people.forget()


def every_third(people: Sequence[str], first: int) -> set[str]:
    return set(people[first::3])


async def test_the_users_of_a_killed_server_go_offline_and_nobody_else(
    servers: Cluster, group: dict[str, Any], dice: random.Random, tell: Callable[[str], None]
) -> None:
    doomed, second, third = servers.urls
    people = Household(group, dice)
    gone, elsewhere, returning = (every_third(people.users, first) for first in range(3))
    for place in range(len(people.users)):
        people.put(place, *((doomed,), (doomed, second), (doomed,))[place % 3])
    try:
        await people.arrive()
        await settled(people, servers)
        for place in range(2, len(people.users), 3):
            people.put(place, third)
        killed_at = time.time()
        await servers.servers[0].kill()
        await until(servers, elsewhere | returning)
        await asyncio.sleep(2)
        told = people.told()
    finally:
        await people.leave()
    offline = {one.user: one.at - killed_at for one in reversed(told) if not one.is_online}
    latest = max(offline.values())
    tell(
        f"{len(offline)} of {len(people.users)} users went offline {min(offline.values()):.1f} to {latest:.1f} s later"
    )
    assert set(offline) == gone
    assert EARLIEST_SECONDS < min(offline.values()) <= latest < LATEST_SECONDS
    assert {one.user for one in told} == gone


async def test_who_is_on_a_server_that_is_held_still_comes_back_with_it(
    servers: Cluster, group: dict[str, Any], dice: random.Random, tell: Callable[[str], None]
) -> None:
    held, second, third = servers.urls
    people = Household(group, dice)
    away = every_third(people.users, 0)
    for place in range(len(people.users)):
        people.put(place, (held, second, third)[place % 3])
    try:
        await people.arrive()
        await settled(people, servers)
        servers.servers[0].suspend()
        await until(servers, set(people.users) - away)
        await asyncio.sleep(HELD_ON_SECONDS)
        on_it = [device for device in people.devices if device.url == held]
        connections = sum(device.connections for device in on_it)
        servers.servers[0].resume()
        woke_at = time.time()
        await until(servers, people.users)
        back_after = time.time() - woke_at
        await asyncio.sleep(2)
        told = people.told()
    finally:
        await people.leave()
    tell(f"{len(away)} users were online again {back_after:.1f} s after their server went on")
    assert {one.user for one in told if not one.is_online} == away
    assert {one.user for one in told if one.is_online} == away
    assert sum(device.connections for device in on_it) == connections + len(on_it), "Its old sockets were not closed."
