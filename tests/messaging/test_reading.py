"""Marking as read: all, up to one, or some; what is nothing to the reader is ignored."""

from typing import Any

import pytest

from conversations.errors import ConversationNotFound
from conversations.models import Conversation, ConversationEvent
from messaging.models import ReadReceipt
from messaging.selectors import messages_before
from messaging.services import send_messages
from stoory.accounts.models import User
from tests.talk import place, published, read, said, say, sent

UNKNOWN_ID = "0197f000-0000-7000-8000-000000000000"


@pytest.fixture
def messages(direct: Conversation, alice: User) -> list[str]:
    """The ids of four messages of alice, which bob has not read."""
    return [say(alice, direct, str(number)).message.id for number in range(4)]


def receipts(reader: User) -> set[str]:
    return {str(pk) for pk in ReadReceipt.objects.filter(reader=reader).values_list("message_id", flat=True)}


def seen(reader: User, conversation: Conversation) -> list[bool]:
    return [message.seen for message in messages_before(place(reader, conversation), None, 100).messages]


# The three forms


def test_all_are_read(direct: Conversation, messages: list[str], bob: User) -> None:
    answered = read(bob, direct)

    assert len(answered.events) == 1
    assert answered.message_ids == messages
    assert answered.events[0].up_to_message_id is None
    assert (answered.last_read_seq, answered.unread_count) == (4, 0)
    assert receipts(bob) == set(messages)


def test_all_up_to_one_are_read(direct: Conversation, messages: list[str], bob: User) -> None:
    answered = read(bob, direct, up_to_message_id=messages[1])

    assert len(answered.events) == 1
    assert answered.message_ids == messages[:2]
    assert answered.events[0].up_to_message_id == messages[1]
    assert (answered.last_read_seq, answered.unread_count) == (2, 2)
    assert receipts(bob) == set(messages[:2])


def test_some_are_read(direct: Conversation, messages: list[str], bob: User) -> None:
    answered = read(bob, direct, message_ids=[messages[2], messages[0]])

    assert len(answered.events) == 1
    assert answered.message_ids == [messages[0], messages[2]]
    assert (answered.last_read_seq, answered.unread_count) == (1, 2)
    assert receipts(bob) == {messages[0], messages[2]}


def test_the_named_ones_go_before_the_last_one_named(direct: Conversation, messages: list[str], bob: User) -> None:
    answered = read(bob, direct, message_ids=messages[:1], up_to_message_id=messages[3])

    assert len(answered.events) == 1
    assert (answered.message_ids, answered.events[0].up_to_message_id) == (messages[:1], None)
    assert answered.unread_count == 3


# The cursor


def test_the_cursor_follows_once_the_hole_is_read(direct: Conversation, messages: list[str], bob: User) -> None:
    assert read(bob, direct, message_ids=messages[1:3]).last_read_seq == 0
    answered = read(bob, direct, message_ids=messages[:1])
    assert (answered.last_read_seq, answered.unread_count) == (3, 1)


def test_the_cursor_never_goes_back(direct: Conversation, messages: list[str], bob: User) -> None:
    read(bob, direct)
    assert read(bob, direct, up_to_message_id=messages[0]).last_read_seq == 4
    assert read(bob, direct, message_ids=messages[:1]).last_read_seq >= 4


def test_the_cursor_is_the_readers_own(direct: Conversation, messages: list[str], alice: User, bob: User) -> None:
    answered = read(bob, direct)

    assert place(bob, direct).last_read_seq == answered.last_read_seq
    assert place(bob, direct).last_read_at is not None
    assert (place(alice, direct).last_read_seq, place(alice, direct).last_read_at) == (0, None)


# What changes nothing


@pytest.mark.parametrize("form", ["all", "up to one", "some"])
def test_reading_again_is_no_news(direct: Conversation, messages: list[str], bob: User, form: str) -> None:
    forms: dict[str, dict[str, Any]] = {
        "all": {},
        "up to one": {"up_to_message_id": messages[1]},
        "some": {"message_ids": messages[1:]},
    }
    assert read(bob, direct, **forms[form]).events

    with published() as heard:
        assert read(bob, direct, **forms[form]).events == []
    assert heard == []
    assert ConversationEvent.objects.filter(kind="read").count() == 1


