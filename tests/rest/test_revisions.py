"""Changing one's own messages by REST, and taking them back."""

from typing import Any

import pytest
from rest_framework.test import APIClient

from conversations.models import Conversation
from messaging.models import Message
from stoory.accounts.models import User
from tests.rest.routes import CONVERSATIONS, MESSAGES, UNKNOWN_ID, failure, of
from tests.talk import automate, read, say

SECRET = "the old secret"


def route(message_id: str) -> str:
    return f"{MESSAGES}/messages/{message_id}"


@pytest.fixture
def message_id(direct: Conversation, alice: User) -> str:
    """A message of alice's to bob."""
    return say(alice, direct, SECRET, attachments=[{"name": SECRET}], metadata={"a": SECRET}).message.id


def history(client: APIClient, conversation: Conversation) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = client.get(of(conversation, "messages")).json()["messages"]
    return found


@pytest.mark.parametrize("slash", ["", "/"])
def test_it_changes_the_text(as_alice: APIClient, direct: Conversation, message_id: str, slash: str) -> None:
    before = history(as_alice, direct)[0]
    response = as_alice.patch(route(message_id) + slash, {"message": "corrected"})

    assert response.status_code == 200
    body = response.json()
    assert set(body) == {"success", "message"}
    edited_at = body["message"]["edited_at"]
    assert edited_at
    assert body["message"] == before | {"message": "corrected", "edited_at": edited_at}
    assert history(as_alice, direct) == [body["message"]]


def test_it_tells_the_log(as_alice: APIClient, as_bob: APIClient, direct: Conversation, message_id: str) -> None:
    edited = as_alice.patch(route(message_id), {"message": "corrected"}).json()["message"]
    as_alice.delete(route(message_id))
    events = as_bob.get(of(direct, "events")).json()["events"]
    assert [(event["seq"], event["event"]) for event in events] == [
        (1, "chat:new"),
        (2, "chat:edited"),
        (3, "chat:deleted"),
    ]
    assert [event["payload"]["message"]["message"] for event in events[:2]] == ["", ""]
    assert events[1]["payload"]["message"]["edited_at"] == edited["edited_at"]
    assert events[2]["payload"]["messageId"] == message_id


def test_it_is_still_seen(as_alice: APIClient, direct: Conversation, bob: User, message_id: str) -> None:
    read(bob, direct)
    for response in (
        as_alice.patch(route(message_id), {"message": "corrected"}),
        as_alice.patch(route(message_id), {"message": "corrected"}),
        as_alice.delete(route(message_id)),
    ):
        assert response.json()["message"]["seen"] is True


@pytest.mark.parametrize("slash", ["", "/"])
def test_it_takes_the_content_away(
    as_alice: APIClient, as_bob: APIClient, direct: Conversation, message_id: str, slash: str
) -> None:
    response = as_alice.delete(route(message_id) + slash)
    assert response.status_code == 200
    gone = response.json()["message"]
    assert (gone["id"], gone["message"], gone["attachment_metadata"], gone["metadata"]) == (message_id, "", None, None)
    assert gone["deleted_at"]
    assert as_alice.delete(route(message_id)).json()["message"] == gone

    for client in (as_alice, as_bob):
        for url in (
            CONVERSATIONS,
            of(direct, "messages"),
            of(direct, "events"),
            of(direct, "context"),
            "/api/v1/conversations",
            f"/api/v1/conversations/{direct.pk}/messages",
        ):
            assert SECRET not in client.get(url).content.decode()


@pytest.mark.parametrize("body", [{}, {"message": None}, {"message": 5}, {"message": ""}, {"message": "x" * 10_001}])
def test_it_needs_a_text(as_alice: APIClient, message_id: str, body: dict[str, Any]) -> None:
    response = as_alice.patch(route(message_id), body)
    assert failure(response) == (400, "invalid_payload")
    assert list(response.json()["errors"]) == (["message"] if body else ["$"])
    assert Message.objects.get().text == SECRET


def test_it_is_for_ones_own_only(as_bob: APIClient, message_id: str) -> None:
    assert failure(as_bob.patch(route(message_id), {"message": "mine now"})) == (403, "forbidden")
    assert failure(as_bob.delete(route(message_id))) == (403, "forbidden")
    assert Message.objects.get().text == SECRET


@pytest.mark.usefixtures("system_user")
def test_it_is_not_for_what_the_system_said(as_alice: APIClient, as_bob: APIClient, direct: Conversation) -> None:
    whispered = str(automate(direct, visible_to="brand_owner").pk)
    assert failure(as_alice.delete(route(whispered))) == (403, "forbidden")
    assert failure(as_bob.delete(route(whispered))) == (404, "not_found")


@pytest.mark.parametrize("method", ["patch", "delete"])
def test_it_is_as_if_there_were_no_message(
    as_charlie: APIClient, as_staff: APIClient, message_id: str, method: str
) -> None:
    for client in (as_charlie, as_staff):
        answers = [
            getattr(client, method)(route(key), {"message": "Hi"}) for key in (message_id, UNKNOWN_ID, "nonsense")
        ]
        assert len({(answer.status_code, answer.content) for answer in answers}) == 1
        assert failure(answers[0]) == (404, "not_found")


def test_it_is_gone_for_good(as_alice: APIClient, message_id: str) -> None:
    as_alice.delete(route(message_id))
    assert failure(as_alice.patch(route(message_id), {"message": "back"})) == (404, "not_found")


def test_it_is_refused_where_the_conversation_is_closed(as_alice: APIClient, message_id: str) -> None:
    Conversation.objects.update(chat_status="closed")
    assert failure(as_alice.patch(route(message_id), {"message": "late"})) == (409, "conversation_closed")
    assert as_alice.delete(route(message_id)).status_code == 200


@pytest.mark.parametrize("method", ["patch", "delete"])
def test_it_needs_a_token(as_nobody: APIClient, message_id: str, method: str) -> None:
    assert failure(getattr(as_nobody, method)(route(message_id), {"message": "Hi"}))[0] == 401
