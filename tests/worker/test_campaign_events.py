"""An event of a campaign with many conversations: the request tells the first, workers the others, each once."""

import logging
from datetime import timedelta

import pytest

from conversations.commands import CreateConversation
from conversations.models import Conversation
from flows import reports
from flows.commands import Delivery, ReceiveProviderEvent
from flows.errors import Busy
from flows.models import CampaignEvent, FlowTransition, ProviderEvent
from flows.reports import pass_on, remaining
from flows.work import work_off
from stoory.accounts.models import SYSTEM_USER_ID, User
from stoory.commands import execute
from stoory.times import utc_now

CAMPAIGN = "spring"
NAME = "campaign.cancelled"


@pytest.fixture
def campaign(alice: User, shipped_flows: None, monkeypatch: pytest.MonkeyPatch) -> list[Conversation]:
    """Five conversations, two of which are told at a time."""
    monkeypatch.setattr(reports, "AT_ONCE", 2)
    influencers = [User.objects.create_user(f"influencer{number}") for number in range(5)]
    commands = [
        CreateConversation(actor=alice.pk, type="campaign", participant_ids=[each.pk], source_id=CAMPAIGN)
        for each in influencers
    ]
    return [execute(command).conversation for command in commands]


def deliver(event_id: str = "evt-1") -> list[Delivery]:
    return execute(
        ReceiveProviderEvent(actor=SYSTEM_USER_ID, event_id=event_id, event=NAME, campaign_id=CAMPAIGN, data={})
    )


def closed() -> list[int]:
    """Which conversations have heard that it is over, by their place."""
    states = Conversation.objects.order_by("pk").values_list("flow_state", flat=True)
    return [place for place, state in enumerate(states) if state == "closed"]


def end_of_lease() -> None:
    CampaignEvent.objects.update(due_at=utc_now() - timedelta(seconds=1))


def failing(monkeypatch: pytest.MonkeyPatch, at: Conversation, error: BaseException) -> None:
    """Have one conversation fail whenever it is told."""
    tell = reports._deliver

    def told(command: ReceiveProviderEvent, conversation_id: str) -> Delivery:
        if conversation_id == str(at.pk):
            raise error
        return tell(command, conversation_id)

    monkeypatch.setattr(reports, "_deliver", told)


def test_the_request_tells_the_first_and_workers_the_others(campaign: list[Conversation]) -> None:
    deliveries = deliver()
    assert [delivery.conversation_id for delivery in deliveries] == [str(each.pk) for each in campaign[:2]]
    assert (closed(), remaining("evt-1", CAMPAIGN)) == ([0, 1], 3)
    assert pass_on()
    assert (closed(), remaining("evt-1", CAMPAIGN)) == ([0, 1, 2, 3], 1)
    assert work_off() == (0, 0)
    assert (closed(), remaining("evt-1", CAMPAIGN)) == ([0, 1, 2, 3, 4], 0)
    assert not pass_on()


def test_delivered_again_it_is_answered_as_before_and_goes_on_where_it_was(campaign: list[Conversation]) -> None:
    deliver()
    pass_on()
    assert [delivery.replayed for delivery in deliver()] == [True, True]
    assert (closed(), remaining("evt-1", CAMPAIGN)) == ([0, 1, 2, 3], 1)
    work_off()
    deliver()
    assert (work_off(), remaining("evt-1", CAMPAIGN)) == ((0, 0), 0)
    assert FlowTransition.objects.filter(reason=f"event:{NAME}").count() == ProviderEvent.objects.count() == 5


def test_another_event_is_another_one(campaign: list[Conversation]) -> None:
    deliver()
    deliver("evt-2")
    work_off()
    assert ProviderEvent.objects.count() == 10
    assert closed() == [0, 1, 2, 3, 4]


def test_whose_worker_was_killed_goes_on(campaign: list[Conversation]) -> None:
    deliver()
    with pytest.MonkeyPatch.context() as patched:
        failing(patched, campaign[3], SystemExit())
        with pytest.raises(SystemExit):
            pass_on()
    assert closed() == [0, 1, 2]
    assert not pass_on(), "Somebody else may be at it."
    end_of_lease()
    work_off()
    assert closed() == [0, 1, 2, 3, 4]
    assert ProviderEvent.objects.count() == 5


@pytest.mark.parametrize("error", [Busy(), RuntimeError("a fault of ours")])
def test_one_that_can_not_hear_it_now_holds_up_nobody(campaign: list[Conversation], error: Exception) -> None:
    deliver()
    with pytest.MonkeyPatch.context() as patched:
        failing(patched, campaign[2], error)
        work_off()
    assert (closed(), remaining("evt-1", CAMPAIGN)) == ([0, 1, 3, 4], 1)
    assert not pass_on()
    end_of_lease()
    work_off()
    assert (closed(), remaining("evt-1", CAMPAIGN)) == ([0, 1, 2, 3, 4], 0)


def test_one_that_refuses_it_is_passed_over(campaign: list[Conversation], caplog: pytest.LogCaptureFixture) -> None:
    other = ReceiveProviderEvent(
        actor=SYSTEM_USER_ID, event_id="evt-1", event="campaign.paused", conversation_id=str(campaign[4].pk)
    )
    execute(other)
    deliver()
    with caplog.at_level(logging.WARNING):
        work_off()
    assert "nonce_reused" in caplog.text
    assert (closed(), remaining("evt-1", CAMPAIGN)) == ([0, 1, 2, 3], 0)


def test_few_conversations_need_no_worker(campaign: list[Conversation], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reports, "AT_ONCE", 5)
    assert len(deliver()) == 5
    assert not CampaignEvent.objects.exists()
