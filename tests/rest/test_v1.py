"""`/api/v1/conversations…`: what a client of seed 003 asks for and gets."""

import re
from datetime import timedelta
from typing import Any

import pytest
from rest_framework.test import APIClient

from conversations.models import Conversation
from messaging.models import Message, ReadReceipt
from stoory.accounts.models import User
from stoory.times import iso
from tests.rest.routes import UNKNOWN_ID, failure
from tests.talk import automate, published, read, say

pytestmark = pytest.mark.slow

V1 = "/api/v1/conversations"
ISO = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")

MESSAGE = {
    "id": str,
    "conversationId": str,
    "senderId": str,
    "receiverId": str,
    "content": str,
    "messageType": str,
    "isRead": bool,
    "isEdited": bool,
    "createdAt": str,
    "updatedAt": str,
    "seq": int,
}
CONVERSATION = {
    "id": str,
    "type": str,
    "title": str,
    "otherUser": dict,
    "lastMessage": str,
    "timestamp": str,
    "unread": bool,
    "unreadCount": int,
}
OTHER_USER = {"id": str, "name": str, "imageUrl": type(None), "online": bool, "lastSeen": type(None)}


def messages(conversation: Conversation | str) -> str:
    key = conversation if isinstance(conversation, str) else conversation.pk
    return f"{V1}/{key}/messages"


def read_route(conversation: Conversation | str) -> str:
    return messages(conversation).removesuffix("messages") + "read"


def types_of(body: dict[str, Any]) -> dict[str, type]:
    return {key: type(value) for key, value in body.items()}


@pytest.fixture
def talk(direct: Conversation, alice: User) -> list[str]:
    """The ids of seven messages of alice's to bob."""
    return [say(alice, direct, str(number)).message.id for number in range(1, 8)]


def contents(client: APIClient, conversation: Conversation, query: str = "") -> list[str]:
    response = client.get(messages(conversation) + query)
    assert response.status_code == 200
    return [message["content"] for message in response.json()["data"]]


# the list


@pytest.mark.parametrize("slash", ["", "/"])
def test_it_lists_conversations(
    as_bob: APIClient, direct: Conversation, talk: list[str], alice: User, slash: str
) -> None:
    body = as_bob.get(V1 + slash).json()
    assert set(body) == {"success", "data", "pagination"}
    assert body["pagination"] == {"page": 1, "limit": 50, "total": 1}
    [item] = body["data"]
    assert types_of(item) == CONVERSATION
    assert types_of(item["otherUser"]) == OTHER_USER
    newest = Message.objects.latest("seq")
    assert item == {
        "id": str(direct.pk),
        "type": "direct",
        "title": "Alice",
        "otherUser": {"id": alice.pk, "name": "Alice", "imageUrl": None, "online": False, "lastSeen": None},
        "lastMessage": "7",
        "timestamp": iso(newest.created_at),
        "unread": True,
        "unreadCount": 7,
    }


def test_it_lists_what_nobody_has_said_anything_in(as_bob: APIClient, channel: Conversation) -> None:
    [item] = as_bob.get(V1).json()["data"]
    assert (item["title"], item["type"], item["otherUser"]) == ("Launch", "channel", None)
    assert (item["lastMessage"], item["unread"], item["unreadCount"]) == ("", False, 0)
    assert ISO.fullmatch(item["timestamp"])


def test_it_lists_what_is_unread_to_each(as_alice: APIClient, as_bob: APIClient, talk: list[str]) -> None:
    shown = [client.get(V1).json()["data"][0] for client in (as_alice, as_bob)]
    assert [(item["unread"], item["unreadCount"]) for item in shown] == [(False, 0), (True, 7)]


def test_it_lists_the_most_recent_first_page_by_page(
    as_alice: APIClient, direct: Conversation, bid: Conversation, channel: Conversation
) -> None:
    for days, conversation in enumerate((direct, channel, bid)):
        moved_at = direct.created_at - timedelta(days=days)
        Conversation.objects.filter(pk=conversation.pk).update(updated_at=moved_at)
    pages = [as_alice.get(f"{V1}?limit=2&page={page}").json() for page in (1, 2, 3)]
    ids = [item["id"] for page in pages for item in page["data"]]
    assert ids == [str(direct.pk), str(channel.pk), str(bid.pk)]
    assert pages[1]["pagination"] == {"page": 2, "limit": 2, "total": 3}


def test_it_lists_ones_own_only(as_charlie: APIClient, talk: list[str], channel: Conversation) -> None:
    assert as_charlie.get(V1).json()["data"] == []


# history


