"""Running conversations go to another version: first a dry run, which is the real one but for the writing."""

import copy
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.apps import apps

from conversations.events import StateChanged
from conversations.models import Conversation
from flows.commands import MigrateRuns, Migration, PauseFlow, PerformAction, RetireVersion
from flows.errors import FlowNotFound, InvalidFlow, MigrationRefused, StaleAction
from flows.guidance import guidance
from flows.models import FlowRun, FlowVersion
from flows.oversight import shift
from stoory.accounts.models import User
from stoory.commands import execute
from stoory.errors import InvalidPayload
from stoory.times import utc_now
from tests.flows.guided import drafted, guided, last_of, press, released, run_of
from tests.flows.players import SMALL, bent
from tests.talk import place, published

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("system_user")]

Migrate = Callable[..., Migration]


def renamed() -> dict[str, Any]:
    """The small flow with another name for its first state."""
    document = copy.deepcopy(SMALL)
    document["initial"] = "wanted"
    document["states"] = {"wanted" if name == "asked" else name: state for name, state in SMALL["states"].items()}
    document["states"]["answered"] = bent("states.answered.actions.1.to", "wanted")["states"]["answered"]
    return document


@pytest.fixture
def first(staff: User) -> FlowVersion:
    return released(staff)


@pytest.fixture
def talk(first: FlowVersion, alice: User, bob: User) -> Conversation:
    """A conversation in which bob is asked for his price."""
    return guided(alice, bob)


@pytest.fixture
def migrate(staff: User, first: FlowVersion) -> Migrate:
    """Migrate from the first version, for real unless told otherwise."""

    def to(version: FlowVersion, /, **fields: Any) -> Migration:
        asked: dict[str, Any] = {"dry_run": False, "reason": "A better wording"} | fields
        return execute(MigrateRuns(actor=staff.pk, version_id=first.pk, to_version_id=version.pk, **asked))

    return to


def rows() -> list[Any]:
    """Every row of conversations and flows."""
    models = [model for name in ("conversations", "flows") for model in apps.get_app_config(name).get_models()]
    return [list(model._default_manager.order_by("pk").values()) for model in models]


def entered(conversation: Conversation, ago: timedelta) -> None:
    """Let the state have been entered so long ago."""
    run = run_of(conversation)
    shift(run, utc_now() - ago - run.entered_at)


def pending(conversation: Conversation) -> dict[str, timedelta]:
    """The waiting timers, and how long after the state was entered they are due."""
    run = run_of(conversation)
    return {timer.name: timer.due_at - run.entered_at for timer in run.timers.filter(status="pending")}


def test_a_dry_run_tells_what_the_real_one_does(
    migrate: Migrate, talk: Conversation, alice: User, bob: User, staff: User
) -> None:
    press(bob, guided(alice, bob, "bid-2"), "ask", price="90")
    entered(guided(alice, bob, "bid-3"), timedelta(days=5))
    second = released(staff, renamed())
    before = rows()
    dry = migrate(second, dry_run=True, mapping={"asked": "wanted"})
    assert rows() == before

    real = migrate(second, mapping={"asked": "wanted"})
    assert (dry.moved, dry.mapping) == ({"answered": 1, "asked": 2}, {"answered": "answered", "asked": "wanted"})
    assert (real.moved, real.mapping, real.overdue) == (dry.moved, dry.mapping, dry.overdue)
    assert (dry.overdue, dry.problems, real.problems, real.remaining) == (1, [], [], 0)
    assert (dry.is_dry_run, real.is_dry_run) == (True, False)
    assert set(FlowRun.objects.values_list("version", flat=True)) == {second.pk}


def test_it_goes_on_in_the_new_version(
    migrate: Migrate, talk: Conversation, alice: User, bob: User, staff: User
) -> None:
    other = bent("states.asked.actions.0.say.0.text", "New words.")
    migrate(released(staff, other))

    press(bob, talk, "ask", price="90")
    assert press(alice, talk, "agree").chat_status == "real_time"
    assert talk.messages.filter(text="New words.").exists()


def test_it_is_logged_with_its_reason(migrate: Migrate, talk: Conversation, staff: User, first: FlowVersion) -> None:
    second = released(staff, renamed())
    migrate(second, mapping={"asked": "wanted"})

    line = last_of(talk)
    assert (line.from_state, line.to_state, line.seq_from, line.seq_to) == ("asked", "wanted", 1, 2)
    assert (line.reason, line.role, line.actor, line.note) == ("staff:migrate", "staff", staff, "A better wording")
    assert (line.version, line.inputs["from_version"], line.dwell) == (second, first.pk, None)


