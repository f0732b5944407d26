"""Reading while others write: what was read is counted once, what came later is unread."""

from collections.abc import Callable

import pytest

from conversations.models import Conversation, ConversationEvent, Participant
from messaging.commands import Read
from messaging.events import MessagesRead
from messaging.models import ReadReceipt
from messaging.selectors import unread_count
from stoory.accounts.models import User
from tests.concurrency.threads import at_once
from tests.talk import hearing, place, read, say

pytestmark = pytest.mark.slow


def reading(who: User, conversation: Conversation) -> Callable[[], Read]:
    return lambda: read(who, conversation)


def test_readers_at_once_are_one_reading(direct: Conversation, alice: User, bob: User) -> None:
    for _ in range(5):
        say(alice, direct)
    with hearing() as heard:
        answered = at_once([reading(bob, direct)] * 10)

    assert len(heard) == 1
    assert [event for answer in answered for event in answer.events] == heard
    assert ReadReceipt.objects.count() == 5
    assert unread_count(place(bob, direct)) == 0


def test_so_it_is_where_there_are_no_receipts(channel: Conversation, alice: User, bob: User) -> None:
    crowd = User.objects.bulk_create(User(username=f"fan {number}") for number in range(99))
    Participant.objects.bulk_create(Participant(conversation=channel, user=fan) for fan in crowd)
    say(alice, channel)
    with hearing() as heard:
        at_once([reading(bob, channel)] * 10)

    assert len(heard) == 1
    assert not ReadReceipt.objects.exists()


@pytest.mark.parametrize("count", [4, pytest.param(20, marks=pytest.mark.postgres)])
def test_reading_races_with_writing(direct: Conversation, alice: User, bob: User, count: int) -> None:
    def write() -> None:
        for _ in range(count):
            say(alice, direct)

    def keep_reading() -> None:
        for _ in range(count):
            read(bob, direct)

    with hearing() as heard:
        at_once([write, keep_reading, write, keep_reading])

    told = [pk for event in heard if isinstance(event, MessagesRead) for pk in event.message_ids]
    assert len(told) == len(set(told)) == ReadReceipt.objects.count()
    assert unread_count(place(bob, direct)) == 2 * count - len(told)
    entries = ConversationEvent.objects.order_by("seq").values_list("seq", flat=True)
    assert list(entries) == list(range(1, len(heard) + 1))
