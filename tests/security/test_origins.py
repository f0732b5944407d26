"""Pages of strangers open no sockets, whatever their requests claim, and a cookie says nothing to a socket."""

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from stoory.realtime import origins
from stoory.realtime.engine import Engine
from tests.security.requests import HANDSHAKE, ask, knock

OURS = "chat.example.org"
STRANGE: dict[str, dict[str, str]] = {
    "of a stranger": {"host": OURS, "origin": "https://evil.example"},
    "of a stranger, who has our name lead to us": {"host": "evil.example", "origin": "https://evil.example"},
    "of nobody, to a name that is not ours": {"host": "evil.example"},
    "of a stranger, who says that we are called so": {
        "host": OURS,
        "origin": "https://evil.example",
        "x-forwarded-host": "evil.example",
    },
    "of a stranger, by a proxy's words": {
        "host": OURS,
        "origin": "https://evil.example",
        "forwarded": "host=evil.example",
    },
    "that is sealed off": {"host": OURS, "origin": "null"},
    "of a name like ours": {"host": OURS, "origin": f"https://{OURS}.evil.example"},
    "of ours on another port": {"host": OURS, "origin": f"https://{OURS}:8443"},
    "of ours in a user's name": {"host": OURS, "origin": f"https://{OURS}@evil.example"},
    "of no name": {"host": "[", "origin": "https://["},
}
OWN: dict[str, dict[str, str]] = {
    "of ours": {"host": OURS, "origin": f"https://{OURS}"},
    "of a friend": {"host": OURS, "origin": "https://app.example.org"},
    "of a program": {"host": OURS},
    "of a program that says nothing": {},
}


@pytest.fixture(autouse=True)
def production(settings: Any) -> None:
    settings.CORS_ALLOW_ALL_ORIGINS = False
    settings.CORS_ALLOWED_ORIGINS = ["https://app.example.org"]
    settings.CSRF_TRUSTED_ORIGINS = []
    settings.ALLOWED_HOSTS = [OURS]


async def always(address: str) -> None:
    """Admit anybody."""


@pytest.fixture
async def engine() -> AsyncIterator[Engine]:
    made = Engine(budget=10_000, prepares=False, allows=origins.is_allowed, admits=always)
    made.on("connect", lambda connection: None)
    made.on("disconnect", lambda connection, reason: None)
    yield made
    for connection in list(made.sockets.values()):
        connection.close()


@pytest.mark.parametrize("page", STRANGE)
async def test_a_page_is_kept_out(engine: Engine, page: str) -> None:
    handshake = json.loads((await ask(engine.handle_request)).body[1:])
    query = HANDSHAKE + b"&sid=" + handshake["sid"].encode()
    for method, asked, body in (("GET", HANDSHAKE, b""), ("GET", query, b""), ("POST", query, b"40")):
        answer = await ask(engine.handle_request, method, asked, body, headers=STRANGE[page])
        assert answer.status == 400
        assert "access-control-allow-origin" not in answer.headers
    assert await knock(engine.handle_request, headers=STRANGE[page]) == 400
    assert await knock(engine.handle_request, query.replace(b"polling", b"websocket"), STRANGE[page]) == 400
    assert list(engine.sockets) == [handshake["sid"]]


@pytest.mark.parametrize("page", OWN)
async def test_a_page_is_let_in(engine: Engine, page: str) -> None:
    answer = await ask(engine.handle_request, headers=OWN[page])
    assert answer.status == 200
    assert answer.headers.get("access-control-allow-origin") == OWN[page].get("origin")
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert await knock(engine.handle_request, headers=OWN[page]) == 101


async def test_a_script_of_a_stranger_reads_no_answer(engine: Engine) -> None:
    """`?j=0` would make the answer a script, which pages may take from anywhere."""
    assert (await ask(engine.handle_request, query=HANDSHAKE + b"&j=0")).status == 400


async def test_a_session_cannot_be_guessed(engine: Engine) -> None:
    for _ in range(50):
        await ask(engine.handle_request)
    assert len(engine.sockets) == 50
    assert all(len(sid) >= 20 for sid in engine.sockets)  # of 64 letters: 120 bits
    for guess in (b"", b"0", b"../admin", next(iter(engine.sockets)).swapcase().encode()):
        answer = await ask(engine.handle_request, "POST", HANDSHAKE + b"&sid=" + guess, b"40")
        assert answer.status == 400


async def test_an_old_client_is_told_what_is_missing(engine: Engine) -> None:
    answer = await ask(engine.handle_request, query=b"EIO=3&transport=polling&b64=1")
    assert answer.status == 400
    assert json.loads(answer.body) == {
        "code": 5,
        "message": "Unsupported protocol version",
        "needed": "Engine.IO 4: socket.io-client 3 or newer",
    }