def test_older_buttons_are_stale(migrate: Migrate, talk: Conversation, bob: User, staff: User) -> None:
    migrate(released(staff))
    command = PerformAction(actor=bob.pk, conversation_id=str(talk.pk), action="leave", state_seq=1)
    with pytest.raises(StaleAction) as refusal:
        execute(command)
    assert refusal.value.details["current"]["state_seq"] == 2


@pytest.mark.parametrize(
    ("document", "mapping", "state", "is_renewal"),
    [(SMALL, {}, "asked", True), (renamed(), {"asked": "wanted"}, "wanted", False)],
)
def test_the_parties_hear_their_new_buttons(
    migrate: Migrate, talk: Conversation, staff: User, document: Any, mapping: Any, state: str, is_renewal: bool
) -> None:
    second = released(staff, document)
    with published() as heard:
        migrate(second, mapping=mapping)

    (event,) = heard
    assert isinstance(event, StateChanged)
    assert (event.previous_state, event.new_state, event.is_renewal) == ("asked", state, is_renewal)
    assert (event.reason, event.state_seq, event.visible_to) == ("staff:migrate", 2, None)
    assert [button["id"] for button in event.cards["influencer"]["buttons"]] == ["ask", "leave"]
    assert "brand_owner" not in event.cards
    assert talk.log.latest("seq").seq == event.seq


def test_what_the_reader_is_told_is_of_the_new_version(
    migrate: Migrate, talk: Conversation, bob: User, staff: User
) -> None:
    migrate(released(staff, bent("states.asked.prompt.influencer.title", "Name it")))
    reader = place(bob, talk)
    assert guidance([reader])[talk.pk, bob.pk].title == "Name it"


def test_who_has_come_to_an_end_stays(migrate: Migrate, talk: Conversation, bob: User, staff: User) -> None:
    press(bob, talk, "leave")
    assert migrate(released(staff)).moved == {}
    assert run_of(talk).version.number == 1


# Refusals


@pytest.mark.parametrize(
    ("document", "mapping", "problem"),
    [
        (renamed(), {}, "asked: there is no asked in version 2 (2 conversations)"),
        (SMALL, {"asked": "answered"}, "asked: answered awaits brand_owner, not influencer (2 conversations)"),
        (SMALL, {"asked": "late"}, "asked: late is an end (2 conversations)"),
    ],
)
def test_it_is_refused(
    migrate: Migrate,
    talk: Conversation,
    alice: User,
    bob: User,
    staff: User,
    document: Any,
    mapping: dict[str, str],
    problem: str,
) -> None:
    guided(alice, bob, "bid-2")
    second = released(staff, document)
    before = rows()

    assert migrate(second, mapping=mapping, dry_run=True).problems == [problem]
    with pytest.raises(MigrationRefused) as refusal:
        migrate(second, mapping=mapping)
    assert refusal.value.details["problems"] == [problem]
    assert rows() == before


def test_a_state_in_which_nobody_is_needs_no_mapping(
    migrate: Migrate, talk: Conversation, bob: User, staff: User
) -> None:
    press(bob, talk, "ask", price="90")
    assert migrate(released(staff, renamed())).moved == {"answered": 1}


def test_a_variable_that_the_state_counts_on_must_be_known(
    migrate: Migrate, talk: Conversation, bob: User, staff: User
) -> None:
    document = bent("context.deposit", {"type": "money", "at_start": True})
    document["states"]["asked"]["prompt"]["influencer"]["text"] = "Of {{ctx.deposit|money}}?"

    assert migrate(released(staff, document), dry_run=True).problems == [
        "asked: asked needs deposit, which is not known (1 conversation)"
    ]


@pytest.mark.parametrize(
    ("mapping", "path"), [({"nowhere": "asked"}, "mapping.nowhere"), ({"asked": "nowhere"}, "mapping.asked")]
)
def test_a_mapping_names_states(migrate: Migrate, staff: User, mapping: dict[str, str], path: str) -> None:
    with pytest.raises(InvalidPayload) as refusal:
        migrate(released(staff), mapping=mapping)
    assert refusal.value.details["path"] == path


