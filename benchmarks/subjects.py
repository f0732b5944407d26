"""The servers that are compared: ours, and two on Node that differ in how they store a message."""

import os
import sys
import time
from collections.abc import Callable, Mapping
from functools import cache
from uuid import uuid4

import jwt
import msgspec

from benchmarks.processes import HERE
from benchmarks.settings import SETTINGS, SIGNING_KEY

TOKEN_SECONDS = 24 * 3600
LEFT_BEHIND = ("DATABASE_POOL_SIZE", "DEBUG", "NODE_OPTIONS")  # of a developer or of the tests

Environment = dict[str, str]


class Subject(msgspec.Struct, frozen=True, kw_only=True):
    """A server under test: how it is started, and which table holds its messages."""

    name: str
    command: tuple[str, ...]
    environment: Callable[[str, str, Mapping[str, str]], Environment]
    messages: str


def _ours(database_url: str, redis_url: str, settings: Mapping[str, str]) -> Environment:
    return {**_inherited(), **SETTINGS, "DATABASE_URL": database_url, "REDIS_URL": redis_url, **settings}


def _peer(handler: str) -> Callable[[str, str, Mapping[str, str]], Environment]:
    def environment(database_url: str, redis_url: str, settings: Mapping[str, str]) -> Environment:
        given = {"NODE_ENV": "production", "DATABASE_URL": database_url, "JWT_SIGNING_KEY": SIGNING_KEY}
        return {**_inherited(), **given, "HANDLER": handler}

    return environment


def _inherited() -> Environment:
    return {name: value for name, value in os.environ.items() if name not in LEFT_BEHIND}


OURS = Subject(
    name="ours",
    command=(sys.executable, "manage.py", "serve", "--port", "0"),
    environment=_ours,
    messages="messaging_message",
)
USUAL, BEST = PEERS = tuple(
    Subject(
        name=handler,
        command=("node", str(HERE / "peer" / "server.mjs")),
        environment=_peer(handler),
        messages="messages",
    )
    for handler in ("usual", "best")
)


@cache
def token(user_id: str) -> str:
    """Return an access token that every subject takes."""
    now = int(time.time())
    claims = {"token_type": "access", "user_id": user_id, "jti": uuid4().hex, "iat": now, "exp": now + TOKEN_SECONDS}
    return jwt.encode(claims, SIGNING_KEY, algorithm="HS256")
