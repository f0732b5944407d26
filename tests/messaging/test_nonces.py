"""Repeats: a nonce is one message of its sender, for ever."""

from typing import Any

import pytest
from django.db import IntegrityError, transaction

from conversations.models import Conversation, ConversationEvent
from messaging.errors import NonceReused
from messaging.models import Message
from messaging.services import send_messages
from stoory.accounts.models import User
from tests.talk import published, said, say, sent

CONTENT: dict[str, Any] = {
    "attachments": [{"name": "photo.jpg", "ratio": 1.5}],
    "metadata": {"b": 1, "a": [None, True, 0.1]},
    "media_url": "https://example.org/photo.jpg",
}


def test_a_repeat_is_answered_with_the_stored_message(direct: Conversation, alice: User) -> None:
    first = say(alice, direct, client_nonce="1", temp_id="a", **CONTENT)
    again = say(alice, direct, client_nonce="1", temp_id="b", **CONTENT)

    assert again.duplicate
    assert again.message == first.message
    assert Message.objects.count() == ConversationEvent.objects.count() == 1


def test_a_repeat_is_not_published(direct: Conversation, alice: User) -> None:
    with published() as heard:
        for _ in range(3):
            say(alice, direct, client_nonce="1")

    assert len(heard) == 1


def test_a_repeat_in_the_same_group_is_one(direct: Conversation, alice: User) -> None:
    outcomes = [sent(outcome) for outcome in send_messages([said(alice, direct, client_nonce="1")] * 3)]

    assert [outcome.duplicate for outcome in outcomes] == [False, True, True]
    assert len({outcome.message.id for outcome in outcomes}) == 1
    assert Message.objects.count() == 1


def test_a_repeat_takes_no_place(direct: Conversation, alice: User) -> None:
    commands = [said(alice, direct, client_nonce=nonce) for nonce in "1121"]
    assert [sent(outcome).message.seq for outcome in send_messages(commands)] == [1, 1, 2, 1]
    assert say(alice, direct).message.seq == 3


@pytest.mark.parametrize(
    "other",
    [
        {"text": "Bye"},
        {"attachments": [1]},
        {"attachments": None},
        {"metadata": {"a": 2}},
        {"metadata": None},
        {"media_url": "https://example.org/another.jpg"},
        {"media_url": None},
    ],
)
def test_it_is_not_taken_for_other_content(direct: Conversation, alice: User, other: dict[str, Any]) -> None:
    fields = {"text": "Hello", "client_nonce": "1"} | CONTENT
    say(alice, direct, **fields)

    with pytest.raises(NonceReused):
        say(alice, direct, **fields | other)
    assert Message.objects.count() == 1


def test_it_is_not_taken_for_other_content_of_the_same_group(direct: Conversation, alice: User) -> None:
    first, second = send_messages([said(alice, direct, text, client_nonce="1") for text in ("one", "two")])
    assert sent(first).message.text == "one"
    assert isinstance(second, NonceReused)


def test_it_is_not_taken_for_another_conversation(direct: Conversation, channel: Conversation, alice: User) -> None:
    say(alice, direct, client_nonce="1")
    with pytest.raises(NonceReused):
        say(alice, channel, client_nonce="1")
    assert not channel.messages.exists()


def test_it_is_not_taken_for_another_reply(direct: Conversation, alice: User) -> None:
    one, other = (say(alice, direct).message.id for _ in range(2))
    say(alice, direct, client_nonce="1", reply_to_id=one)

    assert say(alice, direct, client_nonce="1", reply_to_id=one).duplicate
    for reply_to_id in (other, None):
        with pytest.raises(NonceReused):
            say(alice, direct, client_nonce="1", reply_to_id=reply_to_id)


def test_no_reply_is_no_reply_however_it_is_said(direct: Conversation, alice: User) -> None:
    say(alice, direct, client_nonce="1", reply_to_id="")
    assert say(alice, direct, client_nonce="1", reply_to_id="").duplicate
    assert say(alice, direct, client_nonce="1").duplicate


def test_two_people_may_choose_the_same(direct: Conversation, alice: User, bob: User) -> None:
    assert not say(alice, direct, client_nonce="1").duplicate
    assert not say(bob, direct, client_nonce="1").duplicate


def test_without_one_the_same_is_said_twice(direct: Conversation, alice: User) -> None:
    assert [say(alice, direct).message.seq for _ in range(2)] == [1, 2]


def test_a_message_that_was_refused_has_not_used_it(bid: Conversation, alice: User) -> None:
    [refused] = send_messages([said(alice, bid, client_nonce="1")])
    Conversation.objects.filter(pk=bid.pk).update(chat_status="real_time")

    assert not isinstance(refused, type(say(alice, bid, client_nonce="1")))
    assert Message.objects.get(sender=alice).client_nonce == "1"


def test_a_repeat_is_answered_after_the_conversation_has_closed(direct: Conversation, alice: User) -> None:
    first = say(alice, direct, client_nonce="1")
    Conversation.objects.filter(pk=direct.pk).update(chat_status="closed")
    assert say(alice, direct, client_nonce="1").message == first.message


def test_the_database_keeps_it_one(direct: Conversation, channel: Conversation, alice: User, bob: User) -> None:
    Message.objects.create(conversation=direct, seq=1, sender=alice, client_nonce="1")
    Message.objects.create(conversation=direct, seq=2, sender=bob, client_nonce="1")
    with pytest.raises(IntegrityError), transaction.atomic():
        Message.objects.create(conversation=channel, seq=1, sender=alice, client_nonce="1")


def test_the_database_keeps_a_place_one(direct: Conversation, alice: User, bob: User) -> None:
    Message.objects.create(conversation=direct, seq=1, sender=alice)
    with pytest.raises(IntegrityError), transaction.atomic():
        Message.objects.create(conversation=direct, seq=1, sender=bob)
