"""The most recent conversations of many users, in one query."""

from datetime import timedelta
from typing import Any

from conversations.models import Conversation
from conversations.selectors import recent_conversations
from stoory.accounts.models import User
from stoory.times import utc_now


def test_each_user_has_their_own_the_most_recent_first(
    direct: Conversation,
    bid: Conversation,
    channel: Conversation,
    alice: User,
    bob: User,
    charlie: User,
    django_assert_num_queries: Any,
) -> None:
    for age, conversation in enumerate([bid, direct, channel]):
        moved = utc_now() - timedelta(minutes=age)
        Conversation.objects.filter(pk=conversation.pk).update(updated_at=moved)
    channel.participants.filter(user=bob).update(user=charlie)

    with django_assert_num_queries(1):
        found = recent_conversations([alice.pk, bob.pk, charlie.pk, "nobody"], 2, members_up_to=2)
    assert found == {
        alice.pk: [str(bid.pk), str(direct.pk)],
        bob.pk: [str(bid.pk), str(direct.pk)],
        charlie.pk: [str(channel.pk)],
    }
    assert recent_conversations([alice.pk], 10, members_up_to=2)[alice.pk][-1] == str(channel.pk)


def test_channels_with_more_members_are_left_out(direct: Conversation, channel: Conversation, alice: User) -> None:
    assert recent_conversations([alice.pk], 10, members_up_to=1) == {alice.pk: [str(direct.pk)]}
    assert len(recent_conversations([alice.pk], 10, members_up_to=2)[alice.pk]) == 2
