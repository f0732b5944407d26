"""Presence: told to peers when it makes a difference anywhere, once, whatever becomes of servers and connections."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import OperationalError

from conversations.models import Conversation
from stoory.accounts import presence
from stoory.accounts.models import Connection, Server, User
from stoory.accounts.presence import LEASE
from stoory.events import Event
from stoory.ids import uuid7
from stoory.realtime.application import Application
from stoory.realtime.database import database
from stoory.realtime.events import PresenceChanged
from stoory.realtime.node import Node
from stoory.realtime.presence import Presence
from stoory.times import iso, utc_now
from tests.sockets import PATIENCE_SECONDS, SocketClient

pytestmark = pytest.mark.slow

Open = Callable[..., Awaitable[SocketClient]]

FOREVER = 3_600.0


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    """Have little patience."""
    settings.PRESENCE_GRACE_SECONDS = 0.0
    monkeypatch.setattr("stoory.realtime.presence.HEARTBEAT_SECONDS", 0.05)
    monkeypatch.setattr("stoory.realtime.presence.FLUSH_SECONDS", 0.01)
    monkeypatch.setattr("stoory.realtime.presence.RETRY_SECONDS", 0.01)


async def until(condition: Callable[[], bool]) -> None:
    """Wait for what only the database tells."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not await database(condition):  # noqa: ASYNC110  # a row sets no event
            await asyncio.sleep(0.01)


async def connected(application: Application, *users: User) -> None:
    """Wait until exactly these users are stored as connected to a server."""
    await until(lambda: presence.connected(application.node.bus.node) == {user.pk for user in users})


async def peers(socket: SocketClient) -> list[tuple[str, bool]]:
    """Return what a socket has heard of its peers."""
    await socket.fence()
    return [(told["userId"], told["online"]) for told in socket.heard("presence:changed")]


def row_of(application: Application) -> Any:
    return Server.objects.filter(pk=application.node.bus.node)


async def kill(application: Application) -> datetime:
    """Stop a server's heartbeats, as if it had been killed longer than a lease ago; return when."""
    its = application.node.presence
    its._stopping.set()
    its._changed.set()
    assert its._task is not None
    await its._task
    heartbeat = utc_now() - 2 * LEASE
    await database(row_of(application).update, heartbeat_at=heartbeat)
    return heartbeat


# Who hears what


async def test_peers_hear_and_strangers_and_the_user_do_not(
    connect: Open, server: Application, alice: User, bob: User, charlie: User, direct: Conversation, bid: Conversation
) -> None:
    stranger, peer = await connect(charlie), await connect(bob)
    tab = await connect(alice)
    assert await peer.expect("presence:changed") == {"userId": alice.pk, "online": True, "lastSeen": None}

    other_tab = await connect(alice)
    await tab.close()
    closed_at = utc_now()
    await other_tab.close()
    told = await peer.expect("presence:changed")
    assert (told["userId"], told["online"]) == (alice.pk, False)
    assert told["lastSeen"] >= iso(closed_at)
    await connected(server, bob, charlie)
    assert [await peers(socket) for socket in (stranger, peer)] == [[], []]
    assert alice.pk not in [told["userId"] for own in (tab, other_tab) for told in own.heard("presence:changed")]


async def test_a_socket_that_has_not_authenticated_is_nobody(connect: Open, server: Application, bob: User) -> None:
    await connect()
    await connect(bob)
    await connected(server, bob)


async def test_a_user_may_be_connected_to_two_servers(
    connect: Open, server: Application, other_server: Application, alice: User, bob: User, direct: Conversation
) -> None:
    here, there = await connect(bob), await connect(bob, on=other_server)
    tab, other_tab = await connect(alice), await connect(alice, on=other_server)
    for peer in (here, there):
        assert (await peer.expect("presence:changed"))["online"] is True
    await connected(other_server, alice, bob)

    await tab.close()
    await connected(server, bob)
    assert [await peers(peer) for peer in (here, there)] == [[], []]

    closed_at = utc_now()
    await other_tab.close()
    for peer in (here, there):
        told = await peer.expect("presence:changed")
        assert (told["userId"], told["online"]) == (alice.pk, False)
        assert told["lastSeen"] >= iso(closed_at)
    await connected(other_server, bob)
    assert [await peers(peer) for peer in (here, there)] == [[], []]


