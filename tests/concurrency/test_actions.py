"""Many act on one guided conversation at once: one step is taken, and everybody else is told what became of theirs."""

from collections.abc import Callable
from datetime import timedelta
from threading import Event
from typing import Any

import pytest
from django.db import connection, transaction

from conversations.models import Conversation, ConversationEvent
from flows import staging
from flows.commands import Delivery, PerformAction, ReceiveProviderEvent, Stepped
from flows.models import FlowEffect, FlowRun, FlowTransition
from flows.oversight import shift
from flows.services import fire_timer
from messaging.models import Message
from stoory.accounts.models import SYSTEM_USER_ID, User
from stoory.commands import Command, execute
from stoory.errors import DomainError
from tests.concurrency.threads import at_once
from tests.guided.days import DEADLINE
from tests.talk import hearing, read

pytestmark = pytest.mark.slow

Outcome = Stepped | list[Delivery] | DomainError
CONNECTED: list[Any] = [("bob", "accept_connection", {})]
PRICING = [
    *CONNECTED,
    ("alice", "send_project_details", {"deliverables": "One reel of 30 s", "deadline": DEADLINE.isoformat()}),
    ("bob", "accept_project", {}),
]
AGREED = [*PRICING, ("alice", "send_price_offer", {"price": "9000"}), ("bob", "accept_price", {})]


def pressing(who: User, conversation: Conversation, action: str, data: Any = None, **more: Any) -> PerformAction:
    """The command to press a button of the step that the conversation is in now, unless told otherwise."""
    more.setdefault("state_seq", Conversation.objects.get(pk=conversation.pk).state_seq)
    return PerformAction(actor=who.pk, conversation_id=str(conversation.pk), action=action, data=data, **more)


def reporting(conversation: Conversation, event_id: str, event: str = "payment.captured") -> ReceiveProviderEvent:
    return ReceiveProviderEvent(
        actor=SYSTEM_USER_ID,
        event_id=event_id,
        event=event,
        conversation_id=str(conversation.pk),
        data={"payment_id": "p-1"} if event == "payment.captured" else {},
    )


def doing(command: Command[Any]) -> Callable[[], Outcome]:
    """A job that does what a command asks for, or returns why not."""

    def job() -> Outcome:
        try:
            outcome: Outcome = execute(command)
        except DomainError as error:
            return error
        return outcome

    return job


def code(outcome: Outcome) -> str:
    """How a press has ended, in a word."""
    match outcome:
        case DomainError(code=refused):
            return refused
        case Stepped(replayed=replayed):
            return "replayed" if replayed else "taken"
    return "delivered"


Play = Callable[[list[Any]], Conversation]


@pytest.fixture
def play(bid: Conversation, alice: User, bob: User) -> Play:
    """Let the two press one button after the other."""

    def along(lines: list[Any]) -> Conversation:
        for name, action, data in lines:
            execute(pressing({"alice": alice, "bob": bob}[name], bid, action, data))
        return bid

    return along


def check_log(conversation: Conversation) -> None:
    """The log has no hole, and each of its messages one place."""
    entries = ConversationEvent.objects.filter(conversation=conversation).order_by("seq")
    last_seq = Conversation.objects.get(pk=conversation.pk).last_seq
    assert [entry.seq for entry in entries] == list(range(1, last_seq + 1))
    said = [entry.seq for entry in entries if entry.kind == "message"]
    assert said == list(Message.objects.filter(conversation=conversation).order_by("seq").values_list("seq", flat=True))


def steps(conversation: Conversation) -> list[str]:
    log = FlowTransition.objects.filter(run=conversation.pk).order_by("pk")
    return list(log.values_list("reason", flat=True))


# Two parties


@pytest.mark.parametrize("_", range(5))
def test_one_of_two_parties_is_first(bid: Conversation, alice: User, bob: User, _: int) -> None:
    commands = [pressing(alice, bid, "withdraw"), pressing(bob, bid, "accept_connection")]
    with hearing() as heard:
        codes = [code(outcome) for outcome in at_once([doing(command) for command in commands])]

    assert sorted(codes) == ["stale_action", "taken"]
    assert steps(bid) == ["start", f"action:{commands[codes.index('taken')].action}"]
    assert [event.seq for event in heard] == list(range(3, Conversation.objects.get().last_seq + 1))
    check_log(bid)


