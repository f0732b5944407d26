"""One's conversations, the most recent first, each with what a list shows."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from conversations.commands import CreateConversation
from conversations.models import Conversation, Participant
from stoory.accounts.models import Role, User
from stoory.commands import execute
from stoory.times import iso
from tests.rest.routes import CONVERSATIONS, failure
from tests.talk import read, say


def listed(client: APIClient, query: str = "") -> list[dict[str, Any]]:
    response = client.get(f"{CONVERSATIONS}{query}")
    assert response.status_code == 200
    found: list[dict[str, Any]] = response.json()["conversations"]
    return found


def ids(items: list[dict[str, Any]]) -> list[str]:
    return [item["id"] for item in items]


def test_what_one_shows(as_alice: APIClient, direct: Conversation, bob: User) -> None:
    last = say(bob, direct, "Hi").message
    direct.refresh_from_db()
    [item] = listed(as_alice)

    assert item.pop("other_user").items() >= {"id": bob.pk, "name": "Bob", "role": "influencer"}.items()
    assert item.pop("last_message").items() >= {"id": last.id, "message": "Hi", "sender_id": bob.pk}.items()
    assert item == {
        "id": str(direct.pk),
        "conversation_type": "direct",
        "title": "Bob",
        "is_public": False,
        "source_id": None,
        "campaign_id": None,
        "role": "brand_owner",
        "unread_count": 1,
        "chat_status": "real_time",
        "flow_state": None,
        "awaiting_role": None,
        "last_seq": 1,
        "created_at": iso(direct.created_at),
        "updated_at": iso(direct.updated_at),
    }


def test_what_a_channel_shows(as_bob: APIClient, channel: Conversation) -> None:
    [item] = listed(as_bob)
    assert (item["title"], item["is_public"], item["role"]) == ("Launch", True, "influencer")
    assert (item["other_user"], item["last_message"], item["unread_count"]) == (None, None, 0)


def test_what_a_guided_one_shows(as_bob: APIClient, bid: Conversation, alice: User) -> None:
    Conversation.objects.filter(pk=bid.pk).update(flow_state="offer", awaiting_role="influencer", title="Shoes")
    [item] = listed(as_bob)
    assert (item["source_id"], item["title"], item["other_user"]["id"]) == ("bid-1", "Shoes", alice.pk)
    assert (item["chat_status"], item["flow_state"], item["awaiting_role"]) == ("automated", "offer", "influencer")


def test_only_ones_own_are_listed(as_charlie: APIClient, direct: Conversation, channel: Conversation) -> None:
    assert listed(as_charlie) == []


def test_the_most_recent_is_first(
    as_alice: APIClient, direct: Conversation, channel: Conversation, alice: User, bob: User
) -> None:
    Conversation.objects.filter(pk=direct.pk).update(updated_at=direct.updated_at - timedelta(seconds=2))
    Conversation.objects.filter(pk=channel.pk).update(updated_at=direct.updated_at - timedelta(seconds=1))
    assert ids(listed(as_alice)) == [str(channel.pk), str(direct.pk)]
    say(alice, direct)
    Conversation.objects.filter(pk=direct.pk).update(updated_at=direct.updated_at - timedelta(seconds=0.5))
    assert ids(listed(as_alice)) == [str(direct.pk), str(channel.pk)]
    say(bob, channel)
    assert ids(listed(as_alice)) == [str(channel.pk), str(direct.pk)]


@pytest.mark.parametrize("kind", ["direct", "bid", "channel", "campaign"])
def test_it_is_filtered_by_type(
    as_alice: APIClient, direct: Conversation, bid: Conversation, channel: Conversation, kind: str
) -> None:
    expected = [str(one.pk) for one in (direct, bid, channel) if one.type == kind]
    assert ids(listed(as_alice, f"?type={kind}")) == expected
    assert len(listed(as_alice, "?type=")) == 3


def test_a_type_that_there_is_not_is_refused(as_alice: APIClient) -> None:
    response = as_alice.get(f"{CONVERSATIONS}?type=group")
    assert failure(response) == (400, "invalid_payload")
    assert list(response.json()["errors"]) == ["type"]


@pytest.mark.parametrize(
    ("query", "count", "pagination"),
    [
        ("", 3, {"page": 1, "limit": 50, "total": 3, "pages": 1, "has_more": False}),
        ("?limit=2", 2, {"page": 1, "limit": 2, "total": 3, "pages": 2, "has_more": True}),
        ("?limit=2&page=2", 1, {"page": 2, "limit": 2, "total": 3, "pages": 2, "has_more": False}),
        ("?limit=2&page=7", 0, {"page": 7, "limit": 2, "total": 3, "pages": 2, "has_more": False}),
        ("?limit=1000&page=-1", 3, {"page": 1, "limit": 100, "total": 3, "pages": 1, "has_more": False}),
        ("?limit=2&type=bid", 1, {"page": 1, "limit": 2, "total": 1, "pages": 1, "has_more": False}),
    ],
)
def test_it_comes_in_pages(
    as_alice: APIClient,
    direct: Conversation,
    bid: Conversation,
    channel: Conversation,
    query: str,
    count: int,
    pagination: dict[str, Any],
) -> None:
    body = as_alice.get(CONVERSATIONS + query).json()
    assert (len(body["conversations"]), body["pagination"]) == (count, pagination)


def test_pages_hold_each_once(as_alice: APIClient, alice: User) -> None:
    for number in range(7):
        execute(CreateConversation(actor=alice.pk, type="channel", participant_ids=[], title=str(number)))
    Conversation.objects.update(updated_at=Conversation.objects.latest("created_at").created_at)

    pages = [ids(listed(as_alice, f"?limit=2&page={page}")) for page in range(1, 5)]
    assert ids(listed(as_alice)) == [key for page in pages for key in page]
    assert len({key for page in pages for key in page}) == 7


def test_what_is_unread_is_ones_own(
    as_alice: APIClient, as_bob: APIClient, direct: Conversation, alice: User, bob: User
) -> None:
    for _ in range(3):
        say(alice, direct)
    assert [listed(client)[0]["unread_count"] for client in (as_alice, as_bob)] == [0, 3]
    read(bob, direct)
    assert [listed(client)[0]["unread_count"] for client in (as_alice, as_bob)] == [0, 0]


def befriend(alice: User, count: int) -> None:
    """Give alice conversations of each kind, with messages in them, and a channel with a crowd."""
    for _ in range(count):
        fan = User.objects.create_user(f"fan {User.objects.count()}", role=Role.INFLUENCER)
        for kind in ("direct", "bid", "channel"):
            command = CreateConversation(actor=alice.pk, type=kind, participant_ids=[fan.pk], source_id="1")
            conversation = execute(command).conversation
            Conversation.objects.filter(pk=conversation.pk).update(chat_status="real_time")
            say(fan, conversation)
    crowd = User.objects.bulk_create(User(username=f"crowd {count} {number}") for number in range(20))
    channel = Conversation.objects.filter(type="channel")[0]
    Participant.objects.bulk_create(Participant(conversation=channel, user=user) for user in crowd)


def test_it_costs_the_same_whatever_its_length(as_alice: APIClient, alice: User) -> None:
    queries: list[int] = []
    for count in (1, 9):
        befriend(alice, count)
        with CaptureQueriesContext(
            connection,
        ) as context:
            listed(as_alice)
        queries.append(len(context))

    assert len(listed(as_alice)) == 30
    assert queries[0] == queries[1] <= 4
