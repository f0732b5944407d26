"""Who is online, and when the others were last seen, wherever people are shown."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from conversations.commands import CreateConversation
from conversations.models import Conversation
from stoory.accounts import presence
from stoory.accounts.models import Server, User
from stoory.commands import execute
from stoory.ids import uuid7
from stoory.times import iso
from tests.rest.routes import CONVERSATIONS, of

Shown = tuple[bool, str | None]


@pytest.fixture
def server(db: None) -> str:
    server_id = str(uuid7())
    presence.beat(server_id)
    return server_id


def shown(person: dict[str, Any]) -> Shown:
    return person["online"], person["last_seen"]


def in_list(client: APIClient, conversation: Conversation) -> Shown:
    items = client.get(CONVERSATIONS).json()["conversations"]
    return shown(next(item for item in items if item["id"] == str(conversation.pk))["other_user"])


def in_context(client: APIClient, conversation: Conversation) -> Shown:
    context = client.get(of(conversation, "context")).json()["context"]
    assert shown(context["participants"][1]) == shown(context["users"]["other"])
    return shown(context["users"]["other"])


@pytest.mark.parametrize("where", [in_list, in_context])
def test_a_person_comes_and_goes(
    where: Callable[[APIClient, Conversation], Shown],
    as_alice: APIClient,
    direct: Conversation,
    bob: User,
    server: str,
) -> None:
    assert where(as_alice, direct) == (False, None)
    presence.arrive(server, [bob.pk])
    assert where(as_alice, direct) == (True, None)
    [(_, seen)] = presence.depart(server, [bob.pk])
    assert where(as_alice, direct) == (False, iso(seen))
    presence.arrive(server, [bob.pk])
    assert where(as_alice, direct) == (True, iso(seen))


@pytest.mark.parametrize("where", [in_list, in_context])
def test_nobody_is_online_on_a_dead_server(
    where: Callable[[APIClient, Conversation], Shown],
    as_alice: APIClient,
    direct: Conversation,
    bob: User,
    server: str,
) -> None:
    presence.arrive(server, [bob.pk])
    Server.objects.update(heartbeat_at="2026-01-01T00:00:00Z")
    assert where(as_alice, direct) == (False, None)
    presence.sweep()
    assert where(as_alice, direct) == (False, "2026-01-01T00:00:00.000Z")


def test_one_sees_oneself(as_alice: APIClient, direct: Conversation, alice: User, server: str) -> None:
    presence.arrive(server, [alice.pk])
    context = as_alice.get(of(direct, "context")).json()["context"]
    assert shown(context["users"]["current"]) == (True, None)


def test_a_new_conversation_shows_it_too(as_alice: APIClient, bob: User, server: str) -> None:
    presence.arrive(server, [bob.pk])
    made = as_alice.post(CONVERSATIONS, {"type": "direct", "receiver_id": bob.pk}).json()["conversation"]
    assert shown(made["other_user"]) == (True, None)


def test_a_page_asks_once(as_alice: APIClient, alice: User, bob: User, direct: Conversation, server: str) -> None:
    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            as_alice.get(CONVERSATIONS)
        return len(queries)

    of_one = cost()
    for number in range(10):
        friend = User.objects.create_user(f"friend {number}")
        execute(CreateConversation(actor=alice.pk, type="direct", participant_ids=[friend.pk]))
        presence.arrive(server, [friend.pk])
    assert cost() == of_one
