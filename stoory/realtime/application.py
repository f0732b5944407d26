"""The ASGI application: two Socket.IO paths on one server, lifespan, and Django for the rest."""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from django.conf import settings

from stoory.addresses import client_address
from stoory.realtime.node import Node

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
ASGIApp = Callable[[Any, Any, Any], Awaitable[None]]

SOCKET_PATHS = ("/socket.io/", "/api/socket.io/")  # seed 004 connects to the second


class Application:
    """Routes a connection to the part that serves it."""

    def __init__(self, node: Node, django: ASGIApp) -> None:
        self.node = node
        self.django = django

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._live(receive, send)
            return
        scope["client"] = _client(scope)
        if f"{scope['path'].rstrip('/')}/" in SOCKET_PATHS:
            await self.node.start()
            await self.node.server.eio.handle_request(scope, receive, send)
        elif scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.close", "code": 1000})
        else:
            await self.django(scope, receive, send)

    async def _live(self, receive: Receive, send: Send) -> None:
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                await self.node.start()
                await send({"type": "lifespan.startup.complete"})
            elif message["type"] == "lifespan.shutdown":
                await self.node.stop()
                await send({"type": "lifespan.shutdown.complete"})
                return


def _client(scope: Scope) -> tuple[str, int]:
    """Return where a request comes from: whom a trusted proxy serves, or the connection's other end."""
    peer, port = scope.get("client") or ("", 0)
    forwarded = [value.decode("latin-1") for name, value in scope["headers"] if name == b"x-forwarded-for"]
    return (client_address(peer, forwarded, settings.TRUSTED_PROXIES), port) if forwarded else (peer, port)
