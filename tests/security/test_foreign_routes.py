"""REST, every route and method of it: what is not yours is answered exactly as what does not exist.

A new route fails here until `REQUESTS` says what to ask of it, and `OPEN` or `FOR_STAFF` where others may.
"""

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from rest_framework.test import APIClient

from stoory.accounts.models import User
from tests.security.world import UNKNOWN, World

pytestmark = pytest.mark.slow

Api = Callable[[User | None], APIClient]

ADMIN = "/admin/"
METHODS = ("get", "post", "put", "patch", "delete")
PAGES = {"login", "logout", "docs", "events-page", "landing", "playground", "playground-people"}  # the same for all

WHY = {"reason": "To see what happens"}
ANY: dict[str, Any] = {}
REQUESTS: dict[tuple[str, str], dict[str, Any]] = {
    ("api-root", "get"): ANY,
    ("token", "post"): {"username": "alice", "password": "wrong"},
    ("token-refresh", "post"): {"refresh": "none"},
    ("token-verify", "post"): {"token": "none"},
    ("token-revoke", "post"): {"refresh": "none"},
    ("token-revoke-all", "post"): ANY,
    ("members", "post"): {"member_id": UNKNOWN["user"]},
    ("members", "delete"): {"member_id": UNKNOWN["user"]},
    ("campaign-updates", "post"): {"kind": "approved"},
    ("messages", "post"): {"conversation_id": "<conversation>", "message": "Hi", "reply_to_id": "<message>"},
    ("unread-count", "get"): ANY,
    ("conversations", "get"): ANY,
    ("conversations", "post"): {"type": "direct", "receiver_id": UNKNOWN["user"]},
    ("context", "get"): ANY,
    ("conversation-messages", "get"): ANY,
    ("conversation-messages", "post"): {"message": "Hi", "reply_to_id": "<message>"},
    ("message", "patch"): {"message": "Changed"},
    ("message", "delete"): ANY,
    ("reactions", "post"): {"type": ":wave:"},
    ("reactions", "delete"): {"type": ":wave:"},
    ("v1-conversations", "get"): ANY,
    ("v1-messages", "get"): ANY,
    ("v1-messages", "post"): {"content": "Hi"},
    ("v1-read", "put"): ANY,
    ("seen", "put"): {"up_to_message_id": "<message>"},
    ("provider-events", "post"): ANY,
    ("actions", "get"): ANY,
    ("actions", "post"): {"action": "accept"},
    ("transitions", "get"): ANY,
    ("conversation-flow", "get"): ANY,
    ("staff-actions", "post"): {"action": "accept"} | WHY,
    ("force-transition", "post"): {"state": "real_time"} | WHY,
    ("pause-flow", "post"): WHY,
    ("resume-flow", "post"): WHY,
    ("retry-effect", "post"): WHY,
    ("dismiss-effect", "post"): WHY,
    ("flows", "get"): ANY,
    ("flows", "post"): {"document": {}},
    ("flow-schema", "get"): ANY,
    ("flow-analytics", "get"): ANY,
    ("flow-versions", "get"): ANY,
    ("flow-versions", "post"): {"document": {}},
    ("flow-version", "get"): ANY,
    ("flow-version", "put"): {"document": {}},
    ("validate-flow", "post"): ANY,
    ("publish-flow", "post"): ANY,
    ("retire-flow", "post"): ANY,
    ("clone-flow", "post"): ANY,
    ("migrate-flow", "post"): {"to": 1},
    ("simulate-flow", "post"): {"steps": []},
    ("flow-diff", "get"): ANY,
    ("flow-graph", "get"): ANY,
    ("flow-mermaid", "get"): ANY,
    ("flow-version-schema", "get"): ANY,
    ("webhooks", "get"): ANY,
    ("webhooks", "post"): {"url": "https://hooks.example.org"},
    ("webhook", "get"): ANY,
    ("webhook", "patch"): {"is_active": False},
    ("webhook", "delete"): ANY,
    ("webhook-test", "post"): ANY,
    ("webhook-rotate", "post"): ANY,
    ("webhook-replay", "post"): {"conversation_id": "<conversation>"},
    ("webhook-deliveries", "get"): ANY,
    ("events", "get"): ANY,
    ("events-document", "get"): ANY,
    ("asyncapi-document", "get"): ANY,
    ("schema", "get"): ANY,
    ("test-message", "post"): {
        "conversationId": "<conversation>",
        "senderId": "<user>",
        "receiverId": UNKNOWN["user"],
        "message": "Hi",
    },
    **{("unknown", method): ANY for method in METHODS},
}
"""What to ask; `<kind>` stands for an id."""

OPEN = {
    "token",
    "token-refresh",
    "token-verify",
    "token-revoke",
    "provider-events",
    "unknown",
} | {
    "events-document",
    "asyncapi-document",
    "schema",
}
FOR_STAFF = {
    "members",
    "campaign-updates",
    "transitions",
    "conversation-flow",
    "staff-actions",
    "force-transition",
    "pause-flow",
    "resume-flow",
    "retry-effect",
    "dismiss-effect",
    "test-message",
    *(name for name, _ in REQUESTS if "flow" in name),
}


