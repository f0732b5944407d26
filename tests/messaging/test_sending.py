"""Sending: one row, numbered by its conversation's log, the same in the answer, the table and the log."""

from datetime import UTC, datetime
from typing import Any

import pytest

from conversations.models import Conversation, ConversationEvent
from messaging.models import Message
from messaging.selectors import last_message
from messaging.services import send_messages
from stoory.accounts.models import User
from tests.talk import place, said, say, sent

CONTENT: dict[str, Any] = {
    "text": "Hi 🙂\r\n",
    "attachments": [{"name": "photo.jpg", "size": 12.5, "tags": ["a", None, True]}],
    "metadata": {"from": "camera"},
    "media_url": "https://example.org/photo.jpg",
}


def log_of(conversation: Conversation) -> list[tuple[int, str]]:
    return list(ConversationEvent.objects.filter(conversation=conversation).values_list("seq", "kind"))


def test_the_first_message_is_number_one(direct: Conversation, alice: User) -> None:
    assert say(alice, direct).message.seq == 1
    assert log_of(direct) == [(1, "message")]


def test_places_are_taken_without_a_gap(direct: Conversation, alice: User, bob: User) -> None:
    seqs = [say(who, direct).message.seq for who in (alice, bob, bob, alice)]

    assert seqs == [1, 2, 3, 4]
    assert log_of(direct) == [(seq, "message") for seq in seqs]


def test_every_conversation_counts_for_itself(direct: Conversation, channel: Conversation, alice: User) -> None:
    assert [say(alice, to).message.seq for to in (direct, channel, direct, channel)] == [1, 1, 2, 2]


def test_what_was_said_is_what_is_read(direct: Conversation, alice: User, bob: User) -> None:
    answered = say(alice, direct, **CONTENT)

    assert not answered.duplicate
    assert {name: getattr(answered.message, name) for name in CONTENT} == CONTENT
    assert last_message(place(bob, direct)) == answered.message


def test_the_log_holds_no_second_copy(direct: Conversation, alice: User) -> None:
    say(alice, direct, **CONTENT)
    entry = ConversationEvent.objects.get()
    assert (entry.payload, entry.actor, entry.visible_to) == ({}, alice, None)


def test_a_conversation_moves_with_its_newest_message(direct: Conversation, alice: User) -> None:
    Conversation.objects.update(updated_at=datetime(2026, 1, 1, tzinfo=UTC))
    say(alice, direct)
    direct.refresh_from_db()
    assert direct.last_seq == 1
    assert direct.updated_at > datetime(2026, 1, 1, tzinfo=UTC)


def test_a_message_of_two_goes_to_the_other(direct: Conversation, alice: User, bob: User) -> None:
    assert say(alice, direct).message.receiver_id == bob.pk
    assert say(bob, direct).message.receiver_id == alice.pk


def test_a_message_of_a_channel_goes_to_nobody_in_particular(channel: Conversation, alice: User) -> None:
    assert say(alice, channel).message.receiver_id is None


def test_the_event_says_what_was_stored(direct: Conversation, alice: User) -> None:
    answered = say(alice, direct, temp_id="t1")

    assert answered.event is not None
    assert answered.event.message == answered.message
    assert (answered.event.seq, answered.event.at) == (answered.message.seq, answered.message.created_at)
    assert answered.event.temp_id == "t1"
    assert answered.event.conversation.chat_status == "real_time"


# In groups


def test_a_group_is_stored_in_its_order(direct: Conversation, alice: User, bob: User) -> None:
    commands = [said(who, direct, str(number)) for number, who in enumerate([alice, bob, bob, alice])]
    answered = [sent(outcome).message for outcome in send_messages(commands)]

    assert [(message.seq, message.text) for message in answered] == [(1, "0"), (2, "1"), (3, "2"), (4, "3")]
    assert list(Message.objects.order_by("seq").values_list("text", flat=True)) == ["0", "1", "2", "3"]


def test_a_group_may_go_to_many_conversations(direct: Conversation, channel: Conversation, alice: User) -> None:
    outcomes = send_messages([said(alice, to) for to in (channel, direct, channel)])

    assert [sent(outcome).message.seq for outcome in outcomes] == [1, 1, 2]
    assert [log_of(channel), log_of(direct)] == [[(1, "message"), (2, "message")], [(1, "message")]]


def test_an_empty_group_is_no_work(db: None) -> None:
    assert send_messages([]) == []


@pytest.mark.parametrize("size", [1, 20])
def test_a_group_costs_the_same_whatever_its_size(
    direct: Conversation, channel: Conversation, alice: User, size: int, django_assert_max_num_queries: Any
) -> None:
    commands = [said(alice, to, client_nonce=f"{to.pk} {n}") for n in range(size) for to in (direct, channel)]
    with django_assert_max_num_queries(10):
        send_messages(commands)
