"""Every way in which an action can be refused, with its status and code; nothing is changed by it, and it says why."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from conversations.commands import SetChatStatus
from flows.commands import ForceState, PauseFlow, ResumeFlow
from flows.models import FlowTransition
from stoory.accounts.models import User
from stoory.commands import execute
from stoory.errors import Forbidden
from tests.flows.players import SHIPPED
from tests.guided.answers import answers_to
from tests.guided.game import Game, Player, Start
from tests.guided.stages import BID
from tests.rest.routes import UNKNOWN_ID, failure, of
from tests.talk import dump, published

pytestmark = pytest.mark.slow

Try = Callable[[Game], Any]


def pause(game: Game) -> None:
    execute(PauseFlow(actor=game.players["staff"].user.pk, conversation_id=str(game.key), reason="Under review"))


def resume(game: Game) -> None:
    execute(ResumeFlow(actor=game.players["staff"].user.pk, conversation_id=str(game.key), reason="Reviewed"))


def close(game: Game, chat_status: str = "closed") -> None:
    staff = game.players["staff"].user.pk
    execute(SetChatStatus(actor=staff, conversation_id=str(game.key), chat_status=chat_status, reason="Spam"))


REFUSED: dict[str, tuple[str, Try, int, str]] = {
    "the other party's button": (
        "asked",
        lambda game: game.attempt("brand_owner", "accept_connection"),
        *(403, "wrong_role"),
    ),
    "staff's button": ("disputed", lambda game: game.attempt("influencer", "resolve_refund"), 403, "wrong_role"),
    "an action of another state": (
        "asked",
        lambda game: game.attempt("influencer", "accept_price"),
        409,
        "stale_action",
    ),
    "a step that is over": (
        "briefed",
        lambda game: game.attempt("influencer", "reject_connection", state_seq=1),
        *(409, "stale_action"),
    ),
    "a step that is over, by the other party": (
        "connected",
        lambda game: game.attempt("brand_owner", "accept_connection", state_seq=1),
        *(409, "stale_action"),
    ),
    "a step before the end": (
        "free",
        lambda game: game.attempt("influencer", "reject_connection", state_seq=1),
        *(409, "stale_action"),
    ),
    "a step that is yet to come": (
        "asked",
        lambda game: game.attempt("influencer", "accept_connection", state_seq=2),
        *(409, "stale_action"),
    ),
    "a number beyond all": (
        "asked",
        lambda game: game.attempt("influencer", "accept_connection", state_seq=2**53 - 1),
        *(409, "stale_action"),
    ),
    "a condition that does not hold": (
        "pricing",
        lambda game: game.attempt("brand_owner", "accept_proposed_amount"),
        *(409, "not_available"),
    ),
    "no such action": ("asked", lambda game: game.attempt("influencer", "open_sesame"), 404, "unknown_action"),
    "an answer out of range": (
        "offered",
        lambda game: game.attempt("influencer", "negotiate_price", {"price": "99.99"}),
        *(422, "invalid_input"),
    ),
    "a flow that has ended": (
        "free",
        lambda game: game.attempt("influencer", "submit_work", {"work_notes": "More"}),
        *(409, "flow_ended"),
    ),
    "a nonce of another action": (
        "asked",
        lambda game: used_twice(game, "accept_connection", "reject_connection"),
        *(422, "nonce_reused"),
    ),
}


def used_twice(game: Game, *actions: str) -> Any:
    responses = [game.attempt("influencer", action, client_nonce="1") for action in actions]
    return responses[-1]


@pytest.mark.parametrize("case", REFUSED)
def test_it_is_refused(start: Start, case: str) -> None:
    stage, attempt, status, code = REFUSED[case]
    game = start("bid").play(*BID[stage])
    if case == "a nonce of another action":
        used_twice(game, "accept_connection")
    before = dump()
    with published() as heard:
        response = attempt(game)

    assert failure(response) == (status, code)
    now = game.conversation
    assert response.json()["current"] == {"state_seq": now.state_seq, "flow_state": now.flow_state}
    assert dump() == before
    assert heard == []


def test_there_is_nothing_to_press_without_a_flow(players: dict[str, Player], direct: Any) -> None:
    response = players["influencer"].client.post(of(direct, "actions"), {"action": "accept_connection"})
    assert failure(response) == (409, "not_available")
    body = players["influencer"].client.get(of(direct, "actions")).json()
    assert (body["actions"], body["current_action_data"], body["flow_state"]) == ([], None, None)


# Inputs

FAULTS: list[tuple[str, str, str, Any, dict[str, str]]] = [
    ("offered", "influencer", "negotiate_price", {}, {"price": "is required"}),
    ("offered", "influencer", "negotiate_price", {"price": "99.99"}, {"price": "must be between 100 and 5000000"}),
    ("offered", "influencer", "negotiate_price", {"price": "9000", "notes": "?"}, {"notes": "is not asked for"}),
]


@pytest.mark.parametrize(("stage", "role", "action", "data", "fields"), FAULTS)
def test_it_says_what_is_wrong_with_which_answer(
    start: Start, stage: str, role: str, action: str, data: Any, fields: dict[str, str]
) -> None:
    game = start("bid").play(*BID[stage])
    response = game.attempt(role, action, data)

    assert failure(response) == (422, "invalid_input")
    assert response.json()["fields"] == fields
    assert response.json()["errors"] == {name: [fault] for name, fault in fields.items()}


PRICES: list[Any] = [9000.5, "9,000", "NaN", "1e5", "-1", "9000.001", "", None, ["9000"], {}]
MALFORMED: list[Any] = [*({"price": price} for price in PRICES), "price", 7, True, ["9000"], [["price", "9000"]]]


@pytest.mark.parametrize("data", MALFORMED, ids=str)
def test_answers_of_a_wrong_kind_change_nothing(start: Start, data: Any) -> None:
    game = start("bid").play(*BID["pricing"])
    before = dump()
    response = game.attempt("brand_owner", "send_price_offer", data)

    assert failure(response) == (422, "invalid_input")
    assert response.json()["fields"]
    assert dump() == before


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"action": None},
        {"action": 7},
        {"action": ""},
        {"action": "a" * 65},
        {"action": "a\x00"},
        {"action": "accept_connection", "state_seq": "1"},
        {"action": "accept_connection", "state_seq": 1.5},
        {"action": "accept_connection", "client_nonce": 7},
        {"action": "accept_connection", "client_nonce": "n" * 129},
        {"action": "accept_connection", "data": {"note": "x" * 16_385}},
        {"action": "accept_connection", "data": {"note": "\x00"}},
        [],
    ],
    ids=str,
)
def test_what_is_no_action_changes_nothing(start: Start, body: Any) -> None:
    game = start("bid")
    before = dump()
    response = game.players["influencer"].client.post(of(game.key, "actions"), body)

    assert failure(response) == (400, "invalid_payload")
    assert dump() == before


# Time


def test_a_press_after_the_deadline_is_too_late(start: Start) -> None:
    game = start("bid")
    game.let_pass(timedelta(days=4))
    with published() as heard:
        response = game.attempt("influencer", "accept_connection", state_seq=1)

    assert failure(response) == (410, "expired")
    assert response.json()["current"] == {"state_seq": 2, "flow_state": "expired"}
    assert [event.seq for event in heard] == [3, 4]  # what expiring tells, and nothing of the press


@pytest.mark.parametrize("state_seq", [1, None])
def test_it_is_too_late_whoever_has_looked_first(start: Start, state_seq: int | None) -> None:
    game = start("bid")
    game.wait_for("expire")
    before = dump()

    response = game.attempt("influencer", "accept_connection", state_seq=state_seq)
    assert failure(response) == ((410, "expired") if state_seq else (409, "flow_ended"))
    assert dump() == before


# Staff


def test_a_paused_conversation_holds_its_buttons_and_timers(start: Start) -> None:
    game = start("bid")
    pause(game)
    before = dump()

    assert game.card("influencer")["actions"] == []
    assert game.card("influencer")["expires_at"] is None
    assert failure(game.attempt("influencer", "accept_connection")) == (409, "flow_paused")
    assert dump() == before
    game.wait_for("expire")
    assert game.state == "influencer_responding"
    resume(game)
    assert game.attempt("influencer", "accept_connection").status_code == 200


@pytest.mark.parametrize("stage", ["asked", "working"])
def test_deadlines_move_by_as_long_as_it_was_paused(start: Start, stage: str) -> None:
    game = start("bid").play(*BID[stage])
    expires_at = game.card("influencer")["expires_at"]
    pause(game)
    game.let_pass(timedelta(days=400))
    resume(game)

    button = game.card("influencer")["actions"][0]
    assert game.card("influencer")["expires_at"] >= expires_at
    assert game.attempt("influencer", button["id"], answers_to(button)).status_code == 200


def test_a_deadline_of_a_paused_conversation_comes_after_the_pause(start: Start) -> None:
    game = start("bid").play(*BID["working"])
    pause(game)
    game.let_pass(timedelta(days=400))
    resume(game)
    game.let_pass(timedelta(days=30))

    assert failure(game.attempt("influencer", "submit_work", {"work_notes": "Done"})) == (410, "expired")
    assert game.state == "dispute"


def test_what_was_done_before_the_pause_is_still_answered(start: Start) -> None:
    game = start("bid")
    first = game.attempt("influencer", "accept_connection", client_nonce="1").json()
    pause(game)

    assert game.attempt("influencer", "accept_connection", client_nonce="1").json() == first | {"replayed": True}


def test_a_closed_conversation_holds_its_buttons_and_timers(start: Start) -> None:
    game = start("bid")
    close(game)
    before = dump()

    assert game.card("influencer")["actions"] == []
    assert failure(game.attempt("influencer", "accept_connection")) == (409, "flow_ended")
    assert dump() == before
    close(game, "automated")
    assert game.attempt("influencer", "accept_connection").status_code == 200


def test_what_the_world_reports_is_taken_and_opens_nothing_that_staff_closed(start: Start) -> None:
    game = start("bid").play(*BID["ordered"])
    close(game)
    game.report("payment.captured", payment_id="p-1")

    assert (game.state, game.conversation.chat_status) == ("work_in_progress", "closed")
    assert game.effects[-1] == ("escrow.hold", {"payment_id": "p-1"})
    assert game.card("influencer")["actions"] == []
    close(game, "automated")
    assert game.button("influencer", "submit_work")


@pytest.mark.parametrize("who", ["influencer", "brand_owner"])
def test_only_staff_acts_for_the_house(start: Start, who: str) -> None:
    game = start("bid").play(*BID["disputed"])
    person = game.players[who].user.pk
    for command in (
        ForceState(actor=person, conversation_id=str(game.key), state="closed", reason="Mine"),
        PauseFlow(actor=person, conversation_id=str(game.key), reason="Mine"),
        ResumeFlow(actor=person, conversation_id=str(game.key), reason="Mine"),
    ):
        with pytest.raises(Forbidden):
            execute(command)


@pytest.mark.parametrize("kind", ["bid", "campaign"])
def test_staff_can_move_a_conversation_to_any_state(start: Start, kind: str) -> None:
    game = start(kind)
    staff = game.players["staff"].user.pk
    for state in SHIPPED[kind].states:
        execute(ForceState(actor=staff, conversation_id=str(game.key), state=state, reason="Asked by both"))
        assert game.state == state
        for role in ("influencer", "brand_owner"):
            assert "{{" not in str([game.texts(role), game.get(role, "context")])
    forced = FlowTransition.objects.filter(run=game.key, reason="staff:force")
    assert set(forced.values_list("note", "actor")) == {("Asked by both", staff)}


# Outsiders


@pytest.mark.parametrize("body", [{"action": "accept_connection"}, {"action": "nonsense"}, {}])
def test_an_outsider_is_answered_as_if_there_were_nothing(
    start: Start, api: Any, charlie: User, body: dict[str, Any]
) -> None:
    game, client = start("bid"), api(charlie)
    before = dump()
    for method in ("get", "post"):
        real, unknown = (
            getattr(client, method)(of(key, "actions"), body, **({"format": "json"} if method == "post" else {}))
            for key in (game.key, UNKNOWN_ID)
        )
        assert failure(real) == failure(unknown)
        assert real.json() == unknown.json()
    assert dump() == before