async def test_a_reconnection_within_the_grace_is_no_change(
    connect: Open, server: Application, alice: User, bob: User, direct: Conversation, settings: Any
) -> None:
    peer = await connect(bob)
    tab = await connect(alice)
    await peer.expect("presence:changed")
    settings.PRESENCE_GRACE_SECONDS = FOREVER
    for _ in range(3):
        await tab.close()
        tab = await connect(alice)
    await connected(server, alice, bob)
    assert await peers(peer) == []

    settings.PRESENCE_GRACE_SECONDS = 0.05
    closed_at = utc_now()
    await tab.close()
    told = await peer.expect("presence:changed")
    assert (told["userId"], told["online"]) == (alice.pk, False)
    assert told["lastSeen"] >= iso(closed_at)
    assert await peers(peer) == []


# Servers that fail


async def test_the_users_of_a_killed_server_go_offline_once(
    connect: Open, server: Application, other_server: Application, alice: User, bob: User, direct: Conversation
) -> None:
    peer = await connect(bob)
    await connect(bob, on=other_server)
    await connect(alice, on=other_server)
    assert (await peer.expect("presence:changed"))["online"] is True
    await connected(other_server, alice, bob)

    heartbeat = await kill(other_server)
    told = await peer.expect("presence:changed")
    assert told == {"userId": alice.pk, "online": False, "lastSeen": iso(heartbeat)}
    await until(lambda: not row_of(other_server).exists())
    assert await peers(peer) == []
    assert await database(presence.online_among, [alice.pk, bob.pk]) == {bob.pk}


async def test_a_server_that_wakes_after_its_lease_registers_anew(
    connect: Open, server: Application, other_server: Application, alice: User, bob: User, direct: Conversation
) -> None:
    peer = await connect(bob)
    await connect(alice, on=other_server)
    await peer.expect("presence:changed")
    await connected(other_server, alice)

    await kill(other_server)
    assert (await peer.expect("presence:changed"))["online"] is False
    await other_server.node.presence.start()
    assert (await peer.expect("presence:changed"))["online"] is True
    await connected(other_server, alice)
    assert await peers(peer) == []


