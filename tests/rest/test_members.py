"""Members of a channel by REST."""

import pytest
from rest_framework.test import APIClient

from conversations.models import Conversation
from stoory.accounts.models import User
from tests.rest.routes import failure, of


@pytest.fixture
def members(channel: Conversation) -> str:
    """The route of the channel of alice and bob, which is private."""
    Conversation.objects.update(is_public=False)
    return f"/api/conversations/{channel.pk}/members"


def test_the_owner_adds_and_removes(
    as_alice: APIClient, as_charlie: APIClient, channel: Conversation, members: str, charlie: User
) -> None:
    body = {"member_id": charlie.pk}
    answers = [as_alice.post(members, body) for _ in range(2)]
    assert [(answer.status_code, answer.json()["added"]) for answer in answers] == [(201, True), (200, False)]
    assert as_charlie.get(of(channel, "messages")).status_code == 200

    removals = [as_alice.delete(members, body).json() for _ in range(2)]
    assert removals == [{"success": True, "removed": True}, {"success": True, "removed": False}]
    assert failure(as_charlie.get(of(channel, "messages"))) == (404, "not_found")


def test_one_leaves_by_naming_oneself(as_bob: APIClient, members: str, bob: User) -> None:
    assert as_bob.delete(members, {"member_id": bob.pk}).json()["removed"] is True
    assert failure(as_bob.delete(members, {"member_id": bob.pk})) == (404, "not_found")


def test_others_may_not(as_bob: APIClient, as_charlie: APIClient, members: str, alice: User, charlie: User) -> None:
    assert failure(as_bob.post(members, {"member_id": charlie.pk})) == (403, "forbidden")
    assert failure(as_bob.delete(members, {"member_id": alice.pk})) == (403, "forbidden")
    assert failure(as_charlie.post(members, {"member_id": charlie.pk})) == (404, "not_found")


def test_a_removal_names_whom(as_alice: APIClient, members: str) -> None:
    response = as_alice.delete(members)
    assert failure(response) == (400, "invalid_payload")


def test_a_fault_is_named_as_the_request_names_it(as_alice: APIClient, members: str) -> None:
    response = as_alice.post(members, {"member_id": "nobody"})
    assert response.json()["errors"] == {"member_id": ["User not found"]}
