"""Whatever comes over the wire: nobody else notices, nothing stays behind, nothing of the insides is told.

`make fuzz` does it forty times as long, anew each time; FUZZ_FRAMES says how many frames.
"""

import os
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from stoory.realtime.contracts.base import Route
from tests.security import frames
from tests.security.arena import Arena
from tests.security.events import events, fields, kinds
from tests.security.schemas import Generator
from tests.security.world import UNKNOWN, World

USUAL = 5_000
FRAMES = int(os.environ.get("FUZZ_FRAMES", USUAL))
AT_A_TIME = 25

pytestmark = [
    pytest.mark.slow,
    pytest.mark.once,
    pytest.mark.django_db(transaction=True),
    pytest.mark.timeout(max(60, FRAMES // 100)),
]


def often(examples: int) -> settings:
    """Settings for so many examples: the same ones every time, unless there is time for more."""
    return settings(
        max_examples=max(1, examples),
        derandomize=FRAMES == USUAL,
        deadline=None,
        database=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )


@pytest.fixture
def arena(world: World) -> Iterator[Arena]:
    made = Arena(world)
    made.run(made.enter())
    yield made
    made.close()


@often(FRAMES // AT_A_TIME)
@given(sent=st.lists(frames.frames, min_size=AT_A_TIME, max_size=AT_A_TIME))
def test_frames(arena: Arena, sent: list[str | bytes]) -> None:
    with arena.watched():
        arena.run(arena.play(sent))


@often(FRAMES // 100)
@given(sent=st.lists(frames.bodies, min_size=5, max_size=5))
def test_polling_requests(arena: Arena, sent: list[bytes]) -> None:
    with arena.watched():
        arena.run(arena.post(sent))


QUERIES = st.lists(
    st.tuples(
        st.sampled_from(["EIO", "transport", "sid", "j", "t", "b64", ""]),
        st.sampled_from(["4", "3", "polling", "websocket", "", "0", "../x", "%00", "x" * 500]),
    ),
    max_size=5,
).map(lambda pairs: "&".join(f"{name}={value}" for name, value in pairs).encode())


@often(FRAMES // 50)
@given(
    method=st.sampled_from(["POST", "PUT", "DELETE", "OPTIONS", "HEAD", "PATCH", "TRACE"]),
    query=QUERIES,
    sent=st.lists(frames.frames, max_size=2),
)
def test_odd_requests_and_upgrades(arena: Arena, method: str, query: bytes, sent: list[str | bytes]) -> None:
    with arena.watched():
        arena.run(arena.ask(method, query, b"4"))
        arena.run(arena.play(sent, query=query))


def payloads(world: World) -> st.SearchStrategy[tuple[str, Any]]:
    """Every event, its payload as its schema has it or nearly so."""
    return st.one_of(
        [
            st.tuples(st.just(name), right(world, route) | nearly_right(world, route))
            for name, _, route in events()
            if not route.vital  # failing such an event ends the socket
        ]
    )


def ids(world: World, kind: str) -> st.SearchStrategy[str]:
    return st.sampled_from([*world.foreign[kind], world.own[kind], UNKNOWN[kind]])


def right(world: World, route: Route[Any]) -> st.SearchStrategy[Any]:
    """Return what the schema of an event's payload allows: with ids that mean something, or not."""
    named = {
        field: st.lists(ids(world, kind), max_size=3) if field == "messageIds" else ids(world, kind)
        for field, kind in kinds(route).items()
    }
    generator = Generator({field: values for field, values in named.items() if field}, frames.values)
    described = generator.document(msgspec.json.schema(route.payload))
    return described | named[""] if "" in named else described


def nearly_right(world: World, route: Route[Any]) -> st.SearchStrategy[Any]:
    """Return a payload each of whose fields is right, of the wrong kind, somebody else's, or left out."""
    named = kinds(route)
    given_fields = {
        field: ids(world, named[field]) | frames.values if field in named else frames.values for field in fields(route)
    }
    return given_fields.pop("") if route.payload is str else st.fixed_dictionaries({}, optional=given_fields)


@often(FRAMES // AT_A_TIME)
@given(data=st.data())
def test_payloads(arena: Arena, data: st.DataObject) -> None:
    said = data.draw(st.lists(payloads(arena.world), min_size=5, max_size=5))
    with arena.watched():
        arena.run(arena.say(said))
