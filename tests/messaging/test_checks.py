"""What a message may hold: checked when the command is made, refused by the path of the fault."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from conversations.models import Conversation
from messaging.commands import MarkRead, SendMessage
from messaging.selectors import last_message
from stoory.accounts.models import User
from stoory.errors import InvalidPayload
from tests.talk import place, say

STORABLE = st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]), min_size=1, max_size=200)


def command(**fields: Any) -> SendMessage:
    return SendMessage(**{"actor": "alice", "conversation_id": "c", "text": "Hello"} | fields)


@pytest.mark.parametrize(
    ("fields", "path"),
    [
        ({"text": ""}, "text"),
        ({"text": " \n\t"}, "text"),
        ({"text": "", "attachments": []}, "text"),
        ({"text": "", "attachments": {}}, "text"),
        ({"text": "", "metadata": {"a": 1}}, "text"),
        ({"text": "x" * 10_001}, "text"),
        ({"text": "a\x00"}, "text"),
        ({"text": "\ud800"}, "text"),
        ({"text": "", "attachments": "photo.jpg"}, "attachments"),
        ({"attachments": "photo.jpg"}, "attachments"),
        ({"attachments": 5}, "attachments"),
        ({"attachments": True}, "attachments"),
        ({"attachments": [{"name": "\x00"}]}, "attachments[0].name"),
        ({"attachments": ["x" * 16_384]}, "attachments"),
        ({"metadata": {"a": 2**53}}, "metadata.a"),
        ({"metadata": {"a": "x" * 8_192}}, "metadata"),
        ({"client_nonce": ""}, "client_nonce"),
        ({"client_nonce": "n" * 129}, "client_nonce"),
        ({"client_nonce": "\x00"}, "client_nonce"),
        ({"temp_id": ""}, "temp_id"),
        ({"temp_id": "t" * 129}, "temp_id"),
        ({"temp_id": "\udfff"}, "temp_id"),
        ({"media_url": ""}, "media_url"),
        ({"media_url": "javascript:alert(1)"}, "media_url"),
        ({"media_url": "//example.org/x"}, "media_url"),
        ({"media_url": "https://" + "x" * 2_000}, "media_url"),
        ({"media_url": "https://\x00"}, "media_url"),
    ],
)
def test_it_is_refused(fields: dict[str, Any], path: str) -> None:
    with pytest.raises(InvalidPayload) as caught:
        command(**fields)
    assert caught.value.details == {"path": path}


@pytest.mark.parametrize(
    "fields",
    [
        {"text": "x" * 10_000},
        {"text": "🙂" * 10_000},
        {"text": "", "attachments": [{"name": "photo.jpg"}]},
        {"text": "", "attachments": {"name": "photo.jpg"}},
        {"text": "", "media_url": "https://example.org/photo.jpg"},
        {"attachments": [], "metadata": {}},
        {"client_nonce": "n" * 128, "temp_id": "t" * 128},
        {"media_url": "http://example.org/" + "x" * 1_981},
    ],
)
def test_it_may_go_this_far(fields: dict[str, Any]) -> None:
    made = command(**fields)
    assert {name: getattr(made, name) for name in fields} == fields


def test_no_more_than_a_thousand_ids_are_read_at_once() -> None:
    MarkRead(actor="alice", conversation_id="c", message_ids=["1"] * 1_000)
    with pytest.raises(InvalidPayload, match="1,000") as caught:
        MarkRead(actor="alice", conversation_id="c", message_ids=["1"] * 1_001)
    assert caught.value.details == {"path": "message_ids"}


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=50)
@given(text=STORABLE.filter(str.strip), key=STORABLE.filter(lambda key: len(key) <= 128), value=STORABLE)
def test_a_text_that_passes_is_stored_as_it_is(
    direct: Conversation, alice: User, bob: User, text: str, key: str, value: str
) -> None:
    said = say(alice, direct, text, metadata={key: value}, client_nonce=None)

    stored = last_message(place(bob, direct))
    assert stored == said.message
    assert (stored.text, stored.metadata) == (text, {key: value})
