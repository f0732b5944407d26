"""Reading where more than a hundred people are: how far, and not what."""

import pytest

from conversations.models import Conversation, Participant
from messaging.models import ReadReceipt
from messaging.selectors import last_message
from stoory.accounts.models import User
from tests.talk import place, read, say


def fill(channel: Conversation, people: int) -> None:
    """Have strangers join until there are so many people."""
    wanted = people - channel.participants.count()
    crowd = User.objects.bulk_create(User(username=f"fan {number}") for number in range(wanted))
    Participant.objects.bulk_create(Participant(conversation=channel, user=fan) for fan in crowd)


@pytest.fixture
def stadium(channel: Conversation) -> Conversation:
    """The channel with 101 people in it."""
    fill(channel, 101)
    return channel


def test_a_hundred_people_get_receipts(channel: Conversation, alice: User, bob: User) -> None:
    fill(channel, 100)
    say(alice, channel)
    read(bob, channel)
    assert ReadReceipt.objects.get().reader == bob


def test_more_do_not(stadium: Conversation, alice: User, bob: User) -> None:
    message = say(alice, stadium).message
    answered = read(bob, stadium)

    assert answered.message_ids == [message.id]
    assert (answered.last_read_seq, answered.unread_count) == (1, 0)
    assert not ReadReceipt.objects.exists()


def test_who_named_one_has_read_up_to_it(stadium: Conversation, alice: User, bob: User) -> None:
    _, named, _ = [say(alice, stadium).message for _ in range(3)]
    answered = read(bob, stadium, message_ids=[named.id])
    assert (answered.last_read_seq, answered.unread_count) == (2, 1)


def test_who_named_what_is_no_news_has_read_nothing(
    stadium: Conversation, direct: Conversation, alice: User, bob: User
) -> None:
    say(alice, stadium)
    ignored = [say(bob, stadium), say(alice, direct)]
    answered = read(bob, stadium, message_ids=[message.message.id for message in ignored])
    assert (answered.events, answered.last_read_seq, answered.unread_count) == ([], 0, 1)


def test_reading_again_is_no_news(stadium: Conversation, alice: User, bob: User) -> None:
    named = say(alice, stadium).message.id
    for which in ({"message_ids": [named]}, {"up_to_message_id": named}, {}):
        read(bob, stadium, **which)
        assert read(bob, stadium, **which).events == []


def test_it_is_seen_by_how_far_somebody_has_read(stadium: Conversation, alice: User, bob: User) -> None:
    say(alice, stadium)
    assert not (newest := last_message(place(alice, stadium))) or not newest.seen
    read(bob, stadium)
    assert (newest := last_message(place(alice, stadium)))
    assert newest.seen


def test_a_message_to_all_goes_to_nobody_in_particular(stadium: Conversation, alice: User) -> None:
    assert say(alice, stadium).message.receiver_id is None