@pytest.mark.parametrize("slash", ["", "/"])
def test_it_shows_messages(
    as_bob: APIClient, direct: Conversation, alice: User, bob: User, talk: list[str], slash: str
) -> None:
    body = as_bob.get(f"{messages(direct)}{slash}?limit=1").json()
    assert set(body) == {"success", "data", "pagination"}
    assert body["pagination"] == {"limit": 1, "offset": 0, "total": 7, "hasMore": True}
    [message] = body["data"]
    assert types_of(message) == MESSAGE
    sent_at = iso(Message.objects.get(seq=7).created_at)
    assert message == {
        "id": talk[-1],
        "conversationId": str(direct.pk),
        "senderId": alice.pk,
        "receiverId": bob.pk,
        "content": "7",
        "messageType": "user_input",
        "isRead": False,
        "isEdited": False,
        "createdAt": sent_at,
        "updatedAt": sent_at,
        "seq": 7,
    }


def test_it_shows_that_one_was_read_and_edited(
    as_alice: APIClient, direct: Conversation, bob: User, talk: list[str]
) -> None:
    read(bob, direct)
    as_alice.patch(f"/api/messages/messages/{talk[-1]}", {"message": "seven"})
    message = as_alice.get(f"{messages(direct)}?limit=1").json()["data"][0]
    assert (message["content"], message["isRead"], message["isEdited"]) == ("seven", True, True)
    assert message["updatedAt"] >= message["createdAt"]


@pytest.mark.usefixtures("talk")
@pytest.mark.parametrize(
    ("query", "shown", "has_more"),
    [
        ("", "1234567", False),
        ("?limit=3", "567", True),
        ("?limit=3&offset=3", "234", True),
        ("?limit=3&offset=6", "1", False),
        ("?offset=7", "", False),
        ("?offset=99", "", False),
        ("?limit=0", "7", True),
        ("?limit=1000&offset=-5", "1234567", False),
        ("?before=4", "123", False),
        ("?before=4&limit=2", "23", True),
        ("?before=4&limit=2&offset=1", "23", True),
        ("?before=1", "", False),
        ("?before=0", "", False),
        ("?before=999", "1234567", False),
    ],
)
def test_it_pages(as_bob: APIClient, direct: Conversation, query: str, shown: str, has_more: bool) -> None:
    assert "".join(contents(as_bob, direct, query)) == shown
    assert as_bob.get(messages(direct) + query).json()["pagination"]["hasMore"] is has_more


def test_it_pages_by_the_id_of_a_message(as_bob: APIClient, direct: Conversation, talk: list[str]) -> None:
    assert contents(as_bob, direct, f"?before={talk[3]}&limit=2") == ["2", "3"]
    assert contents(as_bob, direct, f"?before={talk[0]}") == []
    pagination = as_bob.get(f"{messages(direct)}?before={talk[3]}&limit=2").json()["pagination"]
    assert pagination == {"limit": 2, "hasMore": True}


def test_it_shows_nothing_before_a_message_of_another_conversation(
    as_bob: APIClient, direct: Conversation, channel: Conversation, bob: User, talk: list[str]
) -> None:
    elsewhere = say(bob, channel).message.id
    assert contents(as_bob, direct, f"?before={elsewhere}") == []


@pytest.mark.parametrize("place", [UNKNOWN_ID, "nonsense", "", "%00", "-1", "9" * 30])
def test_it_does_not_find_a_place_that_there_is_not(
    as_bob: APIClient, direct: Conversation, talk: list[str], place: str
) -> None:
    assert failure(as_bob.get(f"{messages(direct)}?before={place}")) == (404, "not_found")


@pytest.mark.parametrize("query", ["limit=x", "offset=x", "limit=1.5"])
def test_it_needs_numbers(as_bob: APIClient, direct: Conversation, query: str) -> None:
    assert failure(as_bob.get(f"{messages(direct)}?{query}")) == (400, "invalid_payload")


@pytest.mark.usefixtures("system_user")
def test_it_hides_what_is_for_the_other_party(as_alice: APIClient, as_bob: APIClient, direct: Conversation) -> None:
    whispered = automate(direct, "for the brand", visible_to="brand_owner")
    assert contents(as_alice, direct) == ["for the brand"]
    assert contents(as_bob, direct) == []
    assert failure(as_bob.get(f"{messages(direct)}?before={whispered.pk}")) == (404, "not_found")
    assert as_bob.get(V1).json()["data"][0]["lastMessage"] == ""


def test_it_does_not_mark_as_read(as_bob: APIClient, direct: Conversation, talk: list[str]) -> None:
    contents(as_bob, direct)
    assert not ReadReceipt.objects.exists()


# sending


