"""The log of a guided conversation's steps by REST: to a party what is its own, to staff all there is."""

from datetime import timedelta
from typing import Any

import pytest
from rest_framework.test import APIClient

from conversations.models import Conversation
from flows.commands import PerformAction
from stoory.accounts.models import User
from stoory.commands import execute
from stoory.times import utc_now
from tests.flows.guided import last_of, press
from tests.rest.routes import UNKNOWN_ID, failure, of


def lines(client: APIClient, bid: Conversation, query: str = "") -> list[dict[str, Any]]:
    return list(client.get(of(bid, f"transitions{query}")).json()["transitions"])


@pytest.fixture
def story(as_staff: APIClient, bid: Conversation, alice: User, bob: User) -> Conversation:
    """Bob accepts, alice tells what it is about, staff pauses; somebody is reminded."""
    press(bob, bid, "accept_connection")
    deadline = str((utc_now() + timedelta(days=30)).date())
    press(alice, bid, "send_project_details", deliverables="A reel about coffee", deadline=deadline)
    as_staff.post(of(bid, "pause"), {"reason": "A secret of the house"})
    line = last_of(bid)
    line.pk, line.reason, line.role, line.note = None, "timer:remind", "system", ""
    line.save()
    return bid


def test_a_party_sees_its_own_answers(as_alice: APIClient, as_bob: APIClient, story: Conversation) -> None:
    hers, his = lines(as_alice, story), lines(as_bob, story)

    assert [line["reason"] for line in hers] == [line["reason"] for line in his]
    assert [line["role"] for line in hers] == ["system", "influencer", "brand_owner", "staff"]
    assert hers[2]["inputs"] != {} == his[2]["inputs"]
    assert "secret" not in as_alice.get(of(story, "transitions")).content.decode()
    assert set(hers[0]) == {
        "id",
        "reason",
        "from_state",
        "to_state",
        "seq_from",
        "seq_to",
        "role",
        "inputs",
        "dwell_seconds",
        "at",
    }


def test_a_line_tells_the_way_and_how_long_it_took(as_bob: APIClient, story: Conversation) -> None:
    line = lines(as_bob, story)[1]
    assert (line["from_state"], line["to_state"]) == ("influencer_responding", "brand_owner_details")
    assert (line["seq_from"], line["seq_to"], line["reason"]) == (1, 2, "action:accept_connection")
    assert line["dwell_seconds"] >= 0


def test_staff_sees_all(as_staff: APIClient, story: Conversation, staff: User, alice: User) -> None:
    shown = lines(as_staff, story)

    assert [line["reason"] for line in shown][-2:] == ["staff:pause", "timer:remind"]
    assert (shown[3]["note"], shown[3]["actor_id"]) == ("A secret of the house", staff.pk)
    assert shown[2]["inputs"] != {}
    assert (shown[2]["actor_id"], shown[2]["version"]) == (alice.pk, 1)


def test_the_log_comes_in_pages(as_bob: APIClient, story: Conversation) -> None:
    first = as_bob.get(of(story, "transitions?limit=3")).json()
    rest = as_bob.get(of(story, f"transitions?limit=3&after={first['transitions'][-1]['id']}")).json()

    assert (len(first["transitions"]), first["has_more"]) == (3, True)
    assert (len(rest["transitions"]), rest["has_more"]) == (1, False)


def test_the_log_is_not_for_others(
    as_charlie: APIClient, as_bob: APIClient, bid: Conversation, direct: Conversation
) -> None:
    assert failure(as_charlie.get(of(bid, "transitions"))) == (404, "not_found")
    assert failure(as_charlie.get(of(UNKNOWN_ID, "transitions"))) == (404, "not_found")
    assert lines(as_bob, direct) == []


def test_a_nonce_is_the_actors_own(as_alice: APIClient, bid: Conversation, bob: User) -> None:
    command = PerformAction(
        actor=bob.pk, conversation_id=str(bid.pk), action="accept_connection", client_nonce="bobs-own-nonce"
    )
    execute(command)
    assert "bobs-own-nonce" not in as_alice.get(of(bid, "transitions")).content.decode()
