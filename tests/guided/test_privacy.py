"""What a flow tells or offers one party never reaches the other: not in a list, a count, a log or an answer."""

from typing import Any

import pytest
from rest_framework.test import APIClient

from messaging.models import Message
from stoory.accounts.models import User
from tests.guided.game import OTHER, Game, Start
from tests.guided.secrets import check_secrets, readable_by, secrets_of
from tests.guided.stages import BID, STAGES
from tests.rest.routes import UNKNOWN_ID, UNREAD_COUNT, failure, of
from tests.talk import dump, published

pytestmark = pytest.mark.slow

BOTH = pytest.mark.parametrize("kind", STAGES)
PARTY = pytest.mark.parametrize("role", ["influencer", "brand_owner"])


def private(game: Game, role: str) -> Message:
    """The newest message that a party alone was told."""
    return Message.objects.filter(conversation=game.key, visible_to=role).latest("seq")


@BOTH
def test_neither_finds_the_other_s_all_the_way(start: Start, kind: str) -> None:
    game = start(kind)
    for line in STAGES[kind]["free"]:
        check_secrets(game.play(line))


def test_this_would_be_noticed(start: Start) -> None:
    game = start("bid").play(*BID["offered"])
    assert "Alice offers ₹9,000." in secrets_of(game, "influencer")
    Message.objects.filter(conversation=game.key, visible_to="influencer").update(visible_to=None)
    shown = str(readable_by(game, "brand_owner"))
    assert "Alice offers ₹9,000." in shown


@BOTH
def test_each_counts_what_it_sees(start: Start, kind: str) -> None:
    game = start(kind)
    for line in STAGES[kind]["free"]:
        game.play(line)
        for role in ("influencer", "brand_owner"):
            seen = len(game.messages(role))
            client = game.players[role].client
            [listed] = client.get("/api/messages/conversations").json()["conversations"]
            assert game.get(role, "context")["context"]["state"]["unread_count"] == listed["unread_count"] == seen
            assert client.get(UNREAD_COUNT).json()["unread_count"] == seen
            assert listed["last_message"]["id"] == game.messages(role)[-1]["id"]


@PARTY
def test_reading_them_tells_the_other_nothing(start: Start, role: str) -> None:
    game = start("bid").play(*BID["agreed"], ("brand_owner", "cancel"))
    before = game.conversation.last_seq
    assert game.players[role].client.put(of(game.key, "seen"), {}).status_code == 200

    mine, theirs = game.log(role, before), game.log(OTHER[role], before)
    assert [event["event"] for event in mine] == ["chat:read", "chat:read"]
    [told] = theirs
    assert told in mine
    shared = {str(pk) for pk in Message.objects.filter(visible_to=None).values_list("pk", flat=True)}
    assert set(told["payload"]["messageIds"]) == shared
    assert [each["seen"] for each in game.messages(OTHER[role]) if each["id"] not in shared] == [False] * (
        len(game.messages(OTHER[role])) - len(shared)
    )


@PARTY
def test_reading_up_to_one_of_them_does_not_name_it_to_the_other(start: Start, role: str) -> None:
    game = start("bid").play(("brand_owner", "withdraw"))
    before = game.conversation.last_seq
    target = str(private(game, role).pk)
    game.players[role].client.put(of(game.key, "seen"), {"up_to_message_id": target})

    assert target in str(game.log(role, before))
    assert target not in str(game.log(OTHER[role], before))


@PARTY
def test_the_other_can_do_nothing_with_them(start: Start, role: str) -> None:
    game = start("bid").play(*BID["offered"])
    key, client = private(game, role).pk, game.players[OTHER[role]].client
    before = dump()
    with published() as heard:
        answers = [
            client.post(f"/api/messages/messages/{key}/reactions", {"type": "👍"}),
            client.delete(f"/api/messages/messages/{key}/reactions", {"type": "👍"}),
            client.patch(f"/api/messages/messages/{key}", {"message": "Mine"}),
            client.delete(f"/api/messages/messages/{key}"),
        ]
        unknown = client.post(f"/api/messages/messages/{UNKNOWN_ID}/reactions", {"type": "👍"})
        read = client.put(of(game.key, "seen"), {"up_to_message_id": str(key)})

    assert {failure(answer) for answer in answers} == {failure(unknown)} == {(404, "not_found")}
    assert read.json()["message_ids"] == []
    assert dump() == before
    assert heard == []


