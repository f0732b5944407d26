"""A hundred sockets whose users may no longer be there, with the bus and without it."""

import asyncio
import random
import time
from collections.abc import Callable
from typing import Any, NamedTuple
from urllib.request import Request, urlopen

import psycopg
import pytest

from tests.chaos.clients import Client
from tests.chaos.cluster import Cluster
from tests.chaos.conftest import large, scenario
from tests.chaos.crowd import Crowd, crowd

pytestmark = [*scenario, pytest.mark.timeout(300), large]

SOCKETS, LEAVING = 240, 100
SECONDS = {"with the bus": 2.0, "without it": 12.0}
STAYING_TALK = 100
WITHOUT_WORD_SECONDS = 6.0  # REPAIR_SECONDS, and a query


def log_out(url: str, token: str) -> None:
    """Make a user's tokens void by way of one server; all others have to hear of it."""
    request = Request(f"{url}/api/token/revoke-all", b"{}", {"Authorization": f"Bearer {token}"})
    request.add_header("Content-Type", "application/json")
    with urlopen(request) as response:
        assert response.status == 200


def deactivate(servers: Cluster, users: set[str]) -> None:
    """Deactivate users behind the product's back: nobody is told."""
    assert servers.postgres is not None
    with psycopg.connect(servers.postgres.url) as connection:
        connection.execute("UPDATE accounts_user SET is_active = false WHERE id = ANY(%s)", [list(users)])


def is_out(client: Client) -> bool:
    return client.gone_at is not None and not client.is_ready.is_set()


async def sent_away(clients: list[Client], seconds: float) -> float:
    """Wait until all have lost their connection; return how long that took."""
    begin = time.monotonic()
    async with asyncio.timeout(seconds):
        while not all(map(is_out, clients)):
            await asyncio.sleep(0.02)
    return time.monotonic() - begin


def end_stays(people: Crowd, users: set[str]) -> None:
    """From here on nothing is for these users: they have heard what they have heard."""
    for stay in [stay for stay in people.history.stays if stay.user in users]:
        places = [client.place(stay.conversation) for client in people.clients if client.user == stay.user]
        people.history.stays.remove(stay)
        people.history.stays.append(type(stay)(user=stay.user, conversation=stay.conversation, until=max(places)))


async def retire(people: Crowd, users: set[str]) -> None:
    """Let the sent-away knock for a while, in vain; and then have only the others talk."""
    leaving = [client for client in people.clients if client.user in users]
    before = sum(len(client.absences) for client in leaving)
    end_stays(people, users)
    staying = [client for client in people.clients if client.user not in users]
    people.clients = staying
    await people.talk(STAYING_TALK, 50)
    await people.converge(5)
    assert sum(len(client.absences) for client in leaving) == before, "Somebody was let in again."
    await asyncio.gather(*(client.stop() for client in leaving))


class Leavers(NamedTuple):
    """A group with so many sockets of each of its people that a hundred are those of `people`."""

    group: dict[str, Any]
    people: list[dict[str, str]]

    @property
    def users(self) -> set[str]:
        """Their ids."""
        return {person["id"] for person in self.people}


@pytest.fixture
def leavers(group: dict[str, Any]) -> Leavers:
    each = max(1, SOCKETS // len(group["people"]))
    return Leavers(group | {"people": group["people"] * each}, group["people"][: LEAVING // each])


@pytest.mark.parametrize("bus", SECONDS)
async def test_who_logs_out_is_out_on_every_server(
    servers: Cluster, leavers: Leavers, dice: random.Random, bus: str, tell: Callable[[str], None]
) -> None:
    assert servers.valkey is not None
    async with crowd(servers, leavers.group, dice) as people:
        await people.talk(STAYING_TALK, 50)
        await people.converge(5)
        if bus == "without it":
            servers.valkey.kill()
        url = servers.urls[0]
        await asyncio.gather(*(asyncio.to_thread(log_out, url, person["token"]) for person in leavers.people))
        theirs = [client for client in people.clients if client.user in leavers.users]
        took = await sent_away(theirs, SECONDS[bus])
        await retire(people, leavers.users)
        if not servers.valkey.is_running:
            await asyncio.to_thread(servers.valkey.start)
    tell(f"{len(theirs)} sockets of {len(leavers.users)} users were closed {took:.2f} s after the last had logged out")
    assert people.verdict() == []


async def test_who_is_deactivated_is_found_though_nobody_tells(
    servers: Cluster, leavers: Leavers, dice: random.Random, tell: Callable[[str], None]
) -> None:
    async with crowd(servers, leavers.group, dice) as people:
        await people.talk(STAYING_TALK, 50)
        await people.converge(5)
        await asyncio.to_thread(deactivate, servers, leavers.users)
        theirs = [client for client in people.clients if client.user in leavers.users]
        took = await sent_away(theirs, WITHOUT_WORD_SECONDS)
        await retire(people, leavers.users)
    tell(f"{len(theirs)} sockets of {len(leavers.users)} users were closed after {took:.2f} s")
    assert people.verdict() == []
