"""The same conversation opened by many at once: one is made, everybody gets it."""

from collections.abc import Callable

import pytest

from conversations.commands import CreateConversation, Created
from conversations.events import ConversationCreated
from conversations.models import Conversation, Participant
from conversations.selectors import campaign_owner
from stoory.accounts.models import Role, User
from stoory.commands import execute
from stoory.errors import InvalidPayload
from tests.concurrency.threads import at_once
from tests.talk import hearing

pytestmark = pytest.mark.slow

CAMPAIGNS = 8


def creating(actor: User, other: User, kind: str) -> Callable[[], Created]:
    source_id = None if kind == "direct" else "1"
    command = CreateConversation(actor=actor.pk, type=kind, participant_ids=[other.pk], source_id=source_id)
    return lambda: execute(command)


@pytest.mark.parametrize("kind", ["direct", "bid", "campaign"])
def test_one_is_made_whichever_way_round(alice: User, bob: User, shipped_flows: None, kind: str) -> None:
    with hearing() as heard:
        created = at_once([creating(alice, bob, kind), creating(bob, alice, kind)] * 8)

    assert {answer.conversation for answer in created} == {Conversation.objects.get()}
    assert [answer.is_existing for answer in created].count(False) == 1
    assert [type(event) for event in heard].count(ConversationCreated) == 1
    [conversation] = Conversation.objects.all()
    assert [event.seq for event in heard] == list(range(conversation.last_seq + 1))
    assert Participant.objects.count() == 2


def opening(owner: User, influencer: User, campaign: str) -> Callable[[], str]:
    command = CreateConversation(
        actor=owner.pk, type="bid", participant_ids=[influencer.pk], source_id=campaign, campaign_id=campaign
    )

    def open_or_be_refused() -> str:
        try:
            execute(command)
        except InvalidPayload as error:
            return str(error.details["path"])
        return "opened"

    return open_or_be_refused


def test_of_two_owners_who_open_a_campaign_one_has_it(alice: User, bob: User, shipped_flows: None) -> None:
    rival = User.objects.create_user("rival", role=Role.BRAND_OWNER)
    for number in range(CAMPAIGNS):
        campaign = f"c{number}"
        answers = at_once([opening(owner, bob, campaign) for owner in (alice, rival)])
        assert sorted(answers) == ["campaign_id", "opened"]
        assert campaign_owner(campaign) == (alice, rival)[answers.index("opened")].pk
        assert Conversation.objects.filter(campaign_id=campaign).count() == 1
