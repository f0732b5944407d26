"""A socket is nobody's until it shows a token: a browser's cookie is none, and what it is called is kept to itself."""

import json
import logging
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from stoory.accounts.models import User
from stoory.realtime.application import Application
from stoory.realtime.database import database
from tests.security.requests import HANDSHAKE, ask
from tests.sockets import SocketClient

pytestmark = pytest.mark.django_db(transaction=True)


async def test_a_cookie_is_no_token(server: Application, staff: User) -> None:
    browser = Client()
    await database(browser.force_login, staff)
    cookie = f"{settings.SESSION_COOKIE_NAME}={browser.cookies[settings.SESSION_COOKIE_NAME].value}"
    socket = await SocketClient(server, headers={"cookie": cookie}).connect()
    answer = await socket.emit("join_user_room", {"userId": staff.pk})
    assert answer["error"]["code"] == "not_authenticated"
    await socket.close()


async def test_the_name_of_a_session_is_not_logged(server: Application, caplog: pytest.LogCaptureFixture) -> None:
    """Who knows it may speak for the session, by polling."""
    caplog.set_level(logging.DEBUG)
    opened: dict[str, Any] = json.loads((await ask(server)).body[1:])
    query = HANDSHAKE + b"&sid=" + opened["sid"].encode()
    assert (await ask(server, "POST", query, b"40")).body == b"ok"
    assert (await ask(server, "POST", query, b'42["chat:nonsense"]')).body == b"ok"
    assert (await ask(server, "POST", query, b"4nonsense")).status == 400
    assert "closed" in caplog.text
    assert opened["sid"] not in caplog.text
