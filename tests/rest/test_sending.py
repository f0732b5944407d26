"""Sending by REST: the same message as on every other way, stored once."""

from typing import Any

import pytest
from rest_framework.test import APIClient

from conversations.models import Conversation
from messaging.events import MessageSent
from messaging.models import Message
from stoory.accounts.models import User
from tests.rest.routes import MESSAGES, UNKNOWN_ID, failure, of
from tests.talk import published, say

MESSAGE_KEYS = {
    *("id", "conversation_id", "sender_id", "receiver_id", "message", "created_at", "seen", "message_type"),
    *("attachment_metadata", "metadata", "reply_to_id", "edited_at", "deleted_at", "is_automated"),
    *("action_required", "action_data", "seq"),
}


def test_it_is_stored_and_answered(as_alice: APIClient, direct: Conversation, alice: User, bob: User) -> None:
    response = as_alice.post(MESSAGES, {"conversation_id": str(direct.pk), "message": "Hi"})

    assert response.status_code == 201
    body = response.json()
    stored = Message.objects.get()
    assert set(body) == {"success", "message", "conversation_id"}
    assert (body["success"], body["conversation_id"]) == (True, str(direct.pk))
    assert set(body["message"]) >= MESSAGE_KEYS
    assert (
        body["message"].items()
        >= {
            "id": str(stored.pk),
            "conversation_id": str(direct.pk),
            "sender_id": alice.pk,
            "receiver_id": bob.pk,
            "message": "Hi",
            "message_type": "user_input",
            "is_automated": False,
            "seen": False,
            "seq": 1,
        }.items()
    )


@pytest.mark.parametrize(
    ("fields", "shown"),
    [
        ({"attachments": [{"name": "a.jpg"}]}, {"attachment_metadata": [{"name": "a.jpg"}], "message": ""}),
        ({"media_url": "https://example.org/a.jpg"}, {"media_url": "https://example.org/a.jpg", "message": ""}),
        ({"message": "Hi", "metadata": {"from": "app"}}, {"metadata": {"from": "app"}, "message": "Hi"}),
    ],
)
def test_it_may_hold_more_than_text(
    as_alice: APIClient, direct: Conversation, fields: dict[str, Any], shown: dict[str, Any]
) -> None:
    response = as_alice.post(of(direct, "messages"), fields)
    assert response.status_code == 201
    assert response.json()["message"].items() >= shown.items()


def test_it_goes_to_the_conversation_of_the_route(
    as_alice: APIClient, direct: Conversation, channel: Conversation
) -> None:
    response = as_alice.post(of(channel, "messages"), {"message": "Hi", "conversation_id": str(direct.pk)})
    assert response.json()["conversation_id"] == str(channel.pk)


def test_it_answers_another(as_alice: APIClient, direct: Conversation, bob: User) -> None:
    question = say(bob, direct).message
    response = as_alice.post(of(direct, "messages"), {"message": "Hi", "reply_to_id": question.id})
    assert response.json()["message"]["reply_to_id"] == question.id


def test_it_is_heard_by_the_servers(as_alice: APIClient, direct: Conversation) -> None:
    with published() as heard:
        response = as_alice.post(of(direct, "messages"), {"message": "Hi"})

    [event] = heard
    assert isinstance(event, MessageSent)
    assert event.message.id == response.json()["message"]["id"]


# To a person


def test_it_opens_the_conversation_with_its_receiver(as_alice: APIClient, alice: User, bob: User) -> None:
    first, second = (as_alice.post(MESSAGES, {"receiver_id": bob.pk, "message": "Hi"}).json() for _ in range(2))

    assert first["message"]["receiver_id"] == bob.pk
    assert first["conversation_id"] == second["conversation_id"] == str(Conversation.objects.get().pk)
    assert second["message"]["seq"] == 2


def test_it_finds_the_conversation_with_its_receiver(as_bob: APIClient, direct: Conversation, alice: User) -> None:
    response = as_bob.post(MESSAGES, {"receiver_id": alice.pk, "message": "Hi"})
    assert response.json()["conversation_id"] == str(direct.pk)