@PARTY
def test_the_other_can_not_answer_them(start: Start, role: str) -> None:
    game = start("bid").play(*BID["free"])
    body = {"message": "Hello", "reply_to_id": str(private(game, role).pk)}
    client = game.players[OTHER[role]].client
    assert failure(client.post(of(game.key, "messages"), body)) == (400, "invalid_payload")
    assert game.players[role].client.post(of(game.key, "messages"), body).status_code == 201


@PARTY
def test_reactions_to_them_are_told_to_their_party_alone(start: Start, role: str) -> None:
    game = start("bid").play(*BID["offered"])
    before = game.conversation.last_seq
    key = private(game, role).pk
    assert game.players[role].client.post(f"/api/messages/messages/{key}/reactions", {"type": "👍"}).status_code < 300

    assert [event["event"] for event in game.log(role, before)] == ["chat:reaction_added"]
    assert game.log(OTHER[role], before) == []


@PARTY
def test_only_its_party_is_told_that_a_button_was_used(start: Start, role: str) -> None:
    action = {"influencer": "reject_connection", "brand_owner": "withdraw"}[role]
    game = start("bid").play((role, action))
    assert [event["payload"]["action"] for event in done(game, role)] == [action]
    assert done(game, OTHER[role]) == []


def done(game: Game, role: str) -> list[dict[str, Any]]:
    return [event for event in game.log(role) if event["event"] == "chat:action_done"]


@PARTY
def test_a_party_s_answers_are_its_own_and_staff_s_reasons_staff_s(start: Start, role: str) -> None:
    game = start("bid").play(*BID["working"], (role, "report_problem", {"problem": "It is blue"}))
    game.decide("resolve_resume")

    mine, theirs = (game.get(reader, "transitions")["transitions"] for reader in (role, OTHER[role]))
    assert [line["reason"] for line in mine] == [line["reason"] for line in theirs]
    assert "It is blue" in str(mine)
    assert "It is blue" not in str(theirs)
    assert "It is fair" not in str([mine, theirs])
    staff = game.players["staff"].client.get(of(game.key, "transitions")).json()
    assert "It is blue" in str(staff)
    assert "It is fair" in str(staff)


# The card that was used


@pytest.mark.parametrize(
    ("stage", "role", "action", "data"),
    [
        ("asked", "influencer", "accept_connection", {}),
        ("agreed", "brand_owner", "proceed_to_payment", {}),  # which asks the same party again
        ("working", "influencer", "report_problem", {"problem": "Nobody answers me"}),
    ],
)
def test_history_shows_which_button_was_used(
    start: Start, stage: str, role: str, action: str, data: dict[str, Any]
) -> None:
    game = start("bid").play(*BID[stage])
    carrier = private(game, role)
    assert carrier.action_required
    game.play((role, action, data))

    [shown] = [message for message in game.messages(role) if message["id"] == str(carrier.pk)]
    used = shown["action_data"]["submitted"]
    assert (used["action"], used["by"]) == (action, game.players[role].user.pk)
    assert shown["action_required"] is False
    assert done(game, role)[-1]["payload"]["message_id"] == str(carrier.pk)
    current = [message["id"] for message in game.messages(role) if message["action_required"]]
    assert len(current) == (action == "proceed_to_payment")


# Outsiders


def test_an_outsider_finds_nothing(start: Start, api: Any, charlie: User) -> None:
    game, client = start("bid").play(*BID["offered"]), api(charlie)
    client.default_format = "json"
    for real, unknown in zip(attempts(client, game.key), attempts(client, UNKNOWN_ID), strict=True):
        assert failure(real) == failure(unknown) == (404, "not_found")
        assert real.json() == unknown.json()
    assert client.get("/api/messages/conversations").json()["conversations"] == []
    assert client.get(UNREAD_COUNT).json()["unread_count"] == 0


def attempts(client: APIClient, key: Any) -> list[Any]:
    v1 = f"/api/v1/conversations/{key}"
    return [
        *(client.get(of(key, part)) for part in ("context", "messages", "events", "actions", "transitions", "flow")),
        *(client.post(of(key, part), {}) for part in ("staff-actions", "force-transition", "pause", "resume")),
        client.post(of(key, "actions"), {"action": "accept_price"}),
        client.post(of(key, "messages"), {"message": "Hello"}),
        client.put(of(key, "seen"), {}),
        client.get(f"{v1}/messages"),
        client.post(f"{v1}/messages", {"content": "Hello"}),
        client.put(f"{v1}/read"),
    ]