def test_there_is_nothing_to_read(direct: Conversation, bob: User) -> None:
    answered = read(bob, direct)
    assert (answered.events, answered.last_read_seq, answered.unread_count) == ([], 0, 0)
    assert not ConversationEvent.objects.exists()


@pytest.mark.parametrize("spelled", [UNKNOWN_ID, "nonsense", "", "\x00", "\ud800"])
def test_ids_that_name_nothing_are_ignored(direct: Conversation, messages: list[str], bob: User, spelled: str) -> None:
    assert read(bob, direct, up_to_message_id=spelled).events == []
    assert read(bob, direct, message_ids=[spelled]).unread_count == 4
    assert read(bob, direct, message_ids=[]).events == []
    assert receipts(bob) == set()


def test_ids_that_name_nothing_do_not_hide_those_that_do(direct: Conversation, messages: list[str], bob: User) -> None:
    answered = read(bob, direct, message_ids=[UNKNOWN_ID, "nonsense", *messages[:1]])
    assert len(answered.events) == 1
    assert answered.message_ids == messages[:1]


def test_messages_of_another_conversation_are_ignored(
    direct: Conversation, channel: Conversation, messages: list[str], alice: User, bob: User
) -> None:
    say(alice, channel)
    assert read(bob, channel, message_ids=messages).events == []
    assert read(bob, channel, up_to_message_id=messages[0]).events == []
    assert (place(bob, channel).last_read_seq, place(bob, direct).last_read_seq) == (0, 0)


def test_ones_own_messages_are_ignored(direct: Conversation, messages: list[str], alice: User, bob: User) -> None:
    mine = say(bob, direct).message.id
    assert read(bob, direct, message_ids=[mine]).events == []
    assert read(bob, direct, message_ids=[mine]).unread_count == 4
    assert read(alice, direct, message_ids=messages).events == []
    assert receipts(alice) == receipts(bob) == set()


def test_up_to_ones_own_message_is_up_to_there(direct: Conversation, messages: list[str], bob: User) -> None:
    mine = say(bob, direct).message.id
    answered = read(bob, direct, up_to_message_id=mine)
    assert len(answered.events) == 1
    assert answered.message_ids == messages


def test_an_outsider_reads_nothing(direct: Conversation, messages: list[str], charlie: User) -> None:
    for which in ({}, {"message_ids": messages}, {"up_to_message_id": messages[0]}):
        with pytest.raises(ConversationNotFound):
            read(charlie, direct, **which)
    assert not ReadReceipt.objects.exists()


# What others see of it


def test_the_log_numbers_it(direct: Conversation, messages: list[str], alice: User, bob: User) -> None:
    answered = read(bob, direct)

    [event] = answered.events
    assert event.seq == 5
    assert list(ConversationEvent.objects.values_list("seq", "kind"))[-1] == (5, "read")
    assert say(alice, direct).message.seq == 6


def test_both_see_that_it_was_seen(direct: Conversation, messages: list[str], alice: User, bob: User) -> None:
    assert seen(alice, direct) == [False] * 4
    read(bob, direct, message_ids=[messages[0], messages[2]])
    assert seen(alice, direct) == seen(bob, direct) == [True, False, True, False]
    read(bob, direct)
    assert seen(alice, direct) == [True] * 4


def test_the_sender_does_not_see_it_by_reading(direct: Conversation, messages: list[str], alice: User) -> None:
    read(alice, direct)
    assert seen(alice, direct) == [False] * 4


# Many


def test_all_that_were_named_are_read(direct: Conversation, alice: User, bob: User) -> None:
    outcomes = send_messages([said(alice, direct, str(number)) for number in range(600)])
    answered = read(bob, direct, message_ids=[sent(outcome).message.id for outcome in outcomes])

    assert (answered.unread_count, answered.last_read_seq) == (0, 600)
    assert len(answered.events) == 1
    assert len(answered.message_ids) == 600


def test_an_event_names_the_newest_500_of_all(direct: Conversation, alice: User, bob: User) -> None:
    outcomes = send_messages([said(alice, direct, str(number)) for number in range(600)])
    answered = read(bob, direct)

    assert (answered.unread_count, answered.last_read_seq) == (0, 600)
    assert len(answered.events) == 1
    assert answered.message_ids == [sent(outcome).message.id for outcome in outcomes[100:]]
