"""A crowd that reacts to one message at once: every reaction is stored once and has a place of its own in the log."""

from collections.abc import Callable

import pytest

from conversations.models import Conversation, ConversationEvent, Participant
from messaging.commands import AddReaction, RemoveReaction
from messaging.events import ReactionAdded
from messaging.models import Reaction
from messaging.selectors import events_between
from stoory.accounts.models import User
from stoory.commands import execute
from tests.concurrency.threads import at_once
from tests.talk import hearing, say

pytestmark = pytest.mark.slow

CONNECTIONS = 20


def crowd(channel: Conversation, count: int) -> list[User]:
    users = User.objects.bulk_create(User(username=f"fan {number}") for number in range(count))
    Participant.objects.bulk_create(Participant(conversation=channel, user=user) for user in users)
    return users


def reacting(users: list[User], message_id: str) -> Callable[[], list[str]]:
    def run() -> list[str]:
        return [execute(AddReaction(actor=user.pk, message_id=message_id, type="👍")).id for user in users]

    return run


@pytest.mark.parametrize("count", [20, pytest.param(500, marks=pytest.mark.postgres)])
def test_it_counts_everybody_once(channel: Conversation, alice: User, count: int) -> None:
    message_id = say(alice, channel).message.id
    fans = crowd(channel, count)
    with hearing() as heard:
        stored = at_once([reacting(fans[start::CONNECTIONS], message_id) for start in range(CONNECTIONS)])

    assert Reaction.objects.count() == count
    assert Reaction.objects.values("user").distinct().count() == count
    assert len({key for keys in stored for key in keys}) == count
    places = ConversationEvent.objects.order_by("seq").values_list("seq", "kind")
    assert list(places) == [(1, "message"), *((seq, "reaction_add") for seq in range(2, count + 2))]
    channel.refresh_from_db()
    assert channel.last_seq == count + 1
    assert sorted(heard, key=lambda event: event.seq) == events_between(str(channel.pk), 1, count + 1)


@pytest.mark.parametrize("count", [5, pytest.param(CONNECTIONS, marks=pytest.mark.postgres)])
def test_it_is_one_reaction_however_many_sockets_send_it(
    channel: Conversation, alice: User, bob: User, count: int
) -> None:
    message_id = say(alice, channel).message.id
    with hearing() as heard:
        stored = at_once([reacting([bob] * 3, message_id) for _ in range(count)])

    assert len({key for keys in stored for key in keys}) == 1
    assert [type(event) for event in heard] == [ReactionAdded]
    channel.refresh_from_db()
    assert channel.last_seq == 2


@pytest.mark.parametrize("count", [5, pytest.param(CONNECTIONS, marks=pytest.mark.postgres)])
def test_it_is_taken_back_once(channel: Conversation, alice: User, bob: User, count: int) -> None:
    message_id = say(alice, channel).message.id
    reacting([bob], message_id)()

    def take_back() -> bool:
        return execute(RemoveReaction(actor=bob.pk, message_id=message_id, type="👍"))

    with hearing() as heard:
        removed = at_once([take_back] * count)

    assert removed.count(True) == len(heard) == 1
    assert not Reaction.objects.exists()
