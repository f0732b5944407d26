"""Reacting by REST: `{type}`, one emoji or `:shortcode:`."""

from typing import Any

import pytest
from rest_framework.test import APIClient

from conversations.models import Conversation
from messaging.models import Reaction
from stoory.accounts.models import User
from stoory.times import iso
from tests.rest.routes import MESSAGES, UNKNOWN_ID, failure
from tests.talk import automate, published, say


def reactions(message_id: str) -> str:
    return f"{MESSAGES}/messages/{message_id}/reactions"


@pytest.fixture
def message_id(direct: Conversation, alice: User) -> str:
    """A message of alice's to bob."""
    return say(alice, direct).message.id


@pytest.mark.parametrize("slash", ["", "/"])
@pytest.mark.parametrize("kind", ["👍", ":+1:"])
def test_it_is_stored_and_told(as_bob: APIClient, bob: User, message_id: str, kind: str, slash: str) -> None:
    with published() as heard:
        response = as_bob.post(reactions(message_id) + slash, {"type": kind})

    assert response.status_code == 201
    stored = Reaction.objects.get()
    reaction = {"id": str(stored.pk), "type": kind, "user_id": bob.pk, "message_id": message_id}
    assert response.json() == {"success": True, "reaction": {**reaction, "created_at": iso(stored.created_at)}}
    assert len(heard) == 1


def test_it_answers_a_repeat_with_what_is_stored(as_bob: APIClient, message_id: str) -> None:
    answers = [as_bob.post(reactions(message_id), {"type": "👍"}).json() for _ in range(2)]
    assert answers[0] == answers[1]
    assert Reaction.objects.count() == 1


def test_it_is_taken_back(as_bob: APIClient, message_id: str) -> None:
    as_bob.post(reactions(message_id), {"type": "👍"})
    for removed in (True, False):
        with published() as heard:
            response = as_bob.delete(reactions(message_id), {"type": "👍"})
        assert (response.status_code, response.json()) == (200, {"success": True, "removed": removed})
        assert len(heard) == removed
    assert not Reaction.objects.exists()


@pytest.mark.parametrize("method", ["post", "delete"])
@pytest.mark.parametrize(
    "body", [{}, {"type": None}, {"type": 5}, {"type": ["👍"]}, {"type": ""}, {"type": "like"}, []]
)
def test_it_needs_one_emoji(as_bob: APIClient, message_id: str, method: str, body: Any) -> None:
    response = getattr(as_bob, method)(reactions(message_id), body)
    assert failure(response) == (400, "invalid_payload")
    assert list(response.json()["errors"]) == (["type"] if body else ["$"])
    assert not Reaction.objects.exists()


@pytest.mark.parametrize("method", ["post", "delete"])
def test_it_is_as_if_there_were_no_message(as_charlie: APIClient, message_id: str, method: str) -> None:
    answers = [
        getattr(as_charlie, method)(reactions(key), {"type": "👍"}) for key in (message_id, UNKNOWN_ID, "nonsense")
    ]
    assert len({(answer.status_code, answer.content) for answer in answers}) == 1
    assert failure(answers[0]) == (404, "not_found")
    assert answers[0].json()["message"] == "Message not found"


@pytest.mark.usefixtures("system_user")
@pytest.mark.parametrize("method", ["post", "delete"])
def test_it_is_not_for_the_other_party(
    as_alice: APIClient, as_bob: APIClient, direct: Conversation, method: str
) -> None:
    route = reactions(str(automate(direct, visible_to="brand_owner").pk))
    assert getattr(as_alice, method)(route, {"type": "👍"}).status_code in (200, 201)
    assert failure(getattr(as_bob, method)(route, {"type": "👍"})) == (404, "not_found")


@pytest.mark.parametrize("method", ["post", "delete"])
def test_it_refuses_to_speak_for_others(as_bob: APIClient, alice: User, message_id: str, method: str) -> None:
    response = getattr(as_bob, method)(reactions(message_id), {"type": "👍", "userId": alice.pk})
    assert failure(response) == (403, "forbidden")


@pytest.mark.parametrize("method", ["post", "delete"])
def test_it_needs_a_token(as_nobody: APIClient, message_id: str, method: str) -> None:
    assert failure(getattr(as_nobody, method)(reactions(message_id), {"type": "👍"}))[0] == 401
