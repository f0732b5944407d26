"""Updates of a campaign: from its owner or staff, to everyone who follows its work."""

from typing import Any

import pytest
from rest_framework.test import APIClient

from conversations.events import CampaignUpdated
from conversations.models import Conversation, ConversationEvent
from stoory.accounts.models import User
from stoory.times import iso
from tests.rest.routes import failure
from tests.talk import published

CAMPAIGN = "campaign-7"
UPDATES = f"/api/campaigns/{CAMPAIGN}/updates"
BRIEF = {"kind": "brief_changed", "data": {"version": 2}}


@pytest.fixture(autouse=True)
def campaign(bid: Conversation) -> Conversation:
    """The bid conversation of alice and bob, in a campaign."""
    Conversation.objects.filter(pk=bid.pk).update(campaign_id=CAMPAIGN)
    return bid


@pytest.mark.parametrize("slash", ["", "/"])
@pytest.mark.parametrize("who", ["as_alice", "as_staff"])
def test_it_is_told(request: pytest.FixtureRequest, who: str, slash: str) -> None:
    with published() as heard:
        response = request.getfixturevalue(who).post(UPDATES + slash, BRIEF)

    [event] = heard
    assert isinstance(event, CampaignUpdated)
    assert (event.campaign_id, event.update_kind, event.data) == (CAMPAIGN, "brief_changed", {"version": 2})
    assert (event.seq, event.conversation_id) == (0, "")
    assert response.status_code == 201
    update = {"campaign_id": CAMPAIGN, **BRIEF, "timestamp": iso(event.at)}
    assert response.json() == {"success": True, "update": update}


@pytest.mark.parametrize("body", [{"kind": "x"}, {"kind": "x", "data": None}])
def test_it_needs_no_data(as_alice: APIClient, body: dict[str, Any]) -> None:
    assert as_alice.post(UPDATES, body).json()["update"]["data"] is None


def test_it_is_no_part_of_a_log(as_alice: APIClient) -> None:
    as_alice.post(UPDATES, BRIEF)
    assert not ConversationEvent.objects.filter(kind="campaign").exists()


def test_it_is_not_for_others(as_charlie: APIClient) -> None:
    with published() as heard:
        answers = [
            as_charlie.post(f"/api/campaigns/{key}/updates", BRIEF) for key in (CAMPAIGN, "none", "%00", "x" * 99)
        ]

    assert heard == []
    assert len({(answer.status_code, answer.content) for answer in answers}) == 1
    assert failure(answers[0]) == (404, "not_found")
    assert answers[0].json()["message"] == "Campaign not found"


def test_it_is_not_for_who_only_works_in_it(as_bob: APIClient) -> None:
    with published() as heard:
        assert failure(as_bob.post(UPDATES, BRIEF)) == (403, "forbidden")
    assert heard == []


def test_it_is_not_for_the_owner_of_another_campaign(as_alice: APIClient) -> None:
    Conversation.objects.update(campaign_id="another")
    assert failure(as_alice.post(UPDATES, BRIEF)) == (404, "not_found")


def test_it_is_not_for_a_brand_owner_in_a_channel_of_the_campaign(as_bob: APIClient, channel: Conversation) -> None:
    Conversation.objects.filter(pk=channel.pk).update(campaign_id=CAMPAIGN)
    assert failure(as_bob.post(UPDATES, BRIEF)) == (403, "forbidden")


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        ({}, "$"),
        ({"kind": None}, "kind"),
        ({"kind": 5}, "kind"),
        ({"kind": ""}, "kind"),
        ({"kind": "x" * 65}, "kind"),
        ({"kind": "a\x00"}, "kind"),
        ({"kind": "x", "data": []}, "data"),
        ({"kind": "x", "data": "text"}, "data"),
        ({"kind": "x", "data": {"a": "y" * 16_384}}, "data"),
        ({"kind": "x", "data": {"a": 2**60}}, "data.a"),
        ({"kind": "x", "data": {"a\x00": 1}}, "data"),
        ([], "$"),
    ],
)
def test_it_is_checked(as_alice: APIClient, body: Any, fault: str) -> None:
    with published() as heard:
        response = as_alice.post(UPDATES, body)
    assert failure(response) == (400, "invalid_payload")
    assert list(response.json()["errors"]) == [fault]
    assert heard == []


@pytest.mark.parametrize("body", [{"kind": "x" * 64}, {"kind": "x", "data": {"a": "y" * 16_376}}])
def test_it_may_be_as_large_as_this(as_alice: APIClient, body: dict[str, Any]) -> None:
    assert as_alice.post(UPDATES, body).status_code == 201


def test_it_refuses_to_speak_for_others(as_alice: APIClient, bob: User) -> None:
    assert failure(as_alice.post(UPDATES, BRIEF | {"userId": bob.pk})) == (403, "forbidden")


def test_it_needs_a_token(as_nobody: APIClient) -> None:
    assert failure(as_nobody.post(UPDATES, BRIEF))[0] == 401
