"""The contracts' pages show what their clients hear: their examples are among the golden files, and none is missing.

Marks in docs/contracts/FAMILY.md (and docs/contracts.md, which is chat's too): `example: NAME` is what the server
emits, `emit: NAME` what a client sends, `ack: NAME` how that is acknowledged. What follows a name in brackets tells two
examples of it apart.
"""

import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import pytest
from django.core.asgi import get_asgi_application

from stoory.accounts.models import User
from stoory.auth import issue_token
from stoory.realtime.application import Application
from stoory.realtime.contracts import CONTRACTS
from stoory.realtime.contracts.base import Contract, Route
from stoory.realtime.database import database
from stoory.realtime.node import Node
from tests.docs.documents import ROOT, Row, in_code, marked, read, table
from tests.docs.matching import Bindings
from tests.sockets import SocketClient

GOLDEN = ROOT / "tests" / "contracts" / "golden"
COMMON = read("docs/contracts.md")
PAGES = {path.stem: path.read_text() for path in sorted((ROOT / "docs" / "contracts").glob("*.md"))}
ANYBODY = "0197f000-0000-7000-8000-000000000b0b"
FROM_THE_SERVER = {"auth:expiring"}  # said by no contract

Open = Callable[[User, timedelta], Awaitable[SocketClient]]


class Example(NamedTuple):
    """What a page shows."""

    family: str
    name: str
    payload: Any

    @property
    def event(self) -> str:
        return self.name.partition(" (")[0]


class Said(NamedTuple):
    """What the golden files hold."""

    family: str
    event: str
    given: str
    payload: Any


def shown(kind: str) -> list[Example]:
    """Return the examples of a kind."""
    pages = [("chat", COMMON), *PAGES.items()]
    return [
        Example(family, name, json.loads(block.text))
        for family, page in pages
        for name, block in marked(page, kind).items()
    ]


def said() -> Iterator[Said]:
    """Return the golden files' entries."""
    for path in sorted(GOLDEN.glob("*/*.json")):
        entries = json.loads(path.read_text())
        for entry in entries if isinstance(entries, list) else [entries]:
            yield Said(family_of(path), entry["event"], entry["given"], entry["payload"])


def family_of(path: Path) -> str:
    return path.parent.name


EXAMPLES, EMITS, ACKS = shown("example"), shown("emit"), shown("ack")
SAID = list(said())
HEARD = [entry for entry in SAID if entry.event != "ack"]

every_contract = pytest.mark.parametrize("contract", CONTRACTS, ids=lambda contract: contract.name)


def is_like(shown_payload: Any, payload: Any) -> bool:
    try:
        Bindings().match(shown_payload, payload)
    except AssertionError:
        return False
    return True


def test_every_family_has_its_page() -> None:
    assert set(PAGES) == {contract.name for contract in CONTRACTS}


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: f"{example.family} {example.name}")
def test_it_is_said_as_shown(example: Example) -> None:
    if example.event in FROM_THE_SERVER:
        return
    real = [entry.payload for entry in HEARD if (entry.family, entry.event) == (example.family, example.event)]
    assert real, f"{example.family} does not say {example.event}"
    if not any(is_like(example.payload, payload) for payload in real):
        Bindings().match(example.payload, real[0])


@pytest.mark.parametrize("example", ACKS, ids=lambda example: f"{example.family} {example.name}")
def test_it_is_acknowledged_as_shown(example: Example) -> None:
    [real] = [
        entry.payload
        for entry in SAID
        if (entry.family, entry.event, entry.given) == (example.family, "ack", example.name)
    ]
    Bindings().match(example.payload, real)


def test_all_that_is_said_is_shown() -> None:
    """On the family's own page, or with the same keys on another's."""
    own = {(example.family, example.event) for example in EXAMPLES}
    keys = {(example.event, frozenset(example.payload)) for example in EXAMPLES}

    for entry in HEARD:
        is_shown = (entry.family, entry.event) in own or (entry.event, frozenset(entry.payload)) in keys
        assert is_shown, f"docs/contracts/{entry.family}.md shows no {entry.event}"


@every_contract
def test_the_server_takes_what_is_shown(contract: Contract) -> None:
    examples = {example.event: example.payload for example in EMITS if example.family == contract.name}

    assert set(examples) == set(contract.inbound)
    for name, payload in examples.items():
        route = contract.inbound[name]
        if isinstance(payload, dict):
            assert set(payload) <= keys_of(route), name
        route.request(ANYBODY, msgspec.convert(payload, route.payload))


@every_contract
def test_the_inbound_table_names_every_key(contract: Contract) -> None:
    rows = rows_by_name(table(PAGES[contract.name], "in"))

    assert set(rows) == set(contract.inbound)
    for name, (_, payload, acknowledgement) in rows.items():
        route, keys = contract.inbound[name], set(in_code(payload))
        assert {key.rstrip("?") for key in keys} == keys_of(route), name
        assert required_of(route) <= keys, f"{name} marks as optional what it needs"
        for entry in SAID:
            if (entry.family, entry.event, entry.given) == (contract.name, "ack", name):
                assert set(entry.payload) - {"ok"} <= {key.rstrip("?") for key in in_code(acknowledgement)}, name


@every_contract
def test_the_outbound_table_names_every_key(contract: Contract) -> None:
    rows = rows_by_name(table(PAGES[contract.name], "out"))
    heard = [entry for entry in HEARD if entry.family == contract.name]

    assert {entry.event for entry in heard} <= set(rows) | {"authenticated"}
    for entry in heard:
        keys = set(in_code(rows[entry.event][2])) if entry.event in rows else set()
        always = {key for key in keys if not key.endswith("?")}
        if keys:  # elsewhere the table points to where they are
            assert always <= set(entry.payload) <= {key.rstrip("?") for key in keys}, f"{entry.event}, {entry.given}"


def rows_by_name(rows: list[Row]) -> dict[str, Row]:
    """Return a table's rows by the names in their first cells."""
    return {name: row for row in rows for name in in_code(row[0])}


def keys_of(route: Route[Any]) -> set[str]:
    return {field.encode_name for field in fields_of(route)}


def required_of(route: Route[Any]) -> set[str]:
    return {field.encode_name for field in fields_of(route) if field.required}


def fields_of(route: Route[Any]) -> tuple[msgspec.structs.FieldInfo, ...]:
    return () if route.payload is str else msgspec.structs.fields(route.payload)


@pytest.fixture
async def open_socket(transactional_db: None) -> AsyncIterator[Open]:
    """Sockets of a server in this process."""
    server = Application(Node(), get_asgi_application())
    opened: list[SocketClient] = []

    async def connect(user: User, lifetime: timedelta) -> SocketClient:
        socket = SocketClient(server)
        opened.append(socket)
        token = (await database(issue_token, user, lifetime))["token"]
        return await socket.connect({"token": token})

    yield connect
    for socket in opened:
        await socket.close()
    await server.node.stop()


async def test_it_warns_of_expiry_as_shown(open_socket: Open, alice: User) -> None:
    socket = await open_socket(alice, timedelta(seconds=50))
    [example] = [example for example in EXAMPLES if example.event == "auth:expiring"]

    Bindings().match(example.payload, await socket.expect("auth:expiring"))
