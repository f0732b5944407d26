"""Presence: online by the first connection on any server, offline by the last, told of once whoever counts."""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from stoory.accounts import presence
from stoory.accounts.models import Connection, Server, User
from stoory.accounts.presence import LEASE, LeaseLost
from stoory.ids import uuid7
from stoory.times import utc_now
from tests.concurrency.threads import at_once

ROUNDS = 10
MANY = 200


def new_server() -> str:
    server_id = str(uuid7())
    assert presence.beat(server_id) is False
    return server_id


def silence(server_id: str, since: timedelta = 2 * LEASE) -> datetime:
    """Have a server's last heartbeat be some time ago; return when."""
    heartbeat = utc_now() - since
    Server.objects.filter(pk=server_id).update(heartbeat_at=heartbeat)
    return heartbeat


def last_seen(user: User) -> datetime | None:
    return User.objects.values_list("last_seen", flat=True).get(pk=user.pk)


def names(departures: Iterable[tuple[str, datetime]]) -> list[str]:
    return sorted(user_id for user_id, _ in departures)


@pytest.fixture
def here(db: None) -> str:
    return new_server()


@pytest.fixture
def there(db: None) -> str:
    return new_server()


# One user


def test_the_first_connection_makes_online_and_the_last_lost_one_offline(here: str, there: str, alice: User) -> None:
    assert presence.arrive(here, [alice.pk]) == [alice.pk]
    assert presence.arrive(there, [alice.pk]) == []
    assert presence.depart(here, [alice.pk]) == []
    assert presence.online_among([alice.pk]) == {alice.pk}

    before = utc_now()
    [(user_id, seen)] = presence.depart(there, [alice.pk])
    assert user_id == alice.pk
    assert before <= seen == last_seen(alice)
    assert presence.online_among([alice.pk]) == set()


def test_flapping_is_told_each_time_it_makes_a_difference(here: str, alice: User) -> None:
    for _ in range(3):
        assert presence.arrive(here, [alice.pk]) == [alice.pk]
        assert presence.arrive(here, [alice.pk]) == []
        assert names(presence.depart(here, [alice.pk])) == [alice.pk]
        assert presence.depart(here, [alice.pk]) == []


def test_who_was_not_here_can_not_leave(here: str, there: str, alice: User) -> None:
    presence.arrive(there, [alice.pk])
    assert presence.depart(here, [alice.pk]) == []
    assert last_seen(alice) is None
    assert presence.connected(there) == {alice.pk}


def test_only_those_asked_about_are_told(here: str, alice: User, bob: User) -> None:
    presence.arrive(here, [alice.pk, bob.pk])
    assert presence.online_among([alice.pk]) == {alice.pk}
    assert presence.online_among([]) == set()
    assert presence.connected(here) == {alice.pk, bob.pk}


def test_a_user_who_was_deleted_is_passed_over(here: str, alice: User) -> None:
    assert presence.arrive(here, ["nobody", alice.pk]) == [alice.pk]
    assert names(presence.depart(here, ["nobody", alice.pk])) == [alice.pk]


# Leases


def test_a_heartbeat_renews_the_lease_or_takes_a_new_one(here: str) -> None:
    old = silence(here)
    assert presence.beat(here) is True
    assert Server.objects.get().heartbeat_at > old
    Server.objects.all().delete()
    assert presence.beat(here) is False
    assert Server.objects.get().pk == UUID(here)


def test_nobody_arrives_on_a_server_without_a_lease(db: None, alice: User) -> None:
    with pytest.raises(LeaseLost):
        presence.arrive(str(uuid7()), [alice.pk])
    assert Connection.objects.count() == 0


def test_a_silent_server_counts_no_more_and_is_swept_once(here: str, there: str, alice: User, bob: User) -> None:
    presence.arrive(here, [alice.pk, bob.pk])
    presence.arrive(there, [bob.pk])
    heartbeat = silence(here)
    assert presence.online_among([alice.pk, bob.pk]) == {bob.pk}

    assert presence.sweep() == [(alice.pk, heartbeat)]
    assert presence.sweep() == []
    assert last_seen(alice) == heartbeat
    assert list(Server.objects.values_list("pk", flat=True)) == [UUID(there)]


def test_a_server_that_is_a_little_late_is_not_swept(here: str, alice: User) -> None:
    presence.arrive(here, [alice.pk])
    silence(here, LEASE - timedelta(seconds=5))
    assert presence.sweep() == []
    assert presence.online_among([alice.pk]) == {alice.pk}


def test_a_user_of_two_dead_servers_was_last_seen_on_the_later(here: str, there: str, alice: User) -> None:
    for server_id in (here, there):
        presence.arrive(server_id, [alice.pk])
    later = silence(here, 2 * LEASE)
    silence(there, 3 * LEASE)
    assert presence.sweep() == [(alice.pk, later)]


def test_nobody_was_last_seen_before_they_were(here: str, there: str, alice: User) -> None:
    for server_id in (here, there):
        presence.arrive(server_id, [alice.pk])
    silence(here)
    presence.depart(there, [alice.pk])
    seen = last_seen(alice)
    assert presence.sweep() == [(alice.pk, seen)]


