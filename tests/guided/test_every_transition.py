"""Generated walks over REST: the shortest way to every state and over every transition, by real users.

Each step is held against the interpreter's own word for it: where it leads, what each party reads and may press, in
which order it is told, and what is asked of the world. The ways share their beginnings, and so each step is taken once:
before each branch the database is put back.
"""

import copy
from collections.abc import Iterator
from typing import Any

import pytest

from flows.checks.exploration import Configuration
from flows.graph import Site, sites
from flows.interpreter import card
from flows.schema import PARTIES, Action, Event
from flows.simulation import Script, Simulation
from flows.snapshots import Message, People, Step
from stoory.accounts.models import SYSTEM_USER_ID
from stoory.times import utc_now
from tests.flows.players import SHIPPED, START_VALUES
from tests.flows.test_paths import EXPLORED, first_move
from tests.guided.answers import answers_to
from tests.guided.days import DEADLINE, PUBLISHING
from tests.guided.game import OTHER, Game, Start
from tests.guided.secrets import secrets_of
from tests.talk import undone

START_DATES = {"deadline": DEADLINE.isoformat(), "publish_on": PUBLISHING.isoformat()}


class Branch:
    """The transitions that are to be taken from one place, in the order of the document."""

    def __init__(self) -> None:
        self.onward: dict[str, tuple[Site, Branch]] = {}

    def grow(self, path: list[Site]) -> None:
        branch = self
        for site in path:
            branch = branch.onward.setdefault(site.path, (site, Branch()))[1]


def tree(key: str) -> Iterator[tuple[dict[str, Any], Branch]]:
    """Yield, for each way to begin, all that is to be taken from there."""
    exploration = EXPLORED[key]
    found: dict[Configuration, Branch] = {}
    for site in sites(SHIPPED[key]):
        here, _ = first_move(key, site)
        begin = exploration.start_of(here)
        found.setdefault(begin, Branch()).grow([*exploration.path_to(here), site])
    for begin, branch in found.items():
        values = zip(exploration.tracked, begin.values, strict=True)
        given = {name for name, value in values if value is not None and name in START_VALUES}
        yield {name: (START_VALUES | START_DATES)[name] for name in given}, branch


def test_a_tree_holds_every_transition() -> None:
    def all_of(branch: Branch) -> Iterator[str]:
        for path, (_, onward) in branch.onward.items():
            yield path
            yield from all_of(onward)

    for key, definition in SHIPPED.items():
        taken = {path for _, branch in tree(key) for path in all_of(branch)}
        assert taken == {site.path for site in sites(definition)}


@pytest.mark.slow
@pytest.mark.timeout(240)
@pytest.mark.parametrize("key", SHIPPED)
def test_every_transition_is_taken_by_rest(start: Start, key: str) -> None:
    for context, branch in tree(key):
        with undone():
            game = start(key, **context)
            alice, bob = (game.players[role].user.display_name for role in ("brand_owner", "influencer"))
            people = People(brand_owner=alice, influencer=bob, conversation="Cold brew reel")
            played = Simulation(SHIPPED[key], Script(context=context, people=people, now=utc_now()))
            check_step(game, played.steps[-1], 0, None)
            walk(game, played, branch, 0)


def walk(game: Game, played: Simulation, branch: Branch, depth: int) -> None:
    for site, onward in branch.onward.values():
        with undone():
            ahead = copy.deepcopy(played)
            last_seq = game.conversation.last_seq
            actor = take(game, ahead, site, depth)
            fired = ahead.steps[len(played.steps) :]
            check_step(game, fired[-1], last_seq, actor, *fired[:-1])
            walk(game, ahead, onward, depth + 1)


