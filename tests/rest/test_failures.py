"""Requests that can't be served: one shape for every fault, and nothing is stored."""

from typing import Any

import pytest
from rest_framework.test import APIClient

from conversations.models import Conversation
from messaging import conversation_list
from messaging.models import Message
from tests.rest.routes import CONVERSATIONS, MESSAGES, UNREAD_COUNT, failure, of

BODIES = {
    "empty": b"",
    "cut off": b'{"message": "Hi"',
    "no JSON": b"message=Hi",
    "NaN": b'{"message": "Hi", "metadata": {"a": NaN}}',
    "Infinity": b'{"message": "Hi", "metadata": {"a": Infinity}}',
    "out of range": b'{"message": "Hi", "metadata": {"a": 1e999}}',
    "half a character": b'{"message": "\\ud800"}',
    "not UTF-8": b'{"message": "\xff"}',
    "NUL": b'{"message": "a\\u0000b"}',
    "200 deep": b'{"message": "Hi", "attachments": ' + b"[" * 200 + b"]" * 200 + b"}",
    "100,000 deep": b"[" * 100_000,
    "null": b"null",
    "a list": b"[]",
    "a text": b'"Hi"',
    "a number": b"5",
}


@pytest.fixture(autouse=True)
def nothing_is_stored(direct: Conversation) -> Any:
    yield
    assert not Message.objects.exists()
    assert Conversation.objects.count() == 1


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
def test_a_body_that_is_no_message(as_alice: APIClient, direct: Conversation, body: bytes) -> None:
    for route in (of(direct, "messages"), MESSAGES):
        assert failure(as_alice.post(route, body, content_type="application/json")) == (400, "invalid_payload")


@pytest.mark.parametrize(
    ("fields", "path"),
    [
        ({"message": 5}, "message"),
        ({"message": None}, "message"),
        ({"message": ["Hi"]}, "message"),
        ({"message": ""}, "message"),
        ({"message": " "}, "message"),
        ({"message": "x" * 10_001}, "message"),
        ({"message": "a\x00"}, "message"),
        ({"metadata": "a"}, "metadata"),
        ({"metadata": [1]}, "metadata"),
        ({"metadata": {"a": {"b": 2**53}}}, "metadata.a.b"),
        ({"attachments": "photo.jpg"}, "attachments"),
        ({"attachments": [{"name": "\x00"}]}, "attachments[0].name"),
        ({"media_url": 5}, "media_url"),
        ({"media_url": "javascript:alert(1)"}, "media_url"),
        ({"reply_to_id": 5}, "reply_to_id"),
        ({"reply_to_id": "nonsense"}, "reply_to_id"),
        ({"client_nonce": 5}, "client_nonce"),
        ({"client_nonce": "n" * 129}, "client_nonce"),
    ],
)
def test_a_field_that_is_wrong_is_named(
    as_alice: APIClient, direct: Conversation, fields: dict[str, Any], path: str
) -> None:
    response = as_alice.post(of(direct, "messages"), {"message": "Hi"} | fields)
    assert failure(response) == (400, "invalid_payload")
    assert list(response.json()["errors"]) == [path]


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ({}, "conversation_id"),
        ({"conversation_id": ""}, "conversation_id"),
        ({"conversation_id": 5}, "conversation_id"),
        ({"receiver_id": 5}, "receiver_id"),
        ({"receiver_id": "nobody"}, "receiver_id"),
        ({"receiver_id": "a\x00"}, "receiver_id"),
    ],
)
def test_whom_it_is_for_has_to_be_said(as_alice: APIClient, body: dict[str, Any], path: str) -> None:
    response = as_alice.post(MESSAGES, {"message": "Hi"} | body)
    assert failure(response) == (400, "invalid_payload")
    assert list(response.json()["errors"]) == [path]


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ({}, "$"),
        ({"type": 5}, "type"),
        ({"type": "group"}, "type"),
        ({"type": "direct"}, "participant_ids"),
        ({"type": "direct", "participant_ids": "bob"}, "participant_ids"),
        ({"type": "direct", "participant_ids": [5]}, "participant_ids[0]"),
        ({"type": "direct", "participant_ids": ["nobody"]}, "participant_ids"),
        ({"type": "channel", "title": 5}, "title"),
        ({"type": "channel", "title": "t" * 201}, "title"),
        ({"type": "channel", "is_public": "yes"}, "is_public"),
        ({"type": "channel", "context": []}, "context"),
    ],
)
def test_a_conversation_that_cannot_be(as_alice: APIClient, body: dict[str, Any], path: str) -> None:
    response = as_alice.post(CONVERSATIONS, body)
    assert failure(response) == (400, "invalid_payload")
    assert list(response.json()["errors"]) == [path]


@pytest.mark.parametrize("query", ["page=x", "limit=x", "page=1.5", "before_seq=x", "after_seq=x", "limit=NaN"])
def test_a_number_that_is_none(as_alice: APIClient, direct: Conversation, query: str) -> None:
    response = as_alice.get(f"{of(direct, 'messages')}?{query}")
    assert failure(response) == (400, "invalid_payload")
    assert list(response.json()["errors"]) == [query.partition("=")[0]]


@pytest.mark.parametrize("method", ["get", "patch", "delete", "put"])
def test_a_method_that_there_is_not(as_alice: APIClient, method: str) -> None:
    response = getattr(as_alice, method)(MESSAGES)
    assert failure(response)[0] == 405
    assert "POST" in response.headers["Allow"]


def test_a_form_is_no_json(as_alice: APIClient, direct: Conversation) -> None:
    response = as_alice.post(of(direct, "messages"), {"message": "Hi"}, format="multipart")
    assert failure(response)[0] == 415


def test_a_bug_tells_nothing(as_alice: APIClient, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*args: object) -> None:
        raise RuntimeError("a secret")

    monkeypatch.setattr(conversation_list, "page_of", fail)
    response = as_alice.get(CONVERSATIONS)
    assert failure(response) == (500, "internal")
    assert "secret" not in response.content.decode()


def test_an_error_in_one_request_is_none_in_the_next(as_alice: APIClient) -> None:
    as_alice.post(MESSAGES, b"{", content_type="application/json")
    assert as_alice.get(UNREAD_COUNT).json() == {"success": True, "unread_count": 0}
