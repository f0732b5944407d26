"""Marks in a real Valkey: the same answers as in memory, for all servers together, and what happens without it."""

import asyncio
import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest
import redis
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as st

from stoory import shared_limits
from stoory.errors import RateLimited
from stoory.limits import SECOND, Claim, Limiter, LocalMarks, Rate
from stoory.realtime.charges import Charges
from stoory.shared_limits import SharedMarks
from tests.services import valkey

HOUR = 3_600 * SECOND
THREE_AN_HOUR = Rate(HOUR, 3 * HOUR)


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with valkey() as url:
        yield url


@pytest.fixture
def deaf() -> Iterator[socket.socket]:
    """A server that accepts and never answers, as a hung Redis does."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.setblocking(False)
        yield listener


@pytest.fixture
def silent_url(deaf: socket.socket) -> str:
    return f"redis://127.0.0.1:{deaf.getsockname()[1]}/0"


@pytest.fixture
def absent_url() -> str:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return f"redis://127.0.0.1:{listener.getsockname()[1]}/0"


@pytest.fixture
def open_marks() -> Iterator[list[SharedMarks]]:
    opened: list[SharedMarks] = []
    yield opened
    for marks in opened:
        marks.close()


@pytest.fixture
def server(open_marks: list[SharedMarks]) -> type[SharedMarks]:
    """Makes the marks of one server, which are closed at the end."""

    class Opened(SharedMarks):
        def __init__(self, url: str) -> None:
            super().__init__(url)
            open_marks.append(self)

    return Opened


def three(key: str) -> list[Claim]:
    return [Claim(key, THREE_AN_HOUR)]


def unused() -> str:
    return str(uuid4())


def questions(url: str) -> int:
    """How often the script has been run."""
    with redis.Redis.from_url(url) as client:
        return int(client.info("commandstats").get("cmdstat_eval", {"calls": 0})["calls"])


# The same answers


@examples(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    bursts=st.lists(st.integers(1, 5), min_size=3, max_size=3),
    asks=st.lists(st.lists(st.integers(0, 2), min_size=1, max_size=3, unique=True), max_size=30),
)
def test_both_give_the_same_answers(
    server: type[SharedMarks], url: str, bursts: list[int], asks: list[list[int]]
) -> None:
    mark, here, there = unused(), LocalMarks(), [server(url), server(url)]
    for number, ask in enumerate(asks):
        claims = [Claim(f"{mark}:{key}", Rate(HOUR, bursts[key] * HOUR)) for key in ask]
        expected, answered = here.take(claims), there[number % 2].take(claims)
        assert (answered == 0) is (expected == 0)
        assert abs(answered - expected) < HOUR / 2


def test_servers_share_what_there_is(server: type[SharedMarks], url: str) -> None:
    claims, servers = three(unused()), [server(url) for _ in range(3)]
    answers = [marks.take(claims) for marks in servers * 2]
    assert answers[:3] == [0, 0, 0]
    assert all(0 < early <= HOUR for early in answers[3:])


def test_a_hundred_threads_of_two_servers_take_exactly_what_there_is(server: type[SharedMarks], url: str) -> None:
    claims, servers = [Claim(unused(), Rate(HOUR, 37 * HOUR))], [server(url), server(url)]
    with ThreadPoolExecutor(100) as threads:
        answers = list(threads.map(lambda number: servers[number % 2].take(claims), range(400)))
    assert answers.count(0) == 37


def test_when_to_come_back_is_true(server: type[SharedMarks], url: str) -> None:
    marks, claims = server(url), [Claim(unused(), Rate(SECOND // 20, SECOND // 20))]
    assert marks.take(claims) == 0
    early = marks.take(claims)
    assert 0 < early <= SECOND // 20
    time.sleep(early / SECOND)
    assert server(url).take(claims) == 0


def test_a_mark_that_has_passed_is_gone(server: type[SharedMarks], url: str) -> None:
    key = unused()
    server(url).take(three(key))
    with redis.Redis.from_url(url) as client:
        [kept] = client.scan_iter(f"*{key}")
        assert 3_590_000 < client.pttl(kept) <= 3_600_000


def test_a_flood_costs_no_questions(server: type[SharedMarks], url: str) -> None:
    marks, claims = server(url), three(unused())
    assert [marks.take(claims) == 0 for _ in range(4)] == [True, True, True, False]
    asked = questions(url)
    assert all(marks.take(claims) for _ in range(1_000))
    assert questions(url) == asked


# From an event loop


async def test_what_is_asked_at_once_is_one_question(server: type[SharedMarks], url: str) -> None:
    limiter = Limiter({"send": THREE_AN_HOUR}, server(url), per_address=1_000)
    charges, users, asked = Charges(limiter), [unused() for _ in range(50)], questions(url)
    answers = await asyncio.gather(
        *(charges.charge("send", user, unused()) for user in users for _ in range(4)), return_exceptions=True
    )
    await charges.close()
    refused = [isinstance(answer, RateLimited) for answer in answers]
    assert refused == [False, False, False, True] * 50
    assert questions(url) - asked <= 2


async def test_two_loops_and_threads_share_what_there_is(server: type[SharedMarks], url: str) -> None:
    user = unused()
    limiters = [Limiter({"send": THREE_AN_HOUR}, server(url), per_address=1_000) for _ in range(2)]
    first, second = [Charges(limiter) for limiter in limiters]
    await first.charge("send", user)
    await second.charge("send", user)
    await asyncio.to_thread(limiters[0].charge, "send", user)
    with pytest.raises(RateLimited):
        await second.charge("send", user)
    await first.close()
    await second.close()


# Without it


def test_without_redis_each_server_limits_by_itself(server: type[SharedMarks], absent_url: str) -> None:
    claims = three(unused())
    for marks in (server(absent_url), server(absent_url)):
        assert [marks.take(claims) == 0 for _ in range(5)] == [True, True, True, False, False]


def test_a_redis_that_hangs_is_asked_once(server: type[SharedMarks], deaf: socket.socket, silent_url: str) -> None:
    marks, claims = server(silent_url), [Claim(unused(), Rate(HOUR, 100 * HOUR))]
    assert [marks.take(claims) == 0 for _ in range(101)] == [True] * 100 + [False]
    deaf.accept()[0].close()
    with pytest.raises(BlockingIOError):
        deaf.accept()


async def test_a_redis_that_hangs_holds_up_nobody_twice(
    server: type[SharedMarks], deaf: socket.socket, silent_url: str
) -> None:
    limiter = Limiter({"send": Rate(HOUR, 100 * HOUR)}, server(silent_url), per_address=1_000)
    charges, user = Charges(limiter), unused()
    answers = await asyncio.gather(*(charges.charge("send", user) for _ in range(101)), return_exceptions=True)
    await charges.close()
    assert answers[:100] == [None] * 100
    assert isinstance(answers[100], RateLimited)
    deaf.accept()[0].close()
    with pytest.raises(BlockingIOError):
        deaf.accept()


def test_a_redis_that_comes_back_is_asked_again(
    server: type[SharedMarks], url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    marks, other, claims = server(url), server(url), three(unused())
    marks.failed([claims], redis.ConnectionError())
    assert [marks.take(claims) == 0 for _ in range(2)] == [True, True]
    monkeypatch.setattr(shared_limits, "REST_SECONDS", 0.0)
    marks.failed([], redis.ConnectionError())
    assert [marks.take(claims) == 0 for _ in range(3)] == [True, True, True]
    assert other.take(claims) > 0


async def test_a_redis_that_comes_back_is_asked_again_by_the_loop(
    server: type[SharedMarks], url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shared_limits, "REST_SECONDS", 0.0)
    marks, other, user = server(url), server(url), unused()
    charges = Charges(Limiter({"send": THREE_AN_HOUR}, marks, per_address=1_000))
    marks.failed([], redis.ConnectionError())
    for _ in range(3):
        await charges.charge("send", user)
    with pytest.raises(RateLimited):
        await charges.charge("send", user)
    await charges.close()
    assert other.take([Claim(f"send:user:{user}", THREE_AN_HOUR)]) > 0
