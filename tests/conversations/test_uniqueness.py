"""What the database itself keeps one, whoever writes to it."""

from typing import Any

import pytest
from django.db import IntegrityError, transaction

from conversations.models import Conversation, ConversationEvent, Participant
from stoory.accounts.models import User


def store(*pair: User, type: str, **fields: Any) -> Conversation:
    """Insert a conversation of two people past every service."""
    low, high = sorted(person.pk for person in pair)
    return Conversation.objects.create(type=type, pair_low=low, pair_high=high, **fields)


def refused(*pair: User, type: str, **fields: Any) -> bool:
    try:
        with transaction.atomic():
            store(*pair, type=type, **fields)
    except IntegrityError:
        return True
    return False


def test_there_is_one_direct_conversation_of_a_pair(alice: User, bob: User, charlie: User) -> None:
    store(alice, bob, type="direct")
    assert refused(alice, bob, type="direct")
    assert refused(bob, alice, type="direct", source_id="another")
    assert not refused(alice, charlie, type="direct")


@pytest.mark.parametrize("kind", ["bid", "campaign"])
def test_there_is_one_guided_conversation_of_a_source_and_pair(
    alice: User, bob: User, charlie: User, kind: str
) -> None:
    store(alice, bob, type=kind, source_id="1")
    assert refused(alice, bob, type=kind, source_id="1")
    assert not refused(alice, bob, type=kind, source_id="2")
    assert not refused(alice, charlie, type=kind, source_id="1")


def test_a_bid_and_a_campaign_may_have_the_same_source(alice: User, bob: User) -> None:
    store(alice, bob, type="bid", source_id="1")
    assert not refused(alice, bob, type="campaign", source_id="1")
    assert not refused(alice, bob, type="direct", source_id="1")


@pytest.mark.parametrize("kind", ["bid", "campaign"])
def test_a_guided_conversation_has_a_source(alice: User, bob: User, kind: str) -> None:
    assert refused(alice, bob, type=kind, source_id=None)


@pytest.mark.parametrize("kind", ["direct", "bid", "campaign"])
def test_a_pair_is_two_people(alice: User, kind: str) -> None:
    assert refused(alice, alice, type=kind, source_id="1")
    with pytest.raises(IntegrityError), transaction.atomic():
        Conversation.objects.create(type=kind, source_id="1")
    with pytest.raises(IntegrityError), transaction.atomic():
        Conversation.objects.create(type=kind, source_id="1", pair_low=alice.pk)


def test_there_may_be_many_channels_with_one_title(db: None) -> None:
    for _ in range(2):
        Conversation.objects.create(type="channel", title="Launch")
    assert Conversation.objects.filter(title="Launch").count() == 2


def test_one_is_in_a_conversation_once(channel: Conversation, alice: User) -> None:
    with pytest.raises(IntegrityError):
        Participant.objects.create(conversation=channel, user=alice, role="influencer")


def test_a_place_in_the_log_is_taken_once(direct: Conversation, channel: Conversation) -> None:
    ConversationEvent.objects.create(conversation=direct, seq=1, kind="read")
    ConversationEvent.objects.create(conversation=channel, seq=1, kind="read")
    with pytest.raises(IntegrityError):
        ConversationEvent.objects.create(conversation=direct, seq=1, kind="message")