@pytest.mark.parametrize("slash", ["", "/"])
def test_it_sends(as_alice: APIClient, direct: Conversation, alice: User, bob: User, slash: str) -> None:
    with published() as heard:
        response = as_alice.post(messages(direct) + slash, {"content": "Hi 👋"})

    assert response.status_code == 201
    body = response.json()
    assert set(body) == {"success", "data"}
    assert types_of(body["data"]) == MESSAGE
    assert (body["data"]["content"], body["data"]["senderId"], body["data"]["receiverId"]) == (
        "Hi 👋",
        alice.pk,
        bob.pk,
    )
    assert as_alice.get(messages(direct)).json()["data"] == [body["data"]]
    assert len(heard) == 1


def test_it_sends_to_a_channel_for_nobody_in_particular(as_alice: APIClient, channel: Conversation) -> None:
    assert as_alice.post(messages(channel), {"content": "Hi"}).json()["data"]["receiverId"] is None


@pytest.mark.parametrize("how", ["header", "body"])
def test_it_stores_a_nonce_once(as_alice: APIClient, direct: Conversation, how: str) -> None:
    def send(content: str = "once") -> Any:
        body = {"content": content} | ({"clientNonce": "n"} if how == "body" else {})
        return as_alice.post(messages(direct), body, headers={"Idempotency-Key": "n"} if how == "header" else {})

    first, again = send(), send()
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json() == first.json()
    assert failure(send("another")) == (422, "nonce_reused")
    assert Message.objects.count() == 1


@pytest.mark.parametrize(
    "body", [{}, {"content": None}, {"content": 5}, {"content": ""}, {"content": " \n"}, {"content": "x" * 10_001}, []]
)
def test_it_needs_content(as_alice: APIClient, direct: Conversation, body: Any) -> None:
    response = as_alice.post(messages(direct), body)
    assert failure(response) == (400, "invalid_payload")
    assert list(response.json()["errors"]) == (["content"] if body else ["$"])
    assert not Message.objects.exists()


def test_it_refuses_to_speak_for_others(as_alice: APIClient, direct: Conversation, bob: User) -> None:
    assert failure(as_alice.post(messages(direct), {"content": "Hi", "senderId": bob.pk})) == (403, "forbidden")


def test_it_takes_no_chat_in_automated_mode_or_where_it_is_closed(
    as_alice: APIClient, bid: Conversation, direct: Conversation
) -> None:
    assert failure(as_alice.post(messages(bid), {"content": "Hi"})) == (409, "automated_mode")
    Conversation.objects.update(chat_status="closed")
    assert failure(as_alice.post(messages(direct), {"content": "Hi"})) == (409, "conversation_closed")


# reading


@pytest.mark.parametrize("slash", ["", "/"])
def test_it_marks_all_as_read(as_bob: APIClient, direct: Conversation, talk: list[str], slash: str) -> None:
    with published() as heard:
        body = as_bob.put(read_route(direct) + slash).json()
    assert body == {"success": True, "data": {"messageIds": talk, "unreadCount": 0}}
    assert len(heard) == 1
    assert as_bob.get(V1).json()["data"][0]["unread"] is False


def test_it_is_no_news_to_read_again(as_bob: APIClient, direct: Conversation, talk: list[str]) -> None:
    as_bob.put(read_route(direct))
    with published() as heard:
        assert as_bob.put(read_route(direct)).json()["data"] == {"messageIds": [], "unreadCount": 0}
    assert heard == []


# outside


@pytest.mark.parametrize(
    ("method", "route", "body"),
    [
        ("get", messages, {}),
        ("get", messages, {"before": 3}),
        ("get", messages, {"before": UNKNOWN_ID}),
        ("get", messages, {"offset": 2}),
        ("post", messages, {"content": "Hi"}),
        ("post", messages, {"content": "Hi", "clientNonce": "n"}),
        ("post", messages, {}),
        ("put", read_route, {}),
    ],
)
def test_it_answers_an_outsider_as_if_there_were_no_conversation(
    as_charlie: APIClient,
    as_staff: APIClient,
    direct: Conversation,
    talk: list[str],
    method: str,
    route: Any,
    body: Any,
) -> None:
    for client in (as_charlie, as_staff):
        answers = [getattr(client, method)(route(key), body) for key in (str(direct.pk), UNKNOWN_ID, "nonsense")]
        assert len({(answer.status_code, answer.content) for answer in answers}) == 1
        assert failure(answers[0]) in ((404, "not_found"), (400, "invalid_payload"))
    assert Message.objects.count() == 7
    assert not ReadReceipt.objects.exists()


def test_it_needs_a_token(as_nobody: APIClient, direct: Conversation) -> None:
    for method, url in (
        ("get", V1),
        ("get", messages(direct)),
        ("post", messages(direct)),
        ("put", read_route(direct)),
    ):
        assert failure(getattr(as_nobody, method)(url))[0] == 401
