"""The simulator: a version played in the browser, both parties side by side; nothing is stored."""

import json
import re
from html import unescape
from typing import Any, Self

import pytest
from django.core import signing
from django.test import Client

from conversations.models import Conversation
from flows.admin import simulator
from flows.models import FlowRun, FlowTransition, FlowVersion
from messaging.models import Message
from stoory.accounts.models import User
from tests.admin.conftest import ATTACK
from tests.admin.pages import faults, main_of, of_version
from tests.flows.guided import drafted
from tests.flows.players import SMALL, bent

pytestmark = pytest.mark.slow


class Player:
    """Somebody who plays in a browser: each move sends what the page carries."""

    def __init__(self, browser: Client, version: FlowVersion) -> None:
        self.browser = browser
        self.address = of_version(version, "simulate")
        self.page = main_of(browser.get(self.address))

    def send(self, **data: Any) -> Self:
        carried = {"script": self.carried("script"), "locale": self.carried("locale")}
        self.page = main_of(self.browser.post(self.address, {**carried, **data}))
        return self

    def choose(self, choice: str, **answers: Any) -> Self:
        """Press a button, or have the world report something; its form must be there."""
        assert f'name="choice" value="{choice}"' in self.page
        return self.send(do="choose", choice=choice, **{f"data-{name}": value for name, value in answers.items()})

    def do(self, what: str, **data: Any) -> Self:
        return self.send(do=what, **data)

    def carried(self, name: str) -> str:
        found = re.search(rf'name="{name}" value="([^"]*)"', self.page)
        return unescape(found[1]) if found else ""

    def fact(self, name: str) -> str:
        return self.page.partition(f"<dt>{name}</dt><dd>")[2].partition("<")[0]

    def seen_by(self, role: str) -> str:
        return self.page.partition(f"<h2>{role}:")[2].partition("</section>")[0]


@pytest.fixture
def player(browser: Client, draft: FlowVersion) -> Player:
    return Player(browser, draft)


def test_it_begins_with_the_first_state(player: Player) -> None:
    assert player.fact("State") == "asked (#1)"
    assert player.fact("Clock") == "Mon 5 Jan 2026, 09:00 UTC"
    assert "What do you ask, Asha?" in player.seen_by("Influencer")
    assert "Nothing yet." in player.seen_by("Brand")


def test_each_party_sees_its_own_messages_and_buttons(player: Player) -> None:
    player.choose("action-influencer-ask", price="120.50")
    assert player.fact("State") == "answered (#2)"
    assert "Asha asks for ₹120.50." in player.seen_by("Brand")
    assert "action-brand_owner-agree" in player.seen_by("Brand")
    assert "Asha asks" not in player.seen_by("Influencer")
    assert "Ask (price: 120.50)" in player.seen_by("Influencer")
    assert "action-influencer" not in player.page
    assert faults(player.page) == []


def test_a_whole_conversation_is_played(player: Player) -> None:
    player.choose("action-influencer-ask", price="90", day="2026-01-20").choose("action-brand_owner-agree")
    assert (player.fact("Outcome"), player.fact("Chat")) == ("won", "real_time")
    assert "price: 90.00" in player.page


@pytest.mark.parametrize(
    ("answers", "fault"),
    [
        ({"price": ""}, "This is required."),
        ({"price": "9"}, "This must be between 10 and 500."),
        ({"price": "ten"}, "This must be an amount with at most two decimals"),
        ({"price": "90", "day": "2020-01-01"}, "This must be between 2026-01-05 and"),
        ({"price": "90", "day": "soon"}, "This must be a date like 2026-12-31."),
        ({"price": ATTACK}, "This must be an amount"),
    ],
)
def test_what_is_wrong_is_told_at_its_field(player: Player, answers: dict[str, str], fault: str) -> None:
    before = player.carried("script")
    player.choose("action-influencer-ask", **answers)
    field = player.page.partition('<div class="desk-field errors">')[2].partition("</div>")[0]
    assert f"<li>{fault}" in unescape(field)
    assert "Some answers are not valid." in player.page
    assert signing.loads(player.carried("script"), salt=_salt(player)) == signing.loads(before, salt=_salt(player))
    assert all(value in unescape(player.page) for value in answers.values())
    assert faults(player.page) == []


def _salt(player: Player) -> str:
    return f"{simulator.SALT}.{player.address.split('/')[-3]}"