@pytest.mark.parametrize("body", [{}, {"message": " "}, {"message": "Hi", "metadata": {"a": 2**53}}])
def test_a_refused_one_opens_none(as_alice: APIClient, bob: User, body: dict[str, Any]) -> None:
    with published() as heard:
        response = as_alice.post(MESSAGES, {"receiver_id": bob.pk} | body)

    assert failure(response) == (400, "invalid_payload")
    assert not Conversation.objects.exists()
    assert heard == []


def test_a_used_nonce_opens_none(as_alice: APIClient, direct: Conversation, alice: User, charlie: User) -> None:
    say(alice, direct, client_nonce="1")
    response = as_alice.post(MESSAGES, {"receiver_id": charlie.pk, "message": "Hi", "client_nonce": "1"})
    assert failure(response) == (422, "nonce_reused")
    assert Conversation.objects.get() == direct


def test_one_does_not_write_to_oneself(as_alice: APIClient, alice: User) -> None:
    response = as_alice.post(MESSAGES, {"receiver_id": alice.pk, "message": "Hi"})
    assert failure(response) == (400, "invalid_payload")


# Once


@pytest.mark.parametrize("by_header", [True, False])
@pytest.mark.parametrize("again_by_header", [True, False])
def test_a_repeat_is_answered_with_the_same(
    as_alice: APIClient, direct: Conversation, by_header: bool, again_by_header: bool
) -> None:
    def post(by_header: bool) -> Any:
        nonce = {} if by_header else {"client_nonce": "n1"}
        headers = {"Idempotency-Key": "n1"} if by_header else {}
        return as_alice.post(of(direct, "messages"), {"message": "Hi"} | nonce, headers=headers)

    first, again = post(by_header), post(again_by_header)
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json() == first.json()
    assert Message.objects.count() == 1


def test_the_header_goes_before_the_body(as_alice: APIClient, direct: Conversation) -> None:
    body = {"message": "Hi", "client_nonce": "body"}
    as_alice.post(of(direct, "messages"), body, headers={"Idempotency-Key": "header"})
    assert Message.objects.get().client_nonce == "header"


def test_another_message_is_no_repeat(as_alice: APIClient, direct: Conversation) -> None:
    headers = {"Idempotency-Key": "n1"}
    as_alice.post(of(direct, "messages"), {"message": "Hi"}, headers=headers)
    response = as_alice.post(of(direct, "messages"), {"message": "Bye"}, headers=headers)
    assert failure(response) == (422, "nonce_reused")
    assert Message.objects.count() == 1


def test_a_key_that_is_too_long_is_refused(as_alice: APIClient, direct: Conversation) -> None:
    response = as_alice.post(of(direct, "messages"), {"message": "Hi"}, headers={"Idempotency-Key": "n" * 129})
    assert failure(response) == (400, "invalid_payload")
    assert list(response.json()["errors"]) == ["client_nonce"]


# When it is not the time


@pytest.mark.parametrize(("chat_status", "code"), [("automated", "automated_mode"), ("closed", "conversation_closed")])
def test_it_is_refused_with_409(
    as_alice: APIClient, bid: Conversation, alice: User, chat_status: str, code: str
) -> None:
    Conversation.objects.filter(pk=bid.pk).update(chat_status=chat_status)
    for route, body in ((of(bid, "messages"), {}), (MESSAGES, {"conversation_id": str(bid.pk)})):
        assert failure(as_alice.post(route, {"message": "Hi"} | body)) == (409, code)
    assert not Message.objects.filter(sender=alice).exists()


@pytest.mark.parametrize("spelled", [UNKNOWN_ID, "nonsense", "%00", "🙂"])
def test_there_is_no_such_conversation(as_alice: APIClient, spelled: str) -> None:
    assert failure(as_alice.post(of(spelled, "messages"), {"message": "Hi"})) == (404, "not_found")
