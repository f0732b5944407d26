"""A conversation's messages, by page and by cursor. Reading them does not mark them as read."""

from typing import Any

import pytest
from rest_framework.test import APIClient

from conversations.models import Conversation
from messaging.models import ReadReceipt
from messaging.selectors import unread_count
from messaging.services import send_messages
from stoory.accounts.models import User
from tests.rest.routes import of
from tests.talk import place, published, read, said


@pytest.fixture
def talk(direct: Conversation, alice: User) -> Conversation:
    """The direct conversation with five messages of alice."""
    send_messages([said(alice, direct, str(number)) for number in range(1, 6)])
    return direct


@pytest.mark.parametrize(
    ("query", "seqs", "pagination"),
    [
        ("", [1, 2, 3, 4, 5], {"page": 1, "limit": 50, "total": 5, "pages": 1, "has_more": False}),
        ("page=1&limit=2", [4, 5], {"page": 1, "limit": 2, "total": 5, "pages": 3, "has_more": True}),
        ("page=3&limit=2", [1], {"page": 3, "limit": 2, "total": 5, "pages": 3, "has_more": False}),
        ("page=9&limit=2", [], {"page": 9, "limit": 2, "total": 5, "pages": 3, "has_more": False}),
        ("page=0&limit=0", [5], {"page": 1, "limit": 1, "total": 5, "pages": 5, "has_more": True}),
        ("page=&limit=-3", [5], {"page": 1, "limit": 1, "total": 5, "pages": 5, "has_more": True}),
        ("limit=1000", [1, 2, 3, 4, 5], {"page": 1, "limit": 100, "total": 5, "pages": 1, "has_more": False}),
        ("before_seq=4&limit=2", [2, 3], {"limit": 2, "has_more": True}),
        ("before_seq=2", [1], {"limit": 50, "has_more": False}),
        ("before_seq=&limit=2", [4, 5], {"limit": 2, "has_more": True}),
        ("before_seq=-1", [], {"limit": 50, "has_more": False}),
        ("after_seq=2&limit=2", [3, 4], {"limit": 2, "has_more": True}),
        ("after_seq=3&limit=2", [4, 5], {"limit": 2, "has_more": False}),
        ("after_seq=-5&limit=1", [1], {"limit": 1, "has_more": True}),
        ("after_seq=99999999999999999999", [], {"limit": 50, "has_more": False}),
    ],
)
def test_a_part_of_it(
    as_bob: APIClient, talk: Conversation, query: str, seqs: list[int], pagination: dict[str, object]
) -> None:
    response = as_bob.get(f"{of(talk, 'messages')}?{query}")

    assert response.status_code == 200
    body = response.json()
    assert set(body) == {"success", "messages", "pagination"}
    assert [message["seq"] for message in body["messages"]] == seqs
    assert body["pagination"] == pagination


@pytest.mark.parametrize("query", ["before_seq=9", "after_seq=0"])
def test_a_part_by_place_costs_one_query(
    as_bob: APIClient, talk: Conversation, query: str, django_assert_num_queries: Any
) -> None:
    with django_assert_num_queries(2):  # the other one is whose token it is
        as_bob.get(f"{of(talk, 'messages')}?{query}")


def test_both_see_one_history(as_alice: APIClient, as_bob: APIClient, talk: Conversation) -> None:
    assert as_alice.get(of(talk, "messages")).json() == as_bob.get(of(talk, "messages")).json()


def test_it_shows_what_was_answered(as_alice: APIClient, as_bob: APIClient, direct: Conversation) -> None:
    body = {"message": "Hi 🙂", "attachments": [{"a": 1.5}], "metadata": {"b": None}}
    answered = as_alice.post(of(direct, "messages"), body).json()["message"]
    assert as_bob.get(of(direct, "messages")).json()["messages"] == [answered]


def test_it_shows_what_was_seen(as_alice: APIClient, talk: Conversation, bob: User) -> None:
    third = talk.messages.get(seq=3)
    read(bob, talk, up_to_message_id=str(third.pk))
    messages = as_alice.get(of(talk, "messages")).json()["messages"]
    assert [message["seen"] for message in messages] == [True, True, True, False, False]


def test_it_does_not_mark_as_read(as_bob: APIClient, talk: Conversation, bob: User) -> None:
    with published() as heard:
        for query in ("", "?before_seq=9", "?after_seq=0"):
            as_bob.get(of(talk, "messages") + query)

    assert heard == []
    assert unread_count(place(bob, talk)) == 5
    assert not ReadReceipt.objects.exists()
