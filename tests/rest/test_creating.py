"""Opening a conversation by REST."""

from typing import Any

import pytest
from rest_framework.test import APIClient

from conversations.models import Conversation
from stoory.accounts.models import User
from tests.rest.routes import CONVERSATIONS, failure


@pytest.mark.parametrize("kind", ["direct", "bid", "campaign"])
def test_it_is_made_once(as_alice: APIClient, as_bob: APIClient, alice: User, bob: User, kind: str) -> None:
    body = {"type": kind, "source_id": "1"}
    made = as_alice.post(CONVERSATIONS, body | {"participant_ids": [bob.pk]})
    found = [
        as_alice.post(CONVERSATIONS, body | {"receiver_id": bob.pk}),
        as_bob.post(CONVERSATIONS, body | {"participant_ids": [alice.pk, bob.pk]}),
    ]

    assert (made.status_code, made.json()["is_existing"]) == (201, False)
    assert [(response.status_code, response.json()["is_existing"]) for response in found] == [(200, True)] * 2
    ids = {response.json()["conversation"]["id"] for response in [made, *found]}
    assert ids == {str(Conversation.objects.get().pk)}


def test_it_is_answered_as_the_list_shows_it(as_alice: APIClient, bob: User) -> None:
    response = as_alice.post(CONVERSATIONS, {"type": "direct", "receiver_id": bob.pk})
    body = response.json()
    assert set(body) == {"success", "conversation", "is_existing"}
    assert as_alice.get(CONVERSATIONS).json()["conversations"] == [body["conversation"]]
    assert body["conversation"]["other_user"]["id"] == bob.pk


def test_a_channel_is_always_new(as_alice: APIClient, bob: User, charlie: User) -> None:
    body = {"type": "channel", "title": "Launch", "participant_ids": [bob.pk, charlie.pk], "is_public": True}
    first, second = (as_alice.post(CONVERSATIONS, body) for _ in range(2))

    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json()["conversation"]["id"] != second.json()["conversation"]["id"]
    assert first.json()["conversation"].items() >= {"title": "Launch", "is_public": True}.items()


def test_what_it_is_about_is_kept(as_bob: APIClient, alice: User) -> None:
    about: dict[str, Any] = {"source_id": "b", "campaign_id": "c", "title": "Shoes", "context": {"price": 9.5}}
    as_bob.post(CONVERSATIONS, {"type": "bid", "receiver_id": alice.pk} | about)

    stored = Conversation.objects.get()
    assert {name: getattr(stored, name) for name in about} == about
    assert stored.chat_status == "automated"


def test_the_others_see_it(as_alice: APIClient, as_bob: APIClient, as_charlie: APIClient, bob: User) -> None:
    made = as_alice.post(CONVERSATIONS, {"type": "direct", "receiver_id": bob.pk}).json()["conversation"]["id"]
    assert [item["id"] for item in as_bob.get(CONVERSATIONS).json()["conversations"]] == [made]
    assert as_charlie.get(CONVERSATIONS).json()["conversations"] == []


def test_a_refused_one_is_not_made(as_alice: APIClient, bob: User, charlie: User) -> None:
    response = as_alice.post(CONVERSATIONS, {"type": "direct", "participant_ids": [bob.pk, charlie.pk]})
    assert failure(response) == (400, "invalid_payload")
    assert not Conversation.objects.exists()
