"""The funnel: what went from state to state in a period, how long it took, how it ended. The same on both databases."""

from datetime import UTC, datetime, timedelta

import pytest

from conversations.models import Conversation
from flows.analytics import Edge, Funnel, StateFigures, funnel, occupancy
from flows.commands import MigrateRuns
from flows.models import FlowTransition, FlowVersion
from stoory.accounts.models import User
from stoory.commands import execute
from tests.flows.guided import drafted, guided, last_of, press, released, run_of
from tests.flows.players import bent
from tests.flows.test_migrating import renamed

pytestmark = [pytest.mark.slow, pytest.mark.django_db, pytest.mark.usefixtures("system_user")]

MONDAY = datetime(2026, 1, 5, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture
def first(staff: User) -> FlowVersion:
    return released(staff)


@pytest.fixture
def talks(first: FlowVersion, alice: User, bob: User) -> list[Conversation]:
    """Five conversations: one asked, one left, one agreed upon at once, one in the second round, one in between."""
    asked, left, agreed, again, answered = (guided(alice, bob, f"bid-{number}") for number in range(5))
    press(bob, left, "leave")
    for talk in (agreed, again, answered):
        press(bob, talk, "ask", price="90")
    press(alice, agreed, "agree")
    press(alice, again, "refuse")
    press(bob, again, "ask", price="80")
    press(alice, again, "agree")
    return [asked, left, agreed, again, answered]


def of(figures: Funnel, state: str) -> StateFigures:
    return next(each for each in figures.states if each.state == state)


def happened(line: FlowTransition, at: datetime, dwell: timedelta | None = None) -> None:
    """Let a step have been taken then, after so long."""
    FlowTransition.objects.filter(pk=line.pk).update(created_at=at, dwell=dwell)


def reminded(talk: Conversation, at: datetime) -> None:
    """Let a reminder have been sent."""
    run = run_of(talk)
    state, seq = run.conversation.flow_state, run.conversation.state_seq
    line = FlowTransition.objects.create(
        run=run,
        version=run.version,
        from_state=state,
        to_state=state or "",
        seq_from=seq,
        seq_to=seq,
        reason="timer:remind",
        role="system",
        actor_id=talk.created_by_id or "",
    )
    happened(line, at)


def test_who_came_and_went(talks: list[Conversation]) -> None:
    figures = funnel("small")

    assert figures.started == 5
    assert [(each.state, each.now, each.entered, each.left) for each in figures.states] == [
        ("asked", 1, 6, 5),
        ("answered", 1, 4, 3),
        ("real_time", 2, 2, 0),
        ("left", 1, 1, 0),
        ("late", 0, 0, 0),
    ]
    assert all(each.entered == each.left + each.now for each in figures.states)


def test_where_to_and_by_what(talks: list[Conversation]) -> None:
    asked = of(funnel("small"), "asked")
    assert asked.edges == [
        Edge(reason="action:ask", to_state="answered", count=4, conversion=0.8),
        Edge(reason="action:leave", to_state="left", count=1, conversion=0.2),
    ]
    assert (asked.title, asked.phase, asked.outcome) == ("Asked", "price", None)


def test_how_it_ended(talks: list[Conversation]) -> None:
    assert [(each.outcome, each.count, each.share) for each in funnel("small").outcomes] == [
        ("won", 2, 0.6667),
        ("lost", 1, 0.3333),
    ]


def test_how_many_rounds_an_agreement_took(talks: list[Conversation]) -> None:
    assert funnel("small").counters == {"round": 1.5}


@pytest.mark.parametrize(
    ("minutes", "median"), [([], None), ([7], 420), ([1, 90, 5], 300), ([1, 5, 2000, 8], 390), ([1, 1.5], 75)]
)
def test_how_long_it_took(
    first: FlowVersion, alice: User, bob: User, minutes: list[float], median: float | None
) -> None:
    for number, minute in enumerate(minutes):
        talk = guided(alice, bob, f"bid-{number}")
        press(bob, talk, "leave")
        happened(last_of(talk), MONDAY, timedelta(minutes=minute))

    assert of(funnel("small"), "asked").median_seconds == median
    assert of(funnel("small"), "left").median_seconds is None


def test_a_period_ends_before_its_end(talks: list[Conversation]) -> None:
    FlowTransition.objects.update(created_at=MONDAY)
    FlowTransition.objects.filter(reason="action:agree").update(created_at=MONDAY + DAY)

    def answered(start: datetime | None, end: datetime | None) -> tuple[int, int, int]:
        figures = funnel("small", start, end)
        return figures.started, of(figures, "answered").entered, of(figures, "real_time").entered

    assert answered(MONDAY, MONDAY + DAY) == (5, 4, 0)
    assert answered(MONDAY + DAY, None) == (0, 0, 2)
    assert answered(None, MONDAY) == (0, 0, 0)
    assert funnel("small", MONDAY, MONDAY + DAY).counters == {}
    assert [each.outcome for each in funnel("small", MONDAY + DAY).outcomes] == ["won"]
    assert of(funnel("small", MONDAY + DAY), "answered").now == 1


def test_reminders_that_worked(first: FlowVersion, alice: User, bob: User) -> None:
    for number, (action, hours) in enumerate([("agree", 3), ("agree", 24), ("agree", 25), (None, 0)]):
        talk = guided(alice, bob, f"bid-{number}")
        press(bob, talk, "ask", price="90")
        reminded(talk, MONDAY)
        if action:
            press(alice, talk, action)
            happened(last_of(talk), MONDAY + timedelta(hours=hours), DAY)

    (reminder,) = funnel("small").reminders
    assert (reminder.state, reminder.timer, reminder.sent, reminder.worked) == ("answered", "remind", 4, 2)


def test_what_a_timer_ends_no_reminder_has_moved(first: FlowVersion, alice: User, bob: User) -> None:
    talk = guided(alice, bob)
    press(bob, talk, "ask", price="90")
    reminded(talk, MONDAY)
    press(alice, talk, "agree")
    line = last_of(talk)
    happened(line, MONDAY + timedelta(hours=1), DAY)
    FlowTransition.objects.filter(pk=line.pk).update(reason="timer:expire")

    assert [(each.sent, each.worked) for each in funnel("small").reminders] == [(1, 0)]


def test_versions_can_be_told_apart(talks: list[Conversation], staff: User, alice: User, bob: User) -> None:
    second = released(staff, bent("states.asked.title", "Wanted"))
    guided(alice, bob, "bid-new")

    assert [funnel([second.pk]).started, funnel("small").started] == [1, 6]
    assert of(funnel("small"), "asked").title == "Wanted"
    assert funnel([]).states == funnel("nothing").states == []
    assert funnel([drafted(staff).pk]).started == 0


def test_a_migration_is_a_way_out_and_in(talks: list[Conversation], first: FlowVersion, staff: User) -> None:
    second = released(staff, renamed())
    execute(
        MigrateRuns(
            actor=staff.pk,
            version_id=first.pk,
            to_version_id=second.pk,
            mapping={"asked": "wanted"},
            dry_run=False,
            reason="Better",
        )
    )
    old, new, both = funnel([first.pk]), funnel([second.pk]), funnel("small")

    assert of(old, "asked").edges[-1] == Edge(reason="staff:migrate", to_state=None, count=1, conversion=0.1667)
    assert [(each.state, each.entered, each.now) for each in new.states[:2]] == [("wanted", 1, 1), ("answered", 1, 1)]
    assert (of(both, "asked").left, of(both, "wanted").entered, of(both, "answered").left) == (6, 1, 3)
    for figures in (old, new, both):
        assert all(each.entered == each.left + each.now for each in figures.states)


def test_who_is_where(talks: list[Conversation], first: FlowVersion) -> None:
    assert occupancy([first.pk]) == {"answered": 1, "asked": 1, "left": 1, "real_time": 2}
    assert occupancy([first.pk], is_running=True) == {"answered": 1, "asked": 1}