@pytest.mark.parametrize("_", range(3))
def test_two_who_report_a_problem_open_one_ticket(play: Play, alice: User, bob: User, _: int) -> None:
    bid = play(AGREED)
    execute(reporting(bid, "e1"))
    problem = {"problem": "Nobody answers me"}
    commands = [pressing(who, bid, "report_problem", problem) for who in (alice, bob)]
    outcomes = at_once([doing(command) for command in commands])

    assert sorted(map(code, outcomes)) == ["stale_action", "taken"]
    [refused] = [outcome for outcome in outcomes if isinstance(outcome, DomainError)]
    assert refused.details["current"]["flow_state"] == "dispute"
    assert FlowEffect.objects.filter(name="support.open_ticket").count() == 1
    check_log(bid)


# Double clicks


@pytest.mark.parametrize("nonce", ["n1", None])
@pytest.mark.parametrize(
    ("lines", "name", "action"), [([], "bob", "accept_connection"), (AGREED, "alice", "proceed_to_payment")]
)
def test_six_clicks_are_one(
    play: Play, alice: User, bob: User, lines: list[Any], name: str, action: str, nonce: str | None
) -> None:
    bid = play(lines)
    who = {"alice": alice, "bob": bob}[name]
    before, last_seq = steps(bid), Conversation.objects.get().last_seq
    effects = FlowEffect.objects.count()
    command = pressing(who, bid, action, client_nonce=nonce)
    with hearing() as heard:
        outcomes = at_once([doing(command)] * 6)

    assert sorted(map(code, outcomes)) == ["replayed"] * 5 + ["taken"]
    assert len({outcome.state_seq for outcome in outcomes if isinstance(outcome, Stepped)}) == 1
    assert steps(bid) == [*before, f"action:{action}"]
    assert FlowEffect.objects.count() == effects + (action == "proceed_to_payment")
    assert [event.seq for event in heard] == list(range(last_seq + 1, Conversation.objects.get().last_seq + 1))
    check_log(bid)


def test_a_nonce_is_one_action_s(bid: Conversation, bob: User) -> None:
    actions = ["accept_connection", "reject_connection"] * 3
    commands = [pressing(bob, bid, action, client_nonce="n1") for action in actions]
    codes = [code(outcome) for outcome in at_once([doing(command) for command in commands])]

    assert sorted(codes) == ["nonce_reused"] * 3 + ["replayed"] * 2 + ["taken"]
    assert len(steps(bid)) == 2


# Time


@pytest.mark.parametrize("_", range(5))
def test_a_press_and_two_workers_expire_it_once(bid: Conversation, alice: User, bob: User, _: int) -> None:
    run = FlowRun.objects.get(pk=bid.pk)
    commands = [pressing(bob, bid, "accept_connection"), pressing(alice, bid, "withdraw")]
    shift(run, -timedelta(days=3, seconds=1))
    timer = run.timers.get(name="expire").pk
    with hearing() as heard:
        jobs: list[Callable[[], Any]] = [*(doing(command) for command in commands), *[lambda: fire_timer(timer)] * 2]
        *pressed, first, second = at_once(jobs)

    assert [code(outcome) for outcome in pressed] == ["expired", "expired"]
    assert [first, second].count(True) <= 1
    assert steps(bid) == ["start", "timer:expire"]
    assert [event.seq for event in heard] == list(range(3, Conversation.objects.get().last_seq + 1))
    check_log(bid)


def test_two_workers_remind_once(bid: Conversation) -> None:
    run = FlowRun.objects.get(pk=bid.pk)
    shift(run, -timedelta(days=1, seconds=1))
    timer = run.timers.get(name="remind").pk
    fired = at_once([lambda: fire_timer(timer)] * 4)

    assert fired.count(True) == 1
    assert steps(bid) == ["start", "timer:remind"]
    check_log(bid)


