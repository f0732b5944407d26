"""The story of docs/rest.md, told to the server: each request is answered as shown."""

import json
from collections.abc import Callable, Iterator
from http import HTTPStatus
from typing import Any, NamedTuple

from pytest_django.fixtures import SettingsWrapper
from rest_framework.test import APIClient

from stoory.accounts.models import Role, User
from tests.docs.documents import Block, blocks, read
from tests.docs.matching import Bindings

ALICE_ID = "0197f3a1-5c00-7000-8000-0000000a11ce"
BOB_ID = "0197f3a1-5c00-7000-8000-000000000b0b"
UNKNOWN_ID = "0197f3a1-5c00-7000-8000-00000000dead"
PASSWORD = "stoory-demo"

Answer = tuple[int, Any]


class Request(NamedTuple):
    """A request as a document shows it."""

    user: str
    method: str
    path: str
    headers: dict[str, str]
    body: str
    shown_answer: Answer


def requests(text: str) -> Iterator[Request]:
    """Return the requests of a document with the answers behind them."""
    shown = (block for block in blocks(text) if block.language == "http")
    for block in shown:
        head, _, body = block.text.partition("\n\n")
        start, *fields = head.splitlines()
        method, path = start.split()
        user = block.mark[1] if block.mark else "alice"
        headers = dict(field.split(": ", 1) for field in fields)
        yield Request(user, method, path, headers, body.strip(), answer(next(shown)))


def answer(block: Block) -> Answer:
    """Return the status and the body that a block shows."""
    head, _, body = block.text.partition("\n\n")
    version, status, phrase = head.split(maxsplit=2)
    assert version == "HTTP/1.1"
    assert HTTPStatus(int(status)).phrase == phrase.strip()
    return int(status), json.loads(body)


def test_it_answers_as_shown(
    db: None, api: Callable[[User | None], APIClient], settings: SettingsWrapper
) -> None:
    settings.ENABLE_TEST_MESSAGE = True
    clients = {user.username: api(user) for user in cast()}
    bindings = Bindings()
    story = list(requests(read("docs/rest.md")))

    assert story
    for number, request in enumerate(story, 1):
        response = clients[request.user].generic(
            request.method,
            bindings.filled_in(request.path),
            bindings.filled_in(request.body),
            content_type="application/json",
            headers=request.headers,
        )
        status, body = request.shown_answer
        where = f"{number}. {request.method} {request.path}"
        assert response.status_code == status, f"{where}: {response.content!r}"
        bindings.match(body, response.json(), where)


def cast() -> list[User]:
    """The people of the documents, with the ids that they have there."""
    create = User.objects.create_user
    return [
        create("alice", password=PASSWORD, id=ALICE_ID, name="Alice Brand", role=Role.BRAND_OWNER),
        create("bob", password=PASSWORD, id=BOB_ID, name="Bob Influencer", role=Role.INFLUENCER),
        create("charlie", password=PASSWORD),
        User.objects.create_superuser("staff", password=PASSWORD, role=Role.STAFF),
    ]
