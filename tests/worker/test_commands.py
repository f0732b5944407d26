"""`manage.py flows event` and `advance`: a developer plays the provider and the clock."""

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from pytest_django import Settings

from conversations.events import StateChanged
from conversations.models import Conversation
from flows.commands import PauseFlow
from flows.models import FlowRun, ProviderEvent
from stoory.accounts.models import User
from stoory.commands import execute
from stoory.events import Event
from stoory.realtime.bus import Bus
from tests.rest.routes import UNKNOWN_ID
from tests.worker.playing import press, states, submit


def run(*arguments: str) -> list[str]:
    written = StringIO()
    call_command("flows", *arguments, stdout=written)
    return written.getvalue().splitlines()


def captured(conversation: Conversation, *more: str) -> list[str]:
    return run("event", str(conversation.pk), "payment.captured", "payment_id=p-1", *more)


# event


def test_an_event_is_delivered_as_by_a_provider(agreed: Conversation) -> None:
    line = captured(agreed)[0]
    assert line.endswith(": applied: work_in_progress (#7)")
    assert ProviderEvent.objects.get().data == {"payment_id": "p-1"}


def test_each_time_it_is_a_new_event_unless_told_otherwise(agreed: Conversation) -> None:
    assert captured(agreed, "--id", "evt-1") == ["evt-1: applied: work_in_progress (#7)"]
    assert captured(agreed, "--id", "evt-1") == ["evt-1: applied, as before: work_in_progress (#7)"]
    assert captured(agreed)[0].endswith(": ignored: work_in_progress (#7)")


def test_programs_are_told_what_came_of_it(agreed: Conversation) -> None:
    [line] = captured(agreed, "--id", "evt-1", "--json")
    told = {"event_id": "evt-1", "outcome": "applied", "replayed": False, "state": "work_in_progress", "seq": 7}
    assert json.loads(line) == told


@pytest.mark.parametrize(
    ("values", "message"),
    [
        (["payment.captured"], "Some values of the event are not valid. payment_id is required"),
        (["payment.captured", "payment_id=[p"], "A value can't be read"),
    ],
)
def test_what_can_not_be_read_is_said(agreed: Conversation, values: list[str], message: str) -> None:
    with pytest.raises(CommandError, match=message):
        run("event", str(agreed.pk), *values)


@pytest.mark.parametrize("arguments", [("event", UNKNOWN_ID, "payment.failed"), ("advance", UNKNOWN_ID, "P1D")])
def test_an_unknown_conversation_is_said(db: None, settings: Settings, arguments: tuple[str, ...]) -> None:
    settings.DEBUG = True
    with pytest.raises(CommandError, match="Conversation not found"):
        run(*arguments)


# advance


@pytest.fixture
def debug(settings: Settings) -> None:
    settings.DEBUG = True


def test_a_reminder_comes_and_then_the_end(debug: None, bid: Conversation) -> None:
    assert run("advance", str(bid.pk), "PT23H") == ["Nothing is due yet."]
    assert run("advance", str(bid.pk), "PT1H") == ["timer:remind: influencer_responding (#1)"]
    assert run("advance", str(bid.pk), "P2D") == ["timer:expire: influencer_responding → expired (#2)"]


def test_programs_are_told_each_step(debug: None, bid: Conversation) -> None:
    assert run("advance", str(bid.pk), "PT23H", "--json") == []
    [line] = run("advance", str(bid.pk), "PT1H", "--json")
    state = "influencer_responding"
    assert json.loads(line) == {"reason": "timer:remind", "from_state": state, "to_state": state, "seq": 1}


def test_all_that_was_slept_through_comes_in_order(debug: None, bid: Conversation) -> None:
    assert [line.partition(":")[2] for line in run("advance", str(bid.pk), "P4D")] == [
        "remind: influencer_responding (#1)",
        "expire: influencer_responding → expired (#2)",
    ]


@pytest.mark.parametrize("steps", [["P28D", "P2D", "P15D"], ["P29DT13H", "PT13H", "P15DT1H"]])
def test_what_hangs_on_a_date_comes_with_it(debug: None, paid: Conversation, steps: list[str]) -> None:
    lines = [line for step in steps for line in run("advance", str(paid.pk), step)]
    assert [line for line in lines if line.startswith("timer:escalate")] == [
        "timer:escalate: work_in_progress → dispute (#9)"
    ]
    assert "timer:deadline_soon: work_in_progress (#8)" in lines


def test_what_a_timer_opens_has_its_own_time(debug: None, paid: Conversation, alice: User, bob: User) -> None:
    submit(paid, bob)
    press(alice, paid, "request_revision", notes="Brighter, please, and somewhat shorter.")
    assert run("advance", str(paid.pk), "P30D")[-1].endswith("→ dispute (#11)")
    assert run("advance", str(paid.pk), "PT1H") == ["Nothing is due yet."]


def test_a_paused_conversation_stays(debug: None, bid: Conversation, staff: User) -> None:
    execute(PauseFlow(actor=staff.pk, conversation_id=str(bid.pk), reason="A question of ours."))
    assert run("advance", str(bid.pk), "P4D") == ["Nothing is due yet."]
    assert states(bid)[-1] == "influencer_responding"


@pytest.mark.parametrize("duration", ["3 days", "P", "-P1D"])
def test_a_duration_that_is_none_is_said(debug: None, bid: Conversation, duration: str) -> None:
    with pytest.raises(CommandError):
        run("advance", str(bid.pk), duration)


def test_it_is_for_developers(bid: Conversation, settings: Settings) -> None:
    settings.DEBUG = False
    before = FlowRun.objects.get().entered_at
    with pytest.raises(CommandError, match="needs DEBUG=1"):
        run("advance", str(bid.pk), "P4D")
    assert FlowRun.objects.get().entered_at == before


# Both


@pytest.fixture
def said(transactional_db: None, monkeypatch: pytest.MonkeyPatch) -> list[Event]:
    """What is put on the bus."""
    told: list[Event] = []
    monkeypatch.setattr(Bus, "publish", lambda bus, events: told.extend(events))
    return told


def entered(said: list[Event]) -> list[str | None]:
    return [event.new_state for event in said if isinstance(event, StateChanged)]


def test_servers_are_told_of_an_event_at_once(said: list[Event], agreed: Conversation) -> None:
    captured(agreed)
    assert entered(said) == ["work_in_progress"]
    assert {event.conversation_id for event in said} == {str(agreed.pk)}


def test_servers_are_told_at_once_what_time_led_to(debug: None, said: list[Event], bid: Conversation) -> None:
    run("advance", str(bid.pk), "P3D")
    assert entered(said) == ["expired"]