# The world


def test_a_redelivered_event_is_taken_once(play: Play) -> None:
    bid = play(AGREED)
    before = steps(bid)
    with hearing() as heard:
        outcomes = at_once([doing(reporting(bid, "e1"))] * 5)

    deliveries = [delivery for outcome in outcomes if isinstance(outcome, list) for delivery in outcome]
    assert sorted(delivery.replayed for delivery in deliveries) == [False, True, True, True, True]
    assert len({delivery.step.state_seq for delivery in deliveries if delivery.step}) == 1
    assert steps(bid) == [*before, "event:payment.captured"]
    assert list(FlowEffect.objects.values_list("name", flat=True)) == ["escrow.hold"]
    assert len({event.seq for event in heard}) == len(heard)
    check_log(bid)


def test_one_payment_in_several_events_is_held_once(play: Play) -> None:
    bid = play(AGREED)
    at_once([doing(reporting(bid, f"e{number}")) for number in range(5)])

    assert list(FlowEffect.objects.values_list("name", flat=True)) == ["escrow.hold"]
    assert Conversation.objects.get().flow_state == "work_in_progress"


def test_a_late_payment_in_several_events_is_given_back_once(play: Play) -> None:
    bid = play([*AGREED, ("alice", "cancel", {})])
    at_once([doing(reporting(bid, f"e{number}")) for number in range(5)])

    assert list(FlowEffect.objects.order_by("pk").values_list("name", flat=True)) == ["escrow.void", "escrow.refund"]
    check_log(bid)


@pytest.mark.parametrize("_", range(3))
def test_a_payment_and_a_cancellation_leave_no_money_behind(play: Play, alice: User, _: int) -> None:
    bid = play([*AGREED, ("alice", "proceed_to_payment", {})])
    cancel = pressing(alice, bid, "cancel")
    cancelled, _delivered = at_once([doing(cancel), doing(reporting(bid, "e1"))])

    effects = list(FlowEffect.objects.order_by("pk").values_list("name", flat=True))[1:]
    if code(cancelled) == "taken":
        assert (Conversation.objects.get().flow_state, effects) == ("closed", ["escrow.void", "escrow.refund"])
    else:
        assert code(cancelled) == "stale_action"
        assert (Conversation.objects.get().flow_state, effects) == ("work_in_progress", ["escrow.hold"])


# All of it


def test_whoever_does_whatever_nobody_waits_for_ever(play: Play, alice: User, bob: User) -> None:
    bid = play([*AGREED, ("alice", "proceed_to_payment", {})])
    last = Message.objects.filter(visible_to=None).first() or Message.objects.latest("seq")
    jobs: list[Callable[[], Any]] = [
        doing(pressing(alice, bid, "cancel")),
        doing(pressing(alice, bid, "proceed_to_payment")),
        doing(reporting(bid, "e1")),
        doing(reporting(bid, "e2", "payment.failed")),
        lambda: read(alice, bid),
        lambda: read(bob, bid),
        lambda: read(bob, bid, up_to_message_id=str(last.pk)),
        lambda: fire_timer(FlowRun.objects.get().timers.latest("pk").pk),
    ]
    at_once(jobs)
    check_log(bid)


@pytest.mark.postgres
def test_it_does_not_wait_long_for_somebody_else(bid: Conversation, bob: User, monkeypatch: Any) -> None:
    monkeypatch.setattr(staging, "LOCK_SECONDS", 0.2)
    held, answered = Event(), Event()
    command = pressing(bob, bid, "accept_connection", client_nonce="n1")

    def hold() -> None:
        with transaction.atomic():
            Conversation.objects.locked().get(pk=bid.pk)
            held.set()
            assert answered.wait(10)

    def press() -> str:
        assert held.wait(10)
        try:
            return code(doing(command)())
        finally:
            answered.set()

    assert at_once([hold, press]) == [None, "busy"]
    assert connection.in_atomic_block is False
    assert code(doing(command)()) == "taken"