def test_the_clock_fires_timers(player: Player) -> None:
    player.choose("action-influencer-ask", price="90").do("hour")
    assert player.fact("Clock") == "Mon 5 Jan 2026, 10:00 UTC"
    player.do("day")
    assert "Still open." in player.seen_by("Influencer")
    assert "Still open." in player.seen_by("Brand")
    player.do("timer")
    assert player.fact("Clock") == "Thu 8 Jan 2026, 09:00 UTC"
    assert player.fact("Outcome") == "expired"
    assert 'value="timer"' not in player.page


def test_the_last_move_is_taken_back(player: Player) -> None:
    player.choose("action-influencer-ask", price="90").do("day").do("undo")
    assert player.fact("Clock") == "Mon 5 Jan 2026, 09:00 UTC"
    player.do("undo")
    assert player.fact("State") == "asked (#1)"
    assert 'value="undo"' not in player.page
    player.do("undo")
    assert player.fact("State") == "asked (#1)"


def test_it_begins_anew_with_start_values(player: Player) -> None:
    player.do("day").do("start", **{"data-note": "By mail"})
    assert player.fact("Clock") == "Mon 5 Jan 2026, 09:00 UTC"
    assert "note: By mail" in player.page


def test_a_flow_asks_for_the_start_values_that_it_needs(browser: Client, staff: User) -> None:
    document = bent("context.budget", {"type": "money", "at_start": True})
    player = Player(browser, drafted(staff, bent_more(document)))
    assert player.fact("State") == ""
    assert "<details open>" in player.page
    player.do("start", **{"data-budget": "much"})
    assert "This must be an amount" in player.page
    player.do("start", **{"data-budget": ""})
    assert "This is required." in player.page
    player.do("start", **{"data-budget": "100"})
    assert player.fact("State") == "asked (#1)"


def bent_more(document: dict[str, Any]) -> dict[str, Any]:
    return {**document, "key": "needy"}


def test_the_world_reports_and_staff_acts(browser: Client, published: FlowVersion) -> None:
    player = Player(browser, published).do("force", id="payment_pending")
    assert player.fact("State").startswith("payment_pending")
    player.choose("event-payment-captured", payment_id="")
    assert "This is required." in player.page
    player.choose("event-payment-captured", payment_id="pay_7")
    assert player.fact("State").startswith("work_in_progress")
    assert "escrow.hold</code> payment_id: pay_7" in player.page
    player.choose("action-influencer-report_problem", problem="It is late.")
    player.choose("action-staff-resolve_refund")
    assert "escrow.refund</code> payment_id: pay_7" in player.page


def test_an_event_that_is_not_expected_is_refused_in_words(player: Player) -> None:
    player.choose("event-campaign-cancelled")
    assert "This event is not expected here." in player.page
    assert player.fact("State") == "asked (#1)"


def test_a_state_that_is_none_is_refused_in_words(player: Player) -> None:
    assert "There is no such state." in player.do("force", id="nowhere").page


def test_it_speaks_the_languages_of_the_flow(browser: Client, staff: User) -> None:
    spoken = drafted(staff, bent("states.asked.prompt.influencer.text", {"en": "What?", "hi": "क्या?"}))
    player = Player(browser, spoken)
    assert "What?" in player.seen_by("Influencer")
    assert "क्या?" in player.do("look", locale="hi").seen_by("Influencer")
    assert "क्या?" in player.do("hour").seen_by("Influencer")


@pytest.mark.parametrize("script", ["", "x", "a:b:c"])
def test_a_walk_that_can_not_be_read_begins_anew(player: Player, script: str) -> None:
    player.do("day").do("day", script=script)
    assert "It begins anew." in player.page
    assert player.fact("Clock") == "Mon 5 Jan 2026, 09:00 UTC"


def test_a_walk_is_of_one_version(browser: Client, staff: User, player: Player) -> None:
    script = player.do("day").carried("script")
    assert "It begins anew." in Player(browser, drafted(staff)).do("day", script=script).page


@pytest.mark.parametrize("choice", ["action-influencer-agree", "action-staff-ask", ATTACK, ""])
def test_what_is_not_offered_is_refused(player: Player, choice: str) -> None:
    player.send(do="choose", choice=choice)
    assert "This can't be done any more." in unescape(player.page)
    assert player.fact("State") == "asked (#1)"


