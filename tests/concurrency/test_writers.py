"""Many writers in one conversation: every place is taken once, none is left out, and all hear the same order."""

from collections.abc import Callable

import pytest

from conversations.models import Conversation, ConversationEvent, Participant
from messaging.models import Message
from messaging.selectors import events_between
from messaging.services import send_messages
from stoory.accounts.models import User
from stoory.events import Event
from tests.concurrency.threads import at_once
from tests.talk import hearing, said, say, sent

pytestmark = pytest.mark.slow


def writers(channel: Conversation, count: int) -> list[User]:
    users = User.objects.bulk_create(User(username=f"writer {number}") for number in range(count))
    Participant.objects.bulk_create(Participant(conversation=channel, user=user) for user in users)
    return users


def check_gapless(conversation: Conversation, expected: int) -> None:
    places = list(range(1, expected + 1))
    assert list(Message.objects.order_by("seq").values_list("seq", flat=True)) == places
    assert list(ConversationEvent.objects.order_by("seq").values_list("seq", flat=True)) == places
    conversation.refresh_from_db()
    assert conversation.last_seq == expected


@pytest.mark.parametrize("count", [5, pytest.param(50, marks=pytest.mark.postgres)])
def test_each_place_is_taken_once(channel: Conversation, count: int) -> None:
    def write(who: User) -> Callable[[], list[int]]:
        return lambda: [say(who, channel, f"{who} {number}").message.seq for number in range(10)]

    with hearing() as heard:
        taken = at_once([write(who) for who in writers(channel, count)])

    assert sorted(seq for seqs in taken for seq in seqs) == list(range(1, count * 10 + 1))
    assert all(seqs == sorted(seqs) for seqs in taken)
    check_gapless(channel, count * 10)
    assert sorted(heard, key=place) == events_between(str(channel.pk), 0, count * 10)


def place(event: Event) -> int:
    return event.seq


@pytest.mark.parametrize("count", [4, pytest.param(10, marks=pytest.mark.postgres)])
def test_groups_stay_together(channel: Conversation, count: int) -> None:
    def write(who: User) -> Callable[[], list[int]]:
        group = [said(who, channel, str(number)) for number in range(20)]
        return lambda: [sent(outcome).message.seq for outcome in send_messages(group)]

    taken = at_once([write(who) for who in writers(channel, count)])

    assert all(seqs == list(range(seqs[0], seqs[0] + 20)) for seqs in taken)
    check_gapless(channel, count * 20)