def test_a_user_who_left_a_dead_server_for_another_never_went_offline(here: str, there: str, alice: User) -> None:
    presence.arrive(here, [alice.pk])
    silence(here)
    assert presence.arrive(there, [alice.pk]) == []
    assert presence.sweep() == []
    assert names(presence.depart(there, [alice.pk])) == [alice.pk]


def test_a_server_that_ends_takes_its_users_with_it(here: str, there: str, alice: User, bob: User) -> None:
    presence.arrive(here, [alice.pk, bob.pk])
    presence.arrive(there, [bob.pk])
    assert names(presence.forget(here)) == [alice.pk]
    assert presence.forget(here) == []
    assert presence.connected(here) == set()
    assert presence.online_among([alice.pk, bob.pk]) == {bob.pk}


# Many


@pytest.fixture
def crowd(db: None) -> list[str]:
    users = User.objects.bulk_create(User(username=f"fan {number}") for number in range(MANY))
    return [user.pk for user in users]


def cost(work: Callable[[], object]) -> int:
    with CaptureQueriesContext(connection) as queries:
        work()
    return len(queries)


def test_a_crowd_costs_as_much_as_one(here: str, there: str, crowd: list[str]) -> None:
    one, rest = crowd[:1], crowd[1:]
    assert cost(lambda: presence.arrive(here, one)) == cost(lambda: presence.arrive(here, rest))
    assert cost(lambda: presence.online_among(one)) == cost(lambda: presence.online_among(crowd)) == 1
    assert cost(lambda: presence.depart(here, one)) == cost(lambda: presence.depart(here, rest))


def test_sweeping_a_crowd_costs_as_much_as_sweeping_one(here: str, there: str, crowd: list[str]) -> None:
    presence.arrive(here, crowd[:1])
    silence(here)
    of_one = cost(presence.sweep)
    presence.arrive(there, crowd)
    silence(there)
    assert cost(presence.sweep) == of_one


# At once


@pytest.mark.usefixtures("transactional_db")
class TestAtOnce:
    """Two servers that count the same users at the same moment."""

    def test_arriving_on_two_servers_is_told_once(self, here: str, there: str, crowd: list[str]) -> None:
        for _ in range(ROUNDS):
            online = at_once([lambda: presence.arrive(here, crowd), lambda: presence.arrive(there, crowd[::-1])])
            assert sorted([*online[0], *online[1]]) == sorted(crowd)
            Connection.objects.all().delete()

    def test_leaving_two_servers_is_told_once(self, here: str, there: str, crowd: list[str]) -> None:
        for _ in range(ROUNDS):
            for server_id in (here, there):
                presence.arrive(server_id, crowd)
            gone = at_once([lambda: presence.depart(here, crowd), lambda: presence.depart(there, crowd[::-1])])
            assert names([*gone[0], *gone[1]]) == sorted(crowd)

    def test_changing_servers_ends_online(self, here: str, there: str, alice: User) -> None:
        for _ in range(ROUNDS):
            presence.arrive(here, [alice.pk])
            went, came = at_once(
                [lambda: names(presence.depart(here, [alice.pk])), lambda: presence.arrive(there, [alice.pk])]
            )
            assert went == came  # offline and online again, or neither
            assert presence.online_among([alice.pk]) == {alice.pk}
            presence.depart(there, [alice.pk])

    def test_one_of_many_sweepers_tells(self, here: str, there: str, crowd: list[str]) -> None:
        for _ in range(ROUNDS):
            for server_id in (here, there):
                presence.beat(server_id)
                presence.arrive(server_id, crowd)
                silence(server_id)
            swept = at_once([presence.sweep] * 4)
            assert names(departure for departures in swept for departure in departures) == sorted(crowd)
            assert Server.objects.count() == Connection.objects.count() == 0

    def test_a_server_wakes_while_it_is_swept(self, here: str, crowd: list[str]) -> None:
        """It was in time and keeps its users, or they are gone and it knows."""
        for _ in range(ROUNDS):
            presence.beat(here)
            online = presence.arrive(here, crowd)
            silence(here)
            kept, swept = at_once([lambda: presence.beat(here), lambda: bool(presence.sweep())])
            assert kept is not swept
            assert len(presence.online_among(crowd)) == (len(online) if kept else 0)
            presence.depart(here, crowd)

    def test_arriving_while_the_server_is_swept(self, here: str, alice: User, bob: User) -> None:
        for _ in range(ROUNDS):
            presence.beat(here)
            presence.arrive(here, [alice.pk])
            silence(here)

            def arrive() -> bool:
                try:
                    return presence.arrive(here, [bob.pk]) == [bob.pk]
                except LeaseLost:
                    return False

            arrived, swept = at_once([arrive, lambda: bool(presence.sweep())])
            assert arrived is not swept
            assert presence.connected(here) == ({alice.pk, bob.pk} if arrived else set())
            presence.forget(here)