SAME_FOR_ALL = {
    ("flow-version-schema", "get", "key"),  # the schema of documents, whichever is asked for
    ("flow-version-schema", "get", "number"),
    ("flow-versions", "post", "key"),  # the first version of a flow makes the flow
}


def routes(patterns: Any = None, before: str = "", *, into_admin: bool = False) -> Iterator[tuple[str, str, Any]]:
    """Every route of ours: its name, its address with `<kind>`s in it, its view."""
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        match pattern:
            case URLResolver():
                if into_admin or pattern.app_name != "admin":
                    yield from routes(pattern.url_patterns, before + str(pattern.pattern), into_admin=into_admin)
            case URLPattern() if pattern.name not in PAGES:
                yield pattern.name or "", address(before + str(pattern.pattern)), pattern.callback


def address(pattern: str) -> str:
    """A pattern as an address: its groups by the kind of what they name, without what is optional."""
    named = re.sub(r"\(\?P<(\w+?)(_id)?>(?:[^()]|\[[^\]]*\])*\)", r"<\1>", pattern)
    return "/" + re.sub(r"/\?|[\^$\\]", "", named)


def requests() -> Iterator[tuple[str, str, str]]:
    """Every route's name, its address, and each method that it takes."""
    for name, path, view in routes():
        for method in METHODS if not path.startswith(ADMIN) else ():
            if hasattr(view.view_class if hasattr(view, "view_class") else view.cls, method) or name == "unknown":
                yield name, path, method


ALL = list(requests())
FOR_ADMIN = [
    path
    for name, path, _ in routes(into_admin=True)
    if path.startswith(ADMIN) and "<" not in path and name not in PAGES
]


def kinds(name: str, path: str, method: str) -> list[str]:
    """What a request names."""
    return re.findall(r"<(\w+)>", f"{path} {REQUESTS[name, method]}")


def asked(client: APIClient, path: str, method: str, body: dict[str, Any], ids: dict[str, str]) -> tuple[int, bytes]:
    """The answer to a request about these ids; what it does is undone."""

    def filled(text: str) -> str:
        return re.sub(r"<(\w+)>", lambda found: ids[found[1]], text)

    given = {key: filled(value) if isinstance(value, str) else value for key, value in body.items()}
    with transaction.atomic():
        response = getattr(client, method)(filled(path), given, **({} if method == "get" else {"format": "json"}))
        transaction.set_rollback(True)
    return response.status_code, response.content


def test_every_request_is_in_the_matrix() -> None:
    assert {(name, method) for name, _, method in ALL} == set(REQUESTS)


def test_strangers_are_not_answered(world: World, api: Api) -> None:
    everything = {kind: ids[0] for kind, ids in world.foreign.items()}
    for name, path, method in ALL:
        if name not in OPEN:
            status, _ = asked(api(None), path, method, REQUESTS[name, method], everything)
            assert status == 401, (name, method)


def test_pages_of_the_admin_are_for_staff(world: World, client: Client) -> None:
    assert len(FOR_ADMIN) > 10
    for user in (None, world.insider):
        if user is not None:
            client.force_login(user)
        for path in FOR_ADMIN:
            response = client.get(path)
            assert (response.status_code, response["Location"]) == (302, f"/admin/login/?next={path}")


@pytest.mark.parametrize("who", ["non-member", "ex-member", "other role", "staff"])
def test_what_is_foreign_is_not_there(world: World, api: Api, who: str) -> None:
    client = api(world.outsiders[who])
    for name, path, method in ALL:
        if who == "staff" and name in FOR_STAFF:
            continue
        for kind in kinds(name, path, method):
            ask = client, path, method, REQUESTS[name, method]
            nowhere = asked(*ask, world.own | {kind: UNKNOWN[kind]})
            for foreign in world.foreign[kind]:
                assert asked(*ask, world.own | {kind: foreign}) == nowhere, (name, method, kind, foreign)
            assert nowhere[0] < 500, (name, method, kind)


@pytest.mark.parametrize("who", ["non-member", "ex-member", "other role"])
def test_nothing_foreign_is_told(world: World, api: Api, who: str) -> None:
    client = api(world.outsiders[who])
    for name, path, method in ALL:
        _, content = asked(client, path, method, REQUESTS[name, method], world.own)
        assert not [trace for trace in world.traces() if trace.encode() in content], (name, method)


def test_the_matrix_asks_what_insiders_are_answered(world: World, api: Api) -> None:
    """Otherwise all of the above could pass because no request makes sense."""
    clients = [api(world.insider), api(world.outsiders["staff"])]
    silent = []
    for name, path, method in ALL:
        ask = path, method, REQUESTS[name, method]
        for kind in kinds(name, path, method):
            answers = (
                asked(client, *ask, ids) != asked(client, *ask, ids | {kind: UNKNOWN[kind]})
                for client in clients
                for ids in world.insights()
            )
            if not any(answers):
                silent.append((name, method, kind))
    assert set(silent) == SAME_FOR_ALL
