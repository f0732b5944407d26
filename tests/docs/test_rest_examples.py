"""The story of docs/rest.md, told to the server: each request is answered as shown, and as OpenAPI says (see `api`)."""

from collections.abc import Callable
from typing import Any

from rest_framework.test import APIClient

from stoory.accounts.models import Role, User
from tests.docs.documents import read
from tests.docs.matching import Bindings
from tests.docs.requests import requests

ALICE_ID = "0197f3a1-5c00-7000-8000-0000000a11ce"
BOB_ID = "0197f3a1-5c00-7000-8000-000000000b0b"
PASSWORD = "stoory-demo"


def test_it_answers_as_shown(db: None, api: Callable[[User | None], APIClient], settings: Any) -> None:
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
    """The people of the story, with the ids that they have there."""
    create = User.objects.create_user
    return [
        create("alice", password=PASSWORD, id=ALICE_ID, name="Alice Brand", role=Role.BRAND_OWNER),
        create("bob", password=PASSWORD, id=BOB_ID, name="Bob Influencer", role=Role.INFLUENCER),
        create("charlie", password=PASSWORD),
        User.objects.create_superuser("staff", password=PASSWORD, role=Role.STAFF),
    ]
