"""Opening a conversation, or finding the one there is."""

from typing import Any

import pytest

from conversations.commands import CreateConversation, Created
from conversations.events import ConversationCreated
from conversations.models import Conversation
from stoory.accounts.models import Role, User
from stoory.commands import execute
from tests.talk import published


def create(actor: User, *others: User, type: str = "direct", **fields: Any) -> Created:
    return execute(
        CreateConversation(actor=actor.pk, type=type, participant_ids=[other.pk for other in others], **fields)
    )


def roles(conversation: Conversation) -> dict[str, str]:
    return {person.user.username: person.role for person in conversation.participants.select_related("user")}


def test_a_direct_one_is_open_for_chat(alice: User, bob: User) -> None:
    created = create(alice, bob)
    assert not created.is_existing
    assert created.conversation.chat_status == "real_time"
    assert created.conversation.automation_enabled is False
    assert created.conversation.created_by == alice
    assert roles(created.conversation) == {"alice": "brand_owner", "bob": "influencer"}


@pytest.mark.parametrize("kind", ["bid", "campaign"])
def test_a_guided_one_starts_automated(alice: User, bob: User, kind: str) -> None:
    created = create(alice, bob, type=kind, source_id="7", context={"budget": 100})
    assert created.conversation.chat_status == "automated"
    assert created.conversation.automation_enabled is True
    assert created.conversation.context == {"budget": 100}
    assert roles(created.conversation) == {"alice": "brand_owner", "bob": "influencer"}


def test_a_bid_may_belong_to_a_campaign(alice: User, bob: User) -> None:
    bid = create(alice, bob, type="bid", source_id="7", campaign_id="c").conversation
    assert (bid.source_id, bid.campaign_id) == ("7", "c")


def test_the_campaign_of_a_campaign_is_its_source(alice: User, bob: User) -> None:
    campaign = create(alice, bob, type="campaign", source_id="c", campaign_id="another").conversation
    assert (campaign.source_id, campaign.campaign_id) == ("c", "c")


def test_a_channel_is_of_any_number(alice: User, bob: User, staff: User) -> None:
    assert roles(create(alice, type="channel").conversation) == {"alice": "brand_owner"}
    three = create(alice, bob, staff, type="channel", title="Launch", is_public=True).conversation
    assert roles(three) == {"alice": "brand_owner", "bob": "influencer", "staff": "member"}
    assert (three.title, three.is_public, three.chat_status) == ("Launch", True, "real_time")


def test_only_a_channel_can_be_public(alice: User, bob: User) -> None:
    assert create(alice, bob, is_public=True).conversation.is_public is False


def test_people_are_named_once_or_often(alice: User, bob: User) -> None:
    conversation = create(alice, bob, alice, bob).conversation
    assert conversation.participants.count() == 2


# The one there is


@pytest.mark.parametrize(
    "fields", [{"type": "direct"}, {"type": "bid", "source_id": "1"}, {"type": "campaign", "source_id": "1"}]
)
def test_it_is_found_by_either_of_the_two(alice: User, bob: User, fields: dict[str, Any]) -> None:
    first = create(alice, bob, **fields)
    for again in (create(alice, bob, **fields), create(bob, alice, title="Another", **fields)):
        assert again.is_existing
        assert again.conversation == first.conversation
        assert again.conversation.title == ""
    assert Conversation.objects.count() == 1


def test_another_person_source_or_type_is_another_one(alice: User, bob: User, charlie: User) -> None:
    opened = [
        create(alice, bob),
        create(alice, charlie),
        create(alice, bob, type="bid", source_id="1"),
        create(alice, bob, type="bid", source_id="2"),
        create(alice, charlie, type="bid", source_id="1"),
        create(alice, bob, type="campaign", source_id="1"),
    ]
    assert not any(created.is_existing for created in opened)
    assert Conversation.objects.count() == len(opened)


def test_channels_are_never_the_same(alice: User, bob: User) -> None:
    one, other = (create(alice, bob, type="channel", title="Launch") for _ in range(2))
    assert one.conversation != other.conversation
    assert not other.is_existing


def test_a_role_that_changed_since_does_not_hide_it(alice: User, bob: User) -> None:
    first = create(alice, bob)
    User.objects.filter(pk=bob.pk).update(role=Role.BRAND_OWNER)
    assert create(alice, bob).conversation == first.conversation


# What the servers hear


def test_a_new_one_is_announced_with_its_people(alice: User, bob: User) -> None:
    with published() as heard:
        created = create(alice, bob)

    [event] = heard
    assert isinstance(event, ConversationCreated)
    assert event.conversation_id == str(created.conversation.pk)
    assert event.participants == {alice.pk: "brand_owner", bob.pk: "influencer"}


def test_one_that_was_found_is_not_announced(alice: User, direct: Conversation) -> None:
    bob = direct.participants.exclude(user=alice).get().user
    with published() as heard:
        create(alice, bob)

    assert heard == []