def test_a_walk_has_an_end(player: Player, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(simulator, "MAX_STEPS", 2)
    player.do("hour").do("hour").do("hour")
    assert "This walk is long enough." in player.page
    assert player.fact("Clock") == "Mon 5 Jan 2026, 11:00 UTC"


def test_a_version_with_errors_is_not_played(browser: Client, staff: User) -> None:
    broken = drafted(staff, bent("states.asked.actions.0.to", "nowhere"))
    player = Player(browser, broken)
    for page in (player.page, player.do("day").page):
        assert "A version with errors can&#x27;t be played." in page or "can't be played" in page
        assert "<code>states.asked.actions[0].to</code>" in page


def test_a_draft_that_changes_meanwhile_is_played_as_it_is_now(
    browser: Client, staff: User, draft: FlowVersion, player: Player
) -> None:
    player.choose("action-influencer-ask", price="90")
    needy = bent("context.note.at_start", True)
    FlowVersion.objects.filter(pk=draft.pk).update(document=json.dumps(needy))
    player.do("day")
    assert "<details open>" in player.page


def test_what_a_flow_says_is_not_run(browser: Client, staff: User) -> None:
    document = bent("states.asked.title", ATTACK)
    action = document["states"]["asked"]["actions"][0]
    action["label"], action["confirm"] = ATTACK, {"title": ATTACK, "text": ATTACK}
    action["inputs"] = [
        {"type": "text", "id": "a", "label": ATTACK, "help": ATTACK, "placeholder": ATTACK, "multiline": True},
        {"type": "choice", "id": "b", "label": ATTACK, "options": [{"value": "x", "label": ATTACK}]},
        {"type": "choice", "id": "c", "label": ATTACK, "multiple": True, "options": [{"value": "x", "label": ATTACK}]},
        {"type": "bool", "id": "d", "label": ATTACK, "help": ATTACK},
        {"type": "number", "id": "e", "label": ATTACK},
        {"type": "file", "id": "f", "label": ATTACK, "help": ATTACK},
        {"type": "money", "id": "price", "label": ATTACK, "help": ATTACK},
        {"type": "date", "id": "day", "label": ATTACK, "help": ATTACK},
    ]
    document["states"]["asked"]["prompt"]["influencer"] = {"title": ATTACK, "text": f"{ATTACK} {{{{ctx.note}}}}"}
    document["context"]["note"] = {"type": "text", "at_start": True, "label": ATTACK}
    document["states"]["answered"]["title"] = ATTACK
    player = Player(browser, drafted(staff, document)).do("start", **{"data-note": ATTACK})
    assert player.fact("State") == "asked (#1)", player.page
    assert faults(player.page) == []
    given = {"a": ATTACK, "b": "x", "c": "x", "d": "on", "e": "12", "f": "one", "price": "1", "day": "2026-01-06"}
    player.choose("action-influencer-ask", **given)
    assert player.fact("State") == "answered (#2)", player.page
    assert faults(player.page) == []


@pytest.mark.parametrize(
    ("field", "value", "fault"),
    [
        ("e", "--5", "must be a whole number"),
        ("e", "9" * 5000, "must be a whole number"),
        ("e", "७", "must be a whole number"),
        ("c", "y", "must be some of x"),
        ("d", "", "must be accepted"),
        ("f", "one one", "must be a list of different ids of files"),
        ("a", "\x00", "NUL characters are not allowed"),
    ],
)
def test_no_answer_breaks_the_page(browser: Client, staff: User, field: str, value: str, fault: str) -> None:
    document = bent("states.asked.actions.0.inputs.2", {"type": "text", "id": "a", "label": "A"})
    document["states"]["asked"]["actions"][0]["inputs"] += [
        {"type": "choice", "id": "c", "label": "C", "multiple": True, "options": [{"value": "x", "label": "X"}]},
        {"type": "bool", "id": "d", "label": "D", "must_be_true": True},
        {"type": "number", "id": "e", "label": "E"},
        {"type": "file", "id": "f", "label": "F", "max_count": 3},
    ]
    given = {"price": "90", "a": "a", "c": "x", "d": "on", "e": "5", "f": "one"} | {field: value}
    player = Player(browser, drafted(staff, document))
    player.choose("action-influencer-ask", **{name: said for name, said in given.items() if said})
    assert fault in player.page
    assert player.fact("State") == "asked (#1)"


def test_nothing_is_stored(player: Player, run: FlowRun) -> None:
    counts = [model.objects.count() for model in (Conversation, FlowRun, FlowTransition, Message, FlowVersion)]
    player.choose("action-influencer-ask", price="90").do("day").do("timer")
    assert [model.objects.count() for model in (Conversation, FlowRun, FlowTransition, Message, FlowVersion)] == counts


def test_onlookers_may_play(onlooker: Client, draft: FlowVersion) -> None:
    assert Player(onlooker, draft).choose("action-influencer-ask", price="90").fact("State") == "answered (#2)"
    assert json.loads(draft.document) == SMALL
