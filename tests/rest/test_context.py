"""Everything that opening a conversation needs, but its messages."""

from typing import Any

import pytest
from rest_framework.test import APIClient

from conversations.commands import CreateConversation
from conversations.models import Conversation, Participant
from stoory.accounts.models import User
from stoory.commands import execute
from stoory.times import iso
from tests.rest.routes import of
from tests.talk import read, say


def context(client: APIClient, conversation: Conversation) -> dict[str, Any]:
    response = client.get(of(conversation, "context"))
    assert response.status_code == 200
    assert set(response.json()) == {"success", "context"}
    found: dict[str, Any] = response.json()["context"]
    return found


def test_the_conversation(as_alice: APIClient, direct: Conversation) -> None:
    shown = context(as_alice, direct)
    assert set(shown) == {"conversation", "source", "users", "participants", "prompts", "state"}
    assert shown["conversation"] == {
        "id": str(direct.pk),
        "conversation_type": "direct",
        "chat_status": "real_time",
        "flow_state": None,
        "awaiting_role": None,
        "current_action_data": None,
        "automation_enabled": False,
        "created_at": iso(direct.created_at),
        "updated_at": iso(direct.updated_at),
    }


def test_its_source(as_alice: APIClient, alice: User, bob: User) -> None:
    command = CreateConversation(
        actor=alice.pk,
        type="bid",
        participant_ids=[bob.pk],
        source_id="b",
        campaign_id="c",
        title="T",
        context={"budget": 5, "id": "another", "campaign_id": "another"},
    )
    shown = context(as_alice, execute(command).conversation)
    assert shown["source"] == {"type": "bid", "data": {"id": "b", "campaign_id": "c", "title": "T", "budget": 5}}
    assert set(shown["prompts"]) == {"title", "subtitle", "details", "actions"}


def test_its_people(as_alice: APIClient, as_bob: APIClient, direct: Conversation, alice: User, bob: User) -> None:
    hers, his = context(as_alice, direct), context(as_bob, direct)

    assert hers["users"]["current"].items() >= {"id": alice.pk, "name": "Alice", "role": "brand_owner"}.items()
    assert hers["users"]["other"].items() >= {"id": bob.pk, "name": "Bob", "role": "influencer"}.items()
    assert set(hers["users"]["other"]) >= {"id", "name", "role", "online", "last_seen"}
    assert his["users"] == {"current": hers["users"]["other"], "other": hers["users"]["current"]}
    assert hers["participants"] == his["participants"] == [hers["users"]["current"], hers["users"]["other"]]


def test_a_channel_has_no_other(as_bob: APIClient, channel: Conversation, bob: User) -> None:
    shown = context(as_bob, channel)
    assert shown["users"]["other"] is None
    assert shown["users"]["current"]["id"] == bob.pk
    assert len(shown["participants"]) == 2


def test_a_crowd_is_shown_in_part(as_bob: APIClient, channel: Conversation, bob: User) -> None:
    Participant.objects.filter(user=bob).delete()
    crowd = User.objects.bulk_create(User(username=f"fan {number}") for number in range(120))
    Participant.objects.bulk_create(Participant(conversation=channel, user=user) for user in [*crowd, bob])

    shown = context(as_bob, channel)
    assert len(shown["participants"]) == 100
    assert shown["users"]["current"]["id"] == bob.pk


def test_its_state(as_bob: APIClient, direct: Conversation, alice: User, bob: User) -> None:
    say(alice, direct, "one")
    read(bob, direct)
    last = say(alice, direct, "two").message

    state = context(as_bob, direct)["state"]
    assert state.pop("last_message")["id"] == last.id
    assert state == {
        "can_act": True,
        "awaiting_role": None,
        "state_seq": 0,
        "phase": None,
        "expires_at": None,
        "last_seq": 3,
        "unread_count": 1,
    }


def test_the_state_of_a_new_one(as_bob: APIClient, direct: Conversation) -> None:
    state = context(as_bob, direct)["state"]
    assert (state["last_message"], state["unread_count"], state["last_seq"]) == (None, 0, 0)


@pytest.mark.parametrize(("chat_status", "can_act"), [("automated", True), ("real_time", True), ("closed", False)])
def test_whether_one_can_act(as_bob: APIClient, bid: Conversation, chat_status: str, can_act: bool) -> None:
    Conversation.objects.filter(pk=bid.pk).update(chat_status=chat_status)
    assert context(as_bob, bid)["state"]["can_act"] is can_act


def test_who_has_no_button_can_not_act(as_alice: APIClient, as_bob: APIClient, bid: Conversation) -> None:
    as_bob.post(of(bid, "actions"), {"action": "accept_connection"})
    assert context(as_alice, bid)["state"]["can_act"] is True
    assert context(as_bob, bid)["state"]["can_act"] is False


def test_what_its_flow_says_is_the_reader_s_own(as_alice: APIClient, as_bob: APIClient, bid: Conversation) -> None:
    hers, his = context(as_alice, bid), context(as_bob, bid)

    assert hers["prompts"]["subtitle"] == "Your request was sent to Bob."
    assert his["prompts"]["subtitle"] == "Alice wants to work with you on “bid-1”. Do you accept?"
    for shown, buttons in ((hers, ["withdraw"]), (his, ["accept_connection", "reject_connection"])):
        assert [button["id"] for button in shown["prompts"]["actions"]] == buttons
        assert shown["conversation"]["current_action_data"]["buttons"] == shown["prompts"]["actions"]
        assert (shown["state"]["state_seq"], shown["state"]["phase"]) == (1, "connect")
    assert (
        hers["state"]["expires_at"]
        == his["state"]["expires_at"]
        == hers["conversation"]["current_action_data"]["expires_at"]
    )


@pytest.mark.parametrize("people", [2, 60])
def test_it_costs_the_same_whatever_its_size(
    as_alice: APIClient, channel: Conversation, alice: User, people: int, django_assert_max_num_queries: Any
) -> None:
    crowd = User.objects.bulk_create(User(username=f"fan {number}") for number in range(people - 2))
    Participant.objects.bulk_create(Participant(conversation=channel, user=user) for user in crowd)
    with django_assert_max_num_queries(7):
        context(as_alice, channel)