def take(game: Game, played: Simulation, site: Site, depth: int) -> str | None:
    """Take a transition in the conversation and in the simulation alike; return the party that acted."""
    match site.transition:
        case Action(roles=roles, id=name) if "staff" in roles:
            game.decide(name)
            played.press("staff", name)
        case Action(roles=roles, id=name):
            button = game.button(roles[0], name)
            assert button is not None, f"{roles[0]} is not shown {name}"
            answers = answers_to(button)
            seq = played.snapshot.state_seq
            assert game.attempt(roles[0], name, answers, state_seq=seq).json()["replayed"] is False
            played.press(roles[0], name, **answers)
            return roles[0]
        case Event(event=name):
            data = {"payment_id": f"payment-{depth}"} if name == "payment.captured" else {}
            game.report(name, **data)
            played.receive(name, **data)
        case _:
            game.wait_for(site.id)
            alarm = next(alarm for alarm in played.alarms if alarm.timer == site.id)
            played.advance(alarm.due_at - played.now)
    return None


class View:
    """What a party was told by a step, and what it is shown after it."""

    def __init__(self, game: Game, role: str, last_seq: int) -> None:
        self.role = role
        self.user_id = game.players[role].user.pk
        self.told = game.log(role, last_seq)
        self.card = game.card(role)
        self.context = game.get(role, "context")["context"]
        self.messages = game.messages(role)


def check_step(game: Game, step: Step, last_seq: int, actor: str | None, *before: Step) -> None:
    """Hold what a step has left behind against the interpreter's word; `before` it reminders may have come."""
    state = SHIPPED[game.kind].states[step.after.state]
    now = game.conversation
    assert (now.flow_state, now.state_seq) == (step.after.state, step.after.state_seq)
    assert (now.awaiting_role, now.chat_status) == (state.awaiting, state.chat_status)
    steps = [*before, step]
    calls = [(call.effect, call.arguments) for each in steps for call in each.calls]
    assert game.effects[len(game.effects) - len(calls) :] == calls
    views = [View(game, role, last_seq) for role in PARTIES]
    assert {event["seq"] for view in views for event in view.told} == set(range(last_seq + 1, now.last_seq + 1))
    for view in views:
        assert [event["event"] for event in view.told] == [
            name for each in steps for name in names_of(each, view.role, actor if each is step else None)
        ]
        check_messages(view, steps)
        check_card(view, card(SHIPPED[game.kind], step.after, view.role, utc_now()))
        shown = str(vars(view))
        assert not [secret for secret in secrets_of(game, OTHER[view.role]) if secret in shown]


def names_of(step: Step, role: str, actor: str | None) -> Iterator[str]:
    """Yield how a party is told of a step, in the order of the log."""
    for message in step.messages:
        if message.to in (role, "both"):
            yield "chat:automated"
    if step.after.state_seq != step.before.state_seq:
        is_same = step.after.state == step.before.state and step.before.state_seq > 0
        yield "chat:actions_renewed" if is_same else "conversation_state_changed"
    if role == actor:
        yield "chat:action_done"


def check_messages(view: View, steps: list[Step]) -> None:
    heard = [event["payload"] for event in view.told if event["event"] == "chat:automated"]
    mine = [(step, message) for step in steps for message in step.messages if message.to in (view.role, "both")]
    assert [each["message"]["message"] for each in heard] == [message.texts["en"] for _, message in mine]
    assert [each["reason"] for each in heard] == [step.record.reason for step, _ in mine]
    for each, (_, message) in zip(heard, mine, strict=True):
        check_message(view, each["message"], message)


def check_message(view: View, told: dict[str, Any], message: Message) -> None:
    assert (told["sender_id"], told["is_automated"]) == (SYSTEM_USER_ID, True)
    assert told["receiver_id"] == (None if message.to == "both" else view.user_id)
    assert told["action_required"] is message.action_required
    assert told["action_data"] == (view.card["current_action_data"] if message.action_required else None)


def check_card(view: View, expected: Any) -> None:
    """A party is shown the buttons that the interpreter gives it, wherever it looks."""
    buttons = expected["buttons"] if expected else []
    assert [button["id"] for button in view.card["actions"]] == [button["id"] for button in buttons]
    assert view.context["conversation"]["current_action_data"] == view.card["current_action_data"]
    assert view.context["prompts"]["actions"] == view.card["actions"]
    assert view.context["state"]["can_act"] is bool(buttons or view.card["chat_status"] == "real_time")
