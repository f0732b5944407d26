"""A server in this process, and sockets of the cast on it."""

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest

from conversations.models import Conversation
from stoory.accounts.models import User
from stoory.auth import issue_token
from stoory.handler import ThreadedHandler
from stoory.realtime.application import Application
from stoory.realtime.database import database
from stoory.realtime.node import Node
from tests.sockets import SocketClient

Open = Callable[..., Awaitable[SocketClient]]

PATH = "/api/socket.io"
DJANGO = ThreadedHandler()


@pytest.fixture
def fast_repair(settings: Any) -> None:
    """Look into the log ten times a second; to be asked for before the server."""
    settings.REPAIR_SECONDS = 0.1


@pytest.fixture
async def server(transactional_db: None) -> AsyncIterator[Application]:
    """One server."""
    application = Application(Node(), DJANGO)
    await application.node.start()
    yield application
    await application.node.stop()


@pytest.fixture
async def other_server(server: Application) -> AsyncIterator[Application]:
    """Another server on the same database and bus."""
    application = Application(Node(), DJANGO)
    await application.node.start()
    yield application
    await application.node.stop()


@pytest.fixture
async def connect(server: Application) -> AsyncIterator[Open]:
    """Connect as a user, by the handshake token, and join conversations in the chat family's way."""
    opened: list[SocketClient] = []

    async def open_socket(
        user: User | None = None, *joined: Conversation, on: Application | None = None, **auth: Any
    ) -> SocketClient:
        socket = SocketClient(on or server)
        opened.append(socket)
        if user is not None:
            auth["token"] = (await database(issue_token, user))["token"]
        await socket.connect(auth or None)
        if user is not None:
            await socket.expect("authenticated")
        for conversation in joined:
            assert (await socket.emit("chat:join", {"conversationId": str(conversation.pk)}))["ok"]
            await socket.expect("chat:joined")
        return socket

    yield open_socket
    for socket in opened:
        await socket.close()


@pytest.fixture
async def workspace(server: Application) -> AsyncIterator[Open]:
    """Connect as seed 004's client does, by path unless told otherwise."""
    opened: list[SocketClient] = []

    async def open_socket(user: User, *, namespace: str = "/", path: str = f"{PATH}/", **auth: Any) -> SocketClient:
        socket = SocketClient(server, path=path, namespace=namespace)
        opened.append(socket)
        token = (await database(issue_token, user))["token"]
        await socket.connect({"token": f"Bearer {token}", "userId": user.pk, **auth})
        return socket

    yield open_socket
    for socket in opened:
        await socket.close()
