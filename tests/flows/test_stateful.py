"""Anybody does anything at any time: the interpreter answers, keeps its promises, and loses no money."""

from collections import Counter
from datetime import timedelta
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from flows.cards import open_actions
from flows.interpreter import available, card
from flows.schema import PARTIES
from flows.simulation import Script, Simulation
from flows.snapshots import Elapse, Press, Receive, Refusal, Step
from tests.flows.players import SHIPPED, START_VALUES, answer

ROLES = ("influencer", "brand_owner", "staff")
ACTIONS = [*sorted({a.id for d in SHIPPED.values() for s in d.states.values() for a in s.actions}), "nonsense", ""]
EVENTS = ["payment.captured", "payment.failed", "payout.succeeded", "payout.failed", "campaign.cancelled", "nonsense"]
TIMERS = [*sorted({t.id for d in SHIPPED.values() for s in d.states.values() for t in s.timers}), "nonsense"]
REFUSALS = {
    "wrong_role",
    "stale_action",
    "not_available",
    "invalid_input",
    "unknown_action",
    "expired",
    "flow_ended",
    "ignored",
}
JSON: Any = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
FIELDS = st.sampled_from(["price", "note", "deadline", "work_url", "deliverables", "problem", "notes", "reason", "x"])


class Conversation(RuleBasedStateMachine):
    """A conversation, and the provider's books about it."""

    @initialize(key=st.sampled_from(list(SHIPPED)), given=st.sets(st.sampled_from(list(START_VALUES))))
    def begin(self, key: str, given: set[str]) -> None:
        definition = SHIPPED[key]
        context = {name: START_VALUES[name] for name in given if name in definition.context}
        context = {name: value for name, value in context.items() if definition.context[name].at_start}
        self.game = Simulation(definition, Script(context=context))
        self.books: Counter[str] = Counter()
        self.payments = 0
        self.took(self.game.steps[0])

    def do(self, trigger: Any) -> None:
        before = self.game.snapshot
        followed = self.game.do(trigger)
        if isinstance(followed, Refusal):
            assert followed.code in REFUSALS
            assert self.game.snapshot is before
            assert (followed.code == "invalid_input") <= bool(followed.fields)
        else:
            self.took(followed)

    def took(self, step: Step) -> None:
        is_reminder = step.record.reason.startswith("timer:") and not step.entered
        assert step.after.state_seq == step.before.state_seq + (not is_reminder)
        for party in PARTIES:
            assert sum(message.reaches(party) for message in step.messages) <= 1
        for message in step.messages:
            assert message.texts["en"]
            assert "{{" not in message.texts["en"]
            assert "\u2014" not in message.texts["en"], "nothing unset is shown"
            awaited = self.game.definition.states[step.after.state].awaiting
            assert not message.action_required or message.to == awaited
        for call in step.calls:
            assert None not in call.arguments.values()
            given_back = call.effect == "escrow.refund" and step.record.reason != "event:payment.captured"
            self.books["escrow.refund held" if given_back else call.effect] += 1

    @rule(data=st.data(), role=st.sampled_from(ROLES))
    def press(self, data: st.DataObject, role: str) -> None:
        actions = open_actions(self.game.definition, self.game.snapshot, role, self.game.now)
        if actions:
            action = data.draw(st.sampled_from(actions))
            given = {field.id: answer(field, self.game) for field in action.inputs}
            before = len(self.game.steps)
            self.do(Press(action=action.id, role=role, data=given, state_seq=self.game.snapshot.state_seq))
            assert len(self.game.steps) == before + 1, "an offered button works"

    @rule(
        action=st.sampled_from(ACTIONS) | st.text(max_size=10),
        role=st.sampled_from([*ROLES, "member", ""]),
        state_seq=st.none() | st.integers(),
        data=st.dictionaries(FIELDS, JSON, max_size=4) | JSON,
    )
    def press_anything(self, action: str, role: str, state_seq: int | None, data: Any) -> None:
        self.do(Press(action=action, role=role, state_seq=state_seq, data=data))

    @rule(event=st.sampled_from(EVENTS), data=JSON)
    def hear_garbage(self, event: str, data: Any) -> None:
        if event in ("payment.captured", "nonsense"):
            self.do(Receive(event=event, data=data if event == "nonsense" else {"payment_id": [data]}))

    @rule(event=st.sampled_from(EVENTS))
    def hear(self, event: str) -> None:
        """The provider reports what it was asked for, and the same payment never twice under another name."""
        if event == "payment.captured":
            if self.payments >= self.books["escrow.create_order"]:
                return
            self.payments += 1
        if event.startswith("payout") and not self.books["escrow.release"]:
            return
        self.do(Receive(event=event, data={"payment_id": f"p-{self.payments}"}))

    @rule(timer=st.sampled_from(TIMERS))
    def ring(self, timer: str) -> None:
        self.do(Elapse(timer=timer))

    @rule(hours=st.sampled_from([1, 13, 25, 73, 24 * 8, 24 * 40]))
    def wait(self, hours: int) -> None:
        for step in self.game.advance(timedelta(hours=hours)):
            self.took(step)

    @invariant()
    def the_state_is_known_and_awaits_somebody_who_can_act(self) -> None:
        snapshot, definition = self.game.snapshot, self.game.definition
        state = definition.states[snapshot.state]
        assert snapshot.context.keys() == definition.context.keys()
        if state.awaiting:
            assert available(definition, snapshot, state.awaiting, self.game.now)
        for role in ROLES:
            card(definition, snapshot, role, self.game.now)

    @invariant()
    def counters_are_bounded(self) -> None:
        context, limits = self.game.snapshot.context, self.game.definition.limits
        assert context["round"] <= limits["max_rounds"]
        assert context["revisions"] <= limits["max_revisions"]
        assert context["payment_attempts"] <= limits["max_payment_attempts"]

    @invariant()
    def the_money_balances(self) -> None:
        state, books = self.game.snapshot.state, self.books
        assert books["escrow.hold"] + books["escrow.refund"] == self.payments
        assert books["escrow.hold"] <= 1
        assert books["escrow.release"] + books["escrow.refund held"] <= books["escrow.hold"]
        if state == "real_time":
            assert books["escrow.release"] == 1
        elif self.game.definition.states[state].final:
            assert books["escrow.refund held"] == books["escrow.hold"]

    @invariant()
    def an_end_is_an_end(self) -> None:
        if self.game.definition.states[self.game.snapshot.state].final:
            assert self.game.alarms == []
            for role in ROLES:
                assert available(self.game.definition, self.game.snapshot, role, self.game.now) == []


TestConversation = Conversation.TestCase
TestConversation.settings = settings(
    max_examples=60, stateful_step_count=40, deadline=None, suppress_health_check=list(HealthCheck), database=None
)