async def test_an_arrival_that_finds_the_lease_lost_waits_for_a_new_one(
    connect: Open, server: Application, alice: User, bob: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    await connect(bob)
    await connected(server, bob)
    monkeypatch.setattr("stoory.realtime.presence.HEARTBEAT_SECONDS", FOREVER)
    server.node.presence._next_beat += FOREVER
    await database(row_of(server).delete)
    await connect(alice)
    await connected(server, alice, bob)


async def test_a_server_that_stops_says_so_at_once(
    connect: Open,
    server: Application,
    other_server: Application,
    alice: User,
    bob: User,
    direct: Conversation,
    settings: Any,
) -> None:
    settings.PRESENCE_GRACE_SECONDS = FOREVER
    peer = await connect(bob)
    await connect(alice, on=other_server)
    await peer.expect("presence:changed")
    await connected(other_server, alice)

    await other_server.node.stop()
    assert (await peer.expect("presence:changed"))["online"] is False
    assert not await database(row_of(other_server).exists)
    assert await peers(peer) == []


async def test_a_late_word_from_another_server_is_put_right(
    connect: Open, server: Application, other_server: Application, alice: User, bob: User, direct: Conversation
) -> None:
    peer = await connect(bob, on=other_server)
    await connect(alice)
    await peer.expect("presence:changed")

    late = PresenceChanged(
        at=utc_now(), user_id=alice.pk, online=False, last_seen=utc_now(), conversation_ids=[str(direct.pk)]
    )
    other_server.node.tell([late])
    assert [(await peer.expect("presence:changed"))["online"] for _ in range(2)] == [False, True]
    assert await peers(peer) == []


# The database


class Told:
    """A server's presence without its sockets, and what it tells."""

    def __init__(self) -> None:
        self.server_id = str(uuid7())
        self.presence = Presence(self.server_id, self.tell, lambda: None)
        self.changes: list[tuple[str, bool]] = []
        self._news = asyncio.Event()

    def tell(self, events: Iterable[Event]) -> None:
        self.changes += [(event.user_id, event.online) for event in events if isinstance(event, PresenceChanged)]
        self._news.set()

    async def hear(self, count: int) -> None:
        async with asyncio.timeout(PATIENCE_SECONDS):
            while len(self.changes) < count:
                self._news.clear()
                await self._news.wait()


@pytest.fixture
async def told(transactional_db: None) -> AsyncIterator[Told]:
    told = Told()
    await told.presence.start()
    yield told
    await told.presence.stop()


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the domain's writes, as they are called."""
    called: list[str] = []

    def counted(name: str) -> Callable[..., Any]:
        original = getattr(presence, name)

        def call(*args: Any) -> Any:
            called.append(name)
            return original(*args)

        return call

    for name in ("arrive", "depart"):
        monkeypatch.setattr(presence, name, counted(name))
    return called


async def test_a_crowd_is_a_few_transactions(told: Told, calls: list[str]) -> None:
    crowd = await database(User.objects.bulk_create, [User(username=f"fan {number}") for number in range(1_200)])
    for user in crowd:
        told.presence.arrived(user.pk)
    await told.hear(1_200)
    assert calls == ["arrive"] * 3

    for user in crowd:
        told.presence.departed(user.pk)
    await told.hear(2_400)
    assert calls.count("depart") <= 6
    assert await database(Connection.objects.count) == 0


async def test_what_could_not_be_stored_is_stored_later(
    told: Told, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    arrive, failures = presence.arrive, iter([OperationalError("lost"), OperationalError("lost")])

    def failing(server_id: str, user_ids: list[str]) -> list[str]:
        for failure in failures:
            raise failure
        return arrive(server_id, user_ids)

    monkeypatch.setattr(presence, "arrive", failing)
    told.presence.arrived(alice.pk)
    await told.hear(1)
    assert told.changes == [(alice.pk, True)]


async def test_who_was_stored_without_our_knowing_still_goes_offline(
    told: Told, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    arrive = presence.arrive

    def lost_at_commit(server_id: str, user_ids: list[str]) -> list[str]:
        arrive(server_id, user_ids)
        raise OperationalError("lost")

    monkeypatch.setattr(presence, "arrive", lost_at_commit)
    told.presence.arrived(alice.pk)
    await until(lambda: presence.connected(told.server_id) == {alice.pk})
    told.presence.departed(alice.pk)
    await told.hear(1)
    assert told.changes == [(alice.pk, False)]


async def test_a_server_whose_database_is_gone_still_stops(
    told: Told, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def lost(*args: Any) -> Any:
        raise OperationalError("lost")

    told.presence.arrived(alice.pk)
    await told.hear(1)
    monkeypatch.setattr(presence, "forget", lost)
    await told.presence.stop()
    assert await database(presence.connected, told.server_id) == {alice.pk}
    monkeypatch.undo()


async def test_a_node_can_stop_and_start_again(transactional_db: None, alice: User) -> None:
    node = Node()
    for _ in range(2):
        await node.start()
        node.presence.arrived(alice.pk)
        await until(lambda: presence.online_among([alice.pk]) == {alice.pk})
        await node.stop()
        assert await database(Server.objects.count) == 0


# Suspended


async def test_a_server_that_was_suspended_until_its_lease_was_taken_closes_its_sockets(
    connect: Open, server: Application, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    socket = await connect(alice)
    await connected(server, alice)
    monkeypatch.setattr("stoory.realtime.presence.LEASE", timedelta())  # as if any pause had been that long
    await database(row_of(server).delete)
    await asyncio.wait_for(socket.closed.wait(), PATIENCE_SECONDS)
    await connected(server)


async def test_a_lease_that_was_lost_with_the_database_closes_none(
    connect: Open, server: Application, alice: User
) -> None:
    socket = await connect(alice)
    await connected(server, alice)
    await database(row_of(server).delete)
    await connected(server, alice)
    assert not socket.closed.is_set()
