"""Who reads a flow's words, in which language, and where several people are one party."""

import copy
from typing import Any

import pytest

from conversations.models import Participant
from messaging.events import MessageSent
from messaging.models import Message
from stoory.accounts.models import Role, User
from tests.flows.guided import released
from tests.flows.players import SMALL
from tests.guided.game import Game, Player, Players, Start
from tests.guided.stages import BID
from tests.rest.routes import of
from tests.talk import published


def in_two_languages() -> dict[str, Any]:
    """The small flow, which says some things in Hindi too."""
    document = copy.deepcopy(SMALL)
    states = document["states"]
    states["asked"]["prompt"]["influencer"]["text"] = {"en": "What do you ask?", "hi": "आप क्या माँगते हैं?"}
    states["asked"]["actions"][0]["label"] = {"en": "Ask", "hi": "माँगें"}
    states["answered"]["actions"][0]["say"] = [{"to": "both", "text": {"en": "Agreed.", "hi": "तय हुआ।"}}]
    return document


@pytest.fixture
def small(players: Players) -> None:
    released(players["staff"].user, in_two_languages())


def speaks(players: Players, role: str, locale: str) -> None:
    user = players[role].user
    user.locale = locale
    user.save()


def test_each_reads_their_own_language(players: Players, small: None) -> None:
    speaks(players, "influencer", "hi-IN")
    game = Game("bid", players)

    assert game.texts("influencer") == ["आप क्या माँगते हैं?"]
    assert game.card("influencer")["actions"][0]["text"] == "माँगें"
    assert game.get("influencer", "context")["context"]["prompts"]["subtitle"] == "आप क्या माँगते हैं?"


def test_what_is_said_to_both_is_one_message_where_they_read_the_same(players: Players, small: None) -> None:
    game = Game("bid", players).play(("influencer", "ask"), ("brand_owner", "agree"))

    [said] = Message.objects.filter(text="Agreed.")
    assert (said.visible_to, said.receiver_id) == (None, None)
    assert game.texts("influencer")[-1] == game.texts("brand_owner")[-1] == "Agreed."


def test_what_is_said_to_both_is_one_message_each_where_they_do_not(players: Players, small: None) -> None:
    speaks(players, "brand_owner", "hi")
    game = Game("bid", players).play(("influencer", "ask"), ("brand_owner", "agree"))

    assert (game.texts("influencer")[-1], game.texts("brand_owner")[-1]) == ("Agreed.", "तय हुआ।")
    assert {said.visible_to for said in Message.objects.filter(text__in=["Agreed.", "तय हुआ।"])} == {
        "influencer",
        "brand_owner",
    }


def test_a_language_that_nobody_wrote_is_read_in_english(players: Players, small: None) -> None:
    speaks(players, "influencer", "de")
    assert Game("bid", players).texts("influencer") == ["What do you ask?"]


# Several people in one role


@pytest.fixture
def crowd(start: Start, players: Players, api: Any) -> tuple[Game, Player]:
    """A bid in which dora acts for the brand, beside alice."""
    game = start("bid")
    dora = User.objects.create_user("dora", password="secret", name="Dora", role=Role.BRAND_OWNER)
    Participant.objects.create(conversation_id=game.key, user=dora, role="brand_owner")
    client = api(dora)
    client.default_format = "json"
    return game, Player(dora, client)


def test_all_of_a_party_are_asked_and_any_may_answer(crowd: tuple[Game, Player]) -> None:
    game, dora = crowd
    with published() as heard:
        game.play(("influencer", "accept_connection"))

    [asked] = [event for event in heard if isinstance(event, MessageSent) and event.visible_to == "brand_owner"]
    assert asked.message.receiver_id is None
    game.players["brand_owner"], alice = dora, game.players["brand_owner"]
    assert game.texts("brand_owner") == ["Bob accepted your request."]
    game.play(*BID["briefed"][1:])
    assert game.texts("influencer")[-1].startswith("Project details from Alice:"), "the first speaks for the party"

    game.players["brand_owner"] = alice
    assert game.texts("brand_owner")[-1] == "You sent the project details."
    assert game.card("brand_owner")["actions"] == dora.client.get(of(game.key, "actions")).json()["actions"]


def test_a_second_person_s_click_is_no_repeat_of_the_first_one_s(crowd: tuple[Game, Player]) -> None:
    game, dora = crowd
    assert game.attempt("brand_owner", "withdraw", state_seq=1, client_nonce="n1").status_code == 200
    game.players["brand_owner"] = dora
    assert game.attempt("brand_owner", "withdraw", state_seq=1, client_nonce="n1").json()["code"] == "stale_action"
