"""Who one is comes from the token; what only the server knows comes from the server."""

from typing import Any

import pytest
from rest_framework.test import APIClient

from conversations.models import Conversation
from messaging.models import Message, ReadReceipt
from stoory.accounts.models import User
from tests.rest.routes import CONVERSATIONS, MESSAGES, UNKNOWN_ID, failure, of
from tests.talk import say

LONG_AGO = "2001-01-01T00:00:00.000Z"
OURS: dict[str, Any] = {
    "id": UNKNOWN_ID,
    "seq": 99,
    "created_at": LONG_AGO,
    "edited_at": LONG_AGO,
    "deleted_at": LONG_AGO,
    "seen": True,
    "is_automated": True,
    "message_type": "automated",
    "action_required": True,
    "action_data": {"buttons": []},
    "visible_to": "influencer",
}


@pytest.mark.parametrize("name", ["sender_id", "senderId", "user_id", "userId"])
def test_one_does_not_speak_for_another(
    as_alice: APIClient, direct: Conversation, alice: User, bob: User, name: str
) -> None:
    for route in (of(direct, "messages"), MESSAGES):
        body = {"message": "Hi", "conversation_id": str(direct.pk)}
        assert failure(as_alice.post(route, body | {name: bob.pk})) == (403, "forbidden")
        assert not Message.objects.exists()


@pytest.mark.parametrize("name", ["sender_id", "userId"])
def test_one_may_say_who_one_is(as_alice: APIClient, direct: Conversation, alice: User, name: str) -> None:
    for claimed in (alice.pk, None):
        response = as_alice.post(of(direct, "messages"), {"message": "Hi", name: claimed})
        assert response.json()["message"]["sender_id"] == alice.pk


@pytest.mark.parametrize("claimed", ["nobody", "", 5, [], {}])
def test_one_is_nobody_else(as_alice: APIClient, direct: Conversation, claimed: Any) -> None:
    response = as_alice.post(of(direct, "messages"), {"message": "Hi", "sender_id": claimed})
    assert failure(response) == (403, "forbidden")


def test_one_does_not_read_for_another(as_alice: APIClient, direct: Conversation, alice: User, bob: User) -> None:
    say(alice, direct)
    say(bob, direct)
    assert failure(as_alice.put(of(direct, "seen"), {"userId": bob.pk})) == (403, "forbidden")
    assert not ReadReceipt.objects.exists()


def test_one_does_not_open_a_conversation_for_another(as_charlie: APIClient, alice: User, bob: User) -> None:
    body = {"type": "direct", "participant_ids": [bob.pk], "user_id": alice.pk}
    assert failure(as_charlie.post(CONVERSATIONS, body)) == (403, "forbidden")
    assert not Conversation.objects.exists()


def test_what_is_the_servers_is_not_the_clients(
    as_alice: APIClient, direct: Conversation, alice: User, bob: User, charlie: User
) -> None:
    body = {"message": "Hi", "receiver_id": charlie.pk} | OURS
    shown = as_alice.post(of(direct, "messages"), body).json()["message"]

    stored = Message.objects.get()
    assert (stored.sender, stored.receiver, stored.seq, stored.message_type) == (alice, bob, 1, "user_input")
    assert (stored.visible_to, stored.action_data, stored.edited_at, stored.deleted_at) == (None,) * 4
    assert not {name for name, value in OURS.items() if shown.get(name) == value}


@pytest.mark.parametrize(
    "fields",
    [{"chat_status": "real_time"}, {"flow_state": "real_time"}, {"automation_enabled": False}, {"last_seq": 9}],
)
def test_a_conversations_state_is_not_the_clients(
    as_alice: APIClient, alice: User, bob: User, fields: dict[str, Any]
) -> None:
    body = {"type": "bid", "participant_ids": [bob.pk], "source_id": "1", "role": "influencer", "id": UNKNOWN_ID}
    shown = as_alice.post(CONVERSATIONS, body | fields).json()["conversation"]

    stored = Conversation.objects.get()
    assert str(stored.pk) != UNKNOWN_ID
    assert (stored.chat_status, stored.flow_state, stored.automation_enabled, stored.last_seq) == (
        *("automated", "influencer_responding", True, 2),
    )
    assert shown["role"] == "brand_owner"
