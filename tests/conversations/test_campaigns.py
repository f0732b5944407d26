"""A campaign belongs to the brand owner of its first conversation: nobody else can make themselves part of it."""

import pytest

from conversations.commands import CreateConversation
from conversations.models import Conversation
from conversations.selectors import campaign_owner
from stoory.accounts.models import Role, User
from stoory.commands import execute
from stoory.errors import InvalidPayload


@pytest.fixture
def rival(db: None) -> User:
    """Another brand owner."""
    return User.objects.create_user("rival", role=Role.BRAND_OWNER)


def open_in(campaign: str, actor: User, other: User, kind: str = "bid") -> Conversation:
    source = campaign if kind == "campaign" else "a bid"
    command = CreateConversation(
        actor=actor.pk, type=kind, participant_ids=[other.pk], source_id=source, campaign_id=campaign
    )
    return execute(command).conversation


def test_the_first_conversation_tells_the_owner(alice: User, bob: User) -> None:
    assert campaign_owner("c1") is None
    open_in("c1", bob, alice)
    assert campaign_owner("c1") == alice.pk


@pytest.mark.parametrize("kind", ["bid", "campaign"])
def test_a_rival_gets_no_part_in_it(alice: User, bob: User, charlie: User, rival: User, kind: str) -> None:
    open_in("c1", alice, bob)
    with pytest.raises(InvalidPayload) as refused:
        open_in("c1", rival, charlie, kind)
    assert refused.value.details["path"] == "campaign_id"
    assert campaign_owner("c1") == alice.pk


def test_its_owner_takes_more_people_in(alice: User, bob: User, charlie: User) -> None:
    open_in("c1", alice, bob)
    assert open_in("c1", charlie, alice).campaign_id == "c1"


@pytest.mark.parametrize("kind", ["direct", "channel"])
def test_other_conversations_are_in_no_campaign(alice: User, bob: User, kind: str) -> None:
    with pytest.raises(InvalidPayload, match="is in no campaign"):
        open_in("c1", alice, bob, kind)
