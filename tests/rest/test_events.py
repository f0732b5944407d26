"""The log by REST, in the chat family's words."""

import pytest
from rest_framework.test import APIClient

from conversations.models import Conversation
from stoory.accounts.models import User
from tests.rest.routes import failure, of
from tests.talk import automate, read, say


@pytest.fixture
def talk(direct: Conversation, alice: User, bob: User) -> Conversation:
    """The direct conversation: two messages of alice, which bob read, and his answer."""
    for text in ("one", "two"):
        say(alice, direct, text)
    read(bob, direct)
    say(bob, direct, "three")
    return direct


def test_it_tells_what_happened(as_alice: APIClient, talk: Conversation, bob: User) -> None:
    body = as_alice.get(of(talk, "events")).json()

    assert {name: body[name] for name in ("success", "last_seq", "gap", "has_more")} == {
        "success": True,
        "last_seq": 4,
        "gap": False,
        "has_more": False,
    }
    assert [(entry["seq"], entry["event"]) for entry in body["events"]] == [
        *[(1, "chat:new"), (2, "chat:new"), (3, "chat:read"), (4, "chat:new")]
    ]
    assert body["events"][3]["payload"]["message"]["message"] == "three"
    assert body["events"][2]["payload"].items() >= {"conversationId": str(talk.pk), "readerId": bob.pk}.items()
    assert body["events"][2]["payload"]["messageIds"] == [
        entry["payload"]["message"]["id"] for entry in body["events"][:2]
    ]


@pytest.mark.parametrize(
    ("query", "seqs", "gap", "has_more"),
    [
        ("after_seq=2", [3, 4], False, False),
        ("after_seq=4", [], False, False),
        ("after_seq=0&limit=2", [1, 2], False, True),
        ("after_seq=2&limit=2", [3, 4], False, False),
        ("limit=0", [1], False, True),
        ("after_seq=5", [], True, False),
        ("after_seq=99999999999999999999", [], True, False),
    ],
)
def test_it_tells_a_part(
    as_alice: APIClient, talk: Conversation, query: str, seqs: list[int], gap: bool, has_more: bool
) -> None:
    body = as_alice.get(f"{of(talk, 'events')}?{query}").json()
    assert [entry["seq"] for entry in body["events"]] == seqs
    assert (body["last_seq"], body["gap"], body["has_more"]) == (4, gap, has_more)


def test_it_tells_that_it_cannot_tell_all(as_alice: APIClient, talk: Conversation) -> None:
    Conversation.objects.filter(pk=talk.pk).update(pruned_seq=2)
    assert as_alice.get(f"{of(talk, 'events')}?after_seq=1").json()["gap"] is True
    assert as_alice.get(f"{of(talk, 'events')}?after_seq=2").json()["gap"] is False


def test_it_tells_a_message_as_the_history_does(as_alice: APIClient, direct: Conversation, alice: User) -> None:
    say(alice, direct, metadata={"a": 1})
    [entry] = as_alice.get(of(direct, "events")).json()["events"]
    assert [entry["payload"]["message"]] == as_alice.get(of(direct, "messages")).json()["messages"]


def test_it_tells_nobody_what_is_for_another(
    as_alice: APIClient, as_bob: APIClient, direct: Conversation, system_user: User
) -> None:
    automate(direct, visible_to="brand_owner")
    assert [entry["seq"] for entry in as_alice.get(of(direct, "events")).json()["events"]] == [1]
    body = as_bob.get(of(direct, "events")).json()
    assert (body["events"], body["last_seq"], body["gap"]) == ([], 1, False)


@pytest.mark.parametrize("query", ["after_seq=x", "limit=x"])
def test_a_number_that_is_none(as_alice: APIClient, direct: Conversation, query: str) -> None:
    assert failure(as_alice.get(f"{of(direct, 'events')}?{query}")) == (400, "invalid_payload")
