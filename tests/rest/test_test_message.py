"""`POST /test-message`: staff see whether a client hears; nothing is stored."""

from typing import Any

import pytest
from pytest_django import Settings
from rest_framework.test import APIClient

from conversations.models import Conversation, ConversationEvent
from messaging.models import Message
from stoory.accounts.models import User
from stoory.realtime.events import TestMessageSent
from tests.rest.routes import TEST_MESSAGE, UNKNOWN_ID, failure
from tests.talk import published


@pytest.fixture(autouse=True)
def enabled(settings: Settings) -> None:
    settings.ENABLE_TEST_MESSAGE = True


@pytest.fixture
def body(direct: Conversation, alice: User, bob: User) -> dict[str, Any]:
    return {"conversationId": str(direct.pk), "senderId": alice.pk, "receiverId": bob.pk, "message": "Hello?"}


def test_it_is_answered_with_what_was_emitted(as_staff: APIClient, body: dict[str, Any], alice: User) -> None:
    response = as_staff.post(TEST_MESSAGE, body)

    assert response.status_code == 200
    answered = response.json()
    assert set(answered) == {"success", "message", "testMessage", "events"}
    assert "chat:new" in answered["events"]
    assert answered["testMessage"]["id"].startswith("test_")
    assert answered["testMessage"]["id"].removeprefix("test_").isdigit()
    assert answered["testMessage"].items() >= {"message": "Hello?", "sender_id": alice.pk}.items()


def test_it_is_heard_and_not_stored(as_staff: APIClient, body: dict[str, Any]) -> None:
    with published() as heard:
        answered = as_staff.post(TEST_MESSAGE, body).json()

    [event] = heard
    assert isinstance(event, TestMessageSent)
    assert (event.conversation_id, event.message.id) == (body["conversationId"], answered["testMessage"]["id"])
    assert not Message.objects.exists()
    assert not ConversationEvent.objects.exists()
    assert Conversation.objects.get().last_seq == 0


@pytest.mark.parametrize("missing", [["conversationId"], ["senderId", "message"], ["receiverId"]])
@pytest.mark.parametrize("how", ["absent", "empty"])
def test_what_is_missing_is_named(as_staff: APIClient, body: dict[str, Any], missing: list[str], how: str) -> None:
    for name in missing:
        body.pop(name) if how == "absent" else body.update({name: ""})
    response = as_staff.post(TEST_MESSAGE, body)

    assert response.status_code == 400
    assert response.json() == {"success": False, "error": f"Missing required fields: {', '.join(missing)}"}


def test_an_empty_body_misses_all(as_staff: APIClient) -> None:
    assert as_staff.post(TEST_MESSAGE).json()["error"] == (
        "Missing required fields: conversationId, senderId, receiverId, message"
    )


@pytest.mark.parametrize("fields", [{"message": 5}, {"message": "x" * 10_001}, {"message": "a\x00"}])
def test_what_is_wrong_is_refused(as_staff: APIClient, body: dict[str, Any], fields: dict[str, Any]) -> None:
    assert failure(as_staff.post(TEST_MESSAGE, body | fields)) == (400, "invalid_payload")


@pytest.mark.parametrize("key", [UNKNOWN_ID, "nonsense"])
def test_there_is_no_such_conversation(as_staff: APIClient, body: dict[str, Any], key: str) -> None:
    assert failure(as_staff.post(TEST_MESSAGE, body | {"conversationId": key})) == (404, "not_found")


def test_it_is_for_staff(as_alice: APIClient, as_charlie: APIClient, body: dict[str, Any]) -> None:
    with published() as heard:
        for client in (as_alice, as_charlie):
            assert failure(client.post(TEST_MESSAGE, body)) == (403, "forbidden")
    assert heard == []


def test_where_it_is_off_there_is_none(as_staff: APIClient, body: dict[str, Any], settings: Settings) -> None:
    settings.ENABLE_TEST_MESSAGE = False
    with published() as heard:
        assert failure(as_staff.post(TEST_MESSAGE, body)) == (404, "not_found")
    assert heard == []