def test_a_draft_takes_a_dry_run_only(migrate: Migrate, talk: Conversation, staff: User) -> None:
    draft = drafted(staff)
    dry = migrate(draft, dry_run=True)

    assert (dry.moved, dry.problems) == ({"asked": 1}, ["Version 2 is a draft: publish it first"])
    with pytest.raises(MigrationRefused):
        migrate(draft)
    with pytest.raises(InvalidFlow):
        migrate(drafted(staff, bent("initial", "nowhere")), dry_run=True)


def test_it_needs_two_versions_of_a_kind(migrate: Migrate, first: FlowVersion, staff: User) -> None:
    for version in (first, released(staff, bent("conversation_type", "campaign") | {"key": "other"})):
        with pytest.raises(InvalidPayload):
            migrate(version)
    with pytest.raises(FlowNotFound):
        migrate(FlowVersion(pk=999_999))


@pytest.mark.parametrize("fields", [{"reason": ""}, {"reason": " "}, {"limit": 0}])
def test_it_needs_a_reason_and_a_sensible_limit(migrate: Migrate, staff: User, fields: Any) -> None:
    with pytest.raises(InvalidPayload):
        migrate(released(staff), **fields)


# What is carried over


def test_variables_are_kept_dropped_and_added(migrate: Migrate, talk: Conversation, bob: User, staff: User) -> None:
    press(bob, talk, "ask", price="90", day=str((utc_now() + timedelta(days=3)).date()))
    document = bent("context.tries", {"type": "int", "initial": 7})
    document["context"]["day"] = {"type": "text", "initial": "some day"}
    del document["context"]["note"]
    document["states"]["asked"]["actions"][0]["inputs"][1] = {
        "type": "text",
        "id": "day",
        "label": "Day",
        "required": False,
    }
    before = run_of(talk).data
    migrate(released(staff, document))

    assert run_of(talk).data == {"price": "90.00", "round": 1, "tries": 7, "day": "some day"}
    assert last_of(talk).inputs["dropped"] == {"day": before["day"]}


def test_timers_count_from_when_the_state_was_entered(
    migrate: Migrate, talk: Conversation, bob: User, staff: User
) -> None:
    press(bob, talk, "ask", price="90")
    entered(talk, timedelta(days=2))
    migrate(released(staff, bent("states.answered.timers.1.after", "P9D")))

    assert pending(talk) == {"expire": timedelta(days=9)}  # the reminder of the first day has come and gone
    assert {timer.state_seq for timer in run_of(talk).timers.filter(status="pending")} == {3}


def test_a_reminder_that_repeats_keeps_its_rhythm(migrate: Migrate, talk: Conversation, bob: User, staff: User) -> None:
    press(bob, talk, "ask", price="90")
    entered(talk, timedelta(days=2, hours=1))
    migrate(released(staff, bent("states.answered.timers.0.repeat", "PT10H")))

    assert pending(talk) == {"remind": timedelta(days=1, hours=30), "expire": timedelta(days=3)}


def test_who_is_paused_stays_so(migrate: Migrate, talk: Conversation, staff: User) -> None:
    execute(PauseFlow(actor=staff.pk, conversation_id=str(talk.pk), reason="A question"))
    entered(talk, timedelta(days=5))
    migration = migrate(released(staff))

    assert (migration.moved, migration.overdue) == ({"asked": 1}, 0)
    assert run_of(talk).paused_at is not None


def test_many_go_in_portions(migrate: Migrate, alice: User, bob: User, staff: User) -> None:
    for number in range(5):
        guided(alice, bob, f"bid-{number}")
    second = released(staff)
    portions = [migrate(second, limit=2) for _ in range(4)]

    assert [sum(portion.moved.values()) for portion in portions] == [2, 2, 1, 0]
    assert [portion.remaining for portion in portions] == [3, 1, 0, 0]


def test_and_back(migrate: Migrate, talk: Conversation, first: FlowVersion, staff: User, bob: User) -> None:
    second = released(staff, renamed())
    migrate(second, mapping={"asked": "wanted"})
    back = MigrateRuns(
        actor=staff.pk,
        version_id=second.pk,
        to_version_id=first.pk,
        mapping={"wanted": "asked"},
        dry_run=False,
        reason="It was no better",
    )
    execute(RetireVersion(actor=staff.pk, version_id=second.pk))

    assert execute(back).moved == {"wanted": 1}
    assert press(bob, talk, "leave").flow_state == "left"
    assert list(run_of(talk).transitions.values_list("seq_to", flat=True)) == [1, 2, 3, 4]
