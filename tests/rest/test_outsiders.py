"""Who is not in a conversation: told exactly what one is told of a conversation that does not exist."""

from typing import Any

import pytest
from rest_framework.test import APIClient

from conversations.models import Conversation
from messaging.models import Message, ReadReceipt
from stoory.accounts.models import User
from tests.rest.routes import MESSAGES, UNKNOWN_ID, UNREAD_COUNT, failure, of
from tests.talk import published, say

HI = {"message": "Hi"}
REQUESTS: list[tuple[str, str, dict[str, Any]]] = [
    ("get", "context", {}),
    ("get", "messages", {}),
    ("get", "messages", {"page": 2}),
    ("get", "messages", {"before_seq": 5}),
    ("get", "messages", {"after_seq": 0}),
    ("get", "messages", {"page": "x"}),
    ("post", "messages", HI),
    ("post", "messages", HI | {"reply_to_id": UNKNOWN_ID}),
    ("post", "messages", {}),
    ("get", "events", {}),
    ("get", "events", {"after_seq": 99}),
    ("get", "events", {"after_seq": "x"}),
    ("put", "seen", {}),
    ("put", "seen", {"up_to_message_id": UNKNOWN_ID}),
]


@pytest.fixture
def talk(direct: Conversation, alice: User) -> Conversation:
    """The direct conversation, with something to see in it."""
    say(alice, direct)
    return direct


def answer(client: APIClient, method: str, route: str, data: dict[str, Any]) -> tuple[int, bytes]:
    response = getattr(client, method)(route, data)
    return response.status_code, response.content


@pytest.mark.parametrize(("method", "part", "data"), REQUESTS)
def test_it_is_as_if_it_were_not_there(
    as_charlie: APIClient, talk: Conversation, method: str, part: str, data: dict[str, Any]
) -> None:
    there = answer(as_charlie, method, of(talk, part), data)
    assert there == answer(as_charlie, method, of(UNKNOWN_ID, part), data)
    assert there[0] in (400, 404)


@pytest.mark.parametrize("part", ["context", "messages", "events"])
def test_it_is_not_found(as_charlie: APIClient, talk: Conversation, part: str) -> None:
    response = as_charlie.get(of(talk, part))
    assert failure(response) == (404, "not_found")
    assert response.json()["message"] == "Conversation not found"


def test_it_is_not_found_by_its_id_in_a_body_either(as_charlie: APIClient, talk: Conversation) -> None:
    for nonce in ({}, {"client_nonce": "1"}):
        there, nowhere = (
            answer(as_charlie, "post", MESSAGES, HI | nonce | {"conversation_id": key})
            for key in (str(talk.pk), UNKNOWN_ID)
        )
        assert there == nowhere
        assert there[0] == 404


def test_staff_is_outside_too(as_staff: APIClient, talk: Conversation) -> None:
    for part in ("context", "messages", "events"):
        assert failure(as_staff.get(of(talk, part))) == (404, "not_found")


def test_a_public_channel_is_not_open_to_all(as_charlie: APIClient, channel: Conversation) -> None:
    assert failure(as_charlie.get(of(channel, "messages"))) == (404, "not_found")
    assert failure(as_charlie.post(of(channel, "messages"), HI)) == (404, "not_found")


def test_nothing_was_done(as_charlie: APIClient, talk: Conversation) -> None:
    with published() as heard:
        for method, part, data in REQUESTS:
            answer(as_charlie, method, of(talk, part), data)

    assert heard == []
    assert Message.objects.count() == 1
    assert not ReadReceipt.objects.exists()
    assert as_charlie.get(UNREAD_COUNT).json()["unread_count"] == 0
