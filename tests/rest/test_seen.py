"""Marking as read by REST, and how much is unread over all."""

import pytest
from rest_framework.test import APIClient

from conversations.models import Conversation
from messaging.models import ReadReceipt
from stoory.accounts.models import User
from tests.rest.routes import UNKNOWN_ID, UNREAD_COUNT, failure, of
from tests.talk import published, say


@pytest.fixture
def messages(direct: Conversation, alice: User) -> list[str]:
    """The ids of three messages to bob."""
    return [say(alice, direct, str(number)).message.id for number in range(3)]


def test_all_are_seen(as_bob: APIClient, direct: Conversation, messages: list[str]) -> None:
    expected = {"success": True, "message_ids": messages, "last_read_seq": 3, "unread_count": 0}
    assert as_bob.put(of(direct, "seen")).json() == expected


@pytest.mark.parametrize("body", [None, {}, {"up_to_message_id": None}])
def test_all_is_what_is_meant_by_nothing(
    as_bob: APIClient, direct: Conversation, messages: list[str], body: object
) -> None:
    assert as_bob.put(of(direct, "seen"), body).json()["message_ids"] == messages


def test_some_are_seen(as_bob: APIClient, direct: Conversation, messages: list[str]) -> None:
    answered = as_bob.put(of(direct, "seen"), {"up_to_message_id": messages[1]}).json()
    assert answered == {"success": True, "message_ids": messages[:2], "last_read_seq": 2, "unread_count": 1}


def test_seeing_again_is_no_news(as_bob: APIClient, direct: Conversation, messages: list[str]) -> None:
    as_bob.put(of(direct, "seen"))
    with published() as heard:
        answered = as_bob.put(of(direct, "seen")).json()

    assert (answered["message_ids"], answered["unread_count"]) == ([], 0)
    assert heard == []


@pytest.mark.parametrize("spelled", [UNKNOWN_ID, "nonsense", "\x00"])
def test_an_id_that_names_nothing_is_ignored(
    as_bob: APIClient, direct: Conversation, messages: list[str], spelled: str
) -> None:
    answered = as_bob.put(of(direct, "seen"), {"up_to_message_id": spelled}).json()
    assert (answered["message_ids"], answered["unread_count"]) == ([], 3)


@pytest.mark.parametrize("body", [b"[]", b"false", b"0", b'""', b"null", b"{", b'{"up_to_message_id": 5}'])
def test_what_is_no_request_marks_nothing(
    as_bob: APIClient, direct: Conversation, messages: list[str], body: bytes
) -> None:
    response = as_bob.put(of(direct, "seen"), body, content_type="application/json")
    assert failure(response) == (400, "invalid_payload")
    assert not ReadReceipt.objects.exists()


@pytest.mark.usefixtures("messages")
def test_the_unread_count_is_over_all(
    as_bob: APIClient, as_alice: APIClient, direct: Conversation, channel: Conversation, alice: User
) -> None:
    say(alice, channel)
    assert as_bob.get(UNREAD_COUNT).json() == {"success": True, "unread_count": 4}
    assert as_alice.get(UNREAD_COUNT).json() == {"success": True, "unread_count": 0}
    as_bob.put(of(direct, "seen"))
    assert as_bob.get(UNREAD_COUNT).json() == {"success": True, "unread_count": 1}
