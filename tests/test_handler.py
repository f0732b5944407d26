"""Django's answers over ASGI, each made in one thread."""

from threading import current_thread
from typing import Any

import pytest
from django.db import connection
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.urls import path

from stoory.accounts.models import User
from stoory.handler import ThreadedHandler


def in_pieces(request: HttpRequest) -> HttpResponseBase:
    return StreamingHttpResponse([b"one ", b"two"])


def whoever(request: HttpRequest) -> HttpResponseBase:
    response = HttpResponse(f"{request.GET['name']} {request.body.decode()} {current_thread().name}")
    response.set_cookie("seen", "yes")
    return response


def counted(request: HttpRequest) -> HttpResponseBase:
    return HttpResponse(User.objects.count())


urlpatterns = [path("pieces", in_pieces), path("whoever", whoever), path("counted", counted)]


@pytest.fixture(autouse=True)
def these_views(settings: Any) -> None:
    settings.ROOT_URLCONF = __name__
    settings.MIDDLEWARE = []


async def answer(handler: ThreadedHandler, where: str, *incoming: dict[str, Any], query: str = "") -> list[Any]:
    """Return what is sent to a client who sends those messages."""
    sent: list[Any] = []
    messages = iter(incoming or [{"type": "http.request", "body": b"", "more_body": False}])

    async def receive() -> Any:
        return next(messages)

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "method": "POST",
        "path": where,
        "query_string": query.encode(),
        "headers": [(b"host", b"localhost")],
        "scheme": "http",
    }
    await handler(scope, receive, send)
    return sent


async def test_it_answers_a_request_that_comes_in_pieces() -> None:
    pieces = [{"type": "http.request", "body": body, "more_body": body != b"ob"} for body in (b"b", b"ob")]
    start, body = await answer(ThreadedHandler(), "/whoever", *pieces, query="name=alice")

    assert start["status"] == 200
    assert dict(start["headers"])[b"Set-Cookie"] == b"seen=yes; Path=/"
    assert body["body"].startswith(b"alice bob request_")


async def test_a_response_in_pieces_is_sent_as_one() -> None:
    _, body = await answer(ThreadedHandler(), "/pieces")
    assert body == {"type": "http.response.body", "body": b"one two"}


async def test_nobody_is_answered_who_has_left() -> None:
    assert await answer(ThreadedHandler(), "/whoever", {"type": "http.disconnect"}) == []


async def test_a_view_that_fails_is_answered() -> None:
    start, _ = await answer(ThreadedHandler(), "/whoever")
    assert start["status"] == 500


async def test_a_thread_keeps_no_connection(transactional_db: None) -> None:
    handler = ThreadedHandler()
    _, body = await answer(handler, "/counted")
    assert body["body"].isdigit()
    assert handler._threads.submit(lambda: connection.connection).result() is None
