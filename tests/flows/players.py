"""Players of flows: answers that fit any input, walks to a state, a small flow to bend."""

import copy
from datetime import date, timedelta
from typing import Any

from flows.checks import check_document
from flows.checks.exploration import Configuration, Exploration
from flows.decoding import decode
from flows.definitions import load
from flows.graph import Site
from flows.guards import UNKNOWN
from flows.inputs import bounds
from flows.schema import (
    Action,
    ChoiceInput,
    DateInput,
    Definition,
    Event,
    FileInput,
    Input,
    MoneyInput,
    NumberInput,
    TextInput,
)
from flows.simulation import Script, Simulation
from flows.snapshots import Refusal, Step

TODAY = date(2026, 1, 5)
START_VALUES = {
    "proposed_amount": "12000.00",
    "fixed_fee": "8000.00",
    "deliverables": "One reel of 30 seconds",
    "deadline": "2026-02-01",
    "publish_on": "2026-02-10",
    "usage_rights": "d30",
}


def follows(answer: Step | Refusal) -> Step:
    """The answer, which must not be a refusal."""
    assert isinstance(answer, Step), answer
    return answer


def refused(answer: Step | Refusal) -> Refusal:
    """The answer, which must be a refusal."""
    assert isinstance(answer, Refusal), answer
    return answer


def play(definition: Definition, *presses: tuple[Any, ...], **context: Any) -> Simulation:
    """A conversation after buttons were pressed (role, action, answers) and events came (name, values)."""
    game = Simulation(definition, Script(context=context))
    for first, *rest in presses:
        if "." in first:
            follows(game.receive(first, **(rest[0] if rest else {})))
        else:
            follows(game.press(first, rest[0], **(rest[1] if len(rest) > 1 else {})))
    return game


def answer(field: Input, game: Simulation) -> Any:
    """An answer that the input takes now."""
    limits = bounds(field, game.snapshot.scope(game.definition), game.now.date() + timedelta(days=1))
    match field:
        case MoneyInput() | DateInput():
            return limits.min if limits else None
        case NumberInput(min=least):
            return least
        case TextInput(format=form, min_length=least):
            return {"url": "https://example.org/post", "email": "a@example.org"}.get(form, "words " * (least // 6 + 1))
        case ChoiceInput(options=options):
            return [options[0].value] if field.multiple else options[0].value
        case FileInput():
            return ["file-1"]
    return True


def take(game: Simulation, site: Site, number: int = 0) -> Step:
    """Take a transition, whatever that needs: answers, a payment of its own, time."""
    match site.transition:
        case Action(inputs=inputs, roles=roles, id=name):
            return follows(game.press(roles[0], name, **{field.id: answer(field, game) for field in inputs}))
        case Event(event=name):
            return follows(game.receive(name, payment_id=f"payment-{number}"))
    alarm = next(alarm for alarm in game.alarms if alarm.timer == site.id)
    fired = game.advance(alarm.due_at - game.now)
    return next(step for step in fired if step.record.reason == f"timer:{site.id}")


def replay(definition: Definition, exploration: Exploration, to: Configuration) -> Simulation:
    """Play the shortest way to a configuration that the checks found."""
    given = dict(zip(exploration.tracked, exploration.start_of(to).values, strict=True))
    context = {name: START_VALUES[name] for name, value in given.items() if value is UNKNOWN}
    game = Simulation(definition, Script(context=context))
    for number, site in enumerate(exploration.path_to(to)):
        take(game, site, number)
    return game


SMALL: dict[str, Any] = {
    "schema": "stoory.flow/1",
    "key": "small",
    "title": "A small flow",
    "conversation_type": "bid",
    "currency": "INR",
    "initial": "asked",
    "limits": {"rounds": 2},
    "context": {
        "price": {"type": "money"},
        "day": {"type": "date"},
        "round": {"type": "int", "initial": 0},
        "note": {"type": "text", "at_start": "optional"},
    },
    "states": {
        "asked": {
            "title": "Asked",
            "phase": "price",
            "awaiting": "influencer",
            "prompt": {"influencer": {"title": "Your price", "text": "What do you ask, {{influencer.name}}?"}},
            "actions": [
                {
                    "id": "ask",
                    "role": "influencer",
                    "label": "Ask",
                    "inputs": [
                        {"type": "money", "id": "price", "label": "Price", "min": "10", "max": "500"},
                        {"type": "date", "id": "day", "label": "Day", "required": False},
                    ],
                    "to": "answered",
                    "do": {"set": {"price": "input.price", "day": "input.day"}, "inc": ["round"]},
                    "say": [{"to": "brand_owner", "text": "{{influencer.name}} asks for {{input.price|money}}."}],
                },
                {"id": "leave", "role": "influencer", "label": "Leave", "style": "danger", "to": "left"},
            ],
            "timers": [{"id": "expire", "after": "P3D", "to": "late"}],
        },
        "answered": {
            "title": "Answered",
            "phase": "price",
            "awaiting": "brand_owner",
            "prompt": {"brand_owner": {"title": "Agree?", "text": "For {{ctx.price|money}}?"}},
            "actions": [
                {"id": "agree", "role": "brand_owner", "label": "Agree", "to": "real_time"},
                {
                    "id": "refuse",
                    "role": "brand_owner",
                    "label": "Ask again",
                    "when": {"all": [{"var": "ctx.round", "op": "lt", "value": {"var": "limits.rounds"}}]},
                    "to": "asked",
                },
            ],
            "timers": [
                {"id": "remind", "kind": "reminder", "after": "P1D", "say": [{"to": "both", "text": "Still open."}]},
                {"id": "expire", "after": "P3D", "to": "late"},
            ],
        },
        "real_time": {"title": "Chat", "phase": "done", "chat": "real_time", "outcome": "won"},
        "left": {"title": "Left", "phase": "done", "outcome": "lost"},
        "late": {"title": "Late", "phase": "done", "outcome": "expired"},
    },
}


def bent(path: str, value: Any) -> dict[str, Any]:
    """The small flow with one value changed, added, or (`...`) removed; `path` is like `states.asked.actions.0.to`."""
    document = copy.deepcopy(SMALL)
    *parents, last = path.split(".")
    part: Any = document
    for name in parents:
        part = part[int(name)] if isinstance(part, list) else part[name]
    if value is ...:
        del part[int(last) if isinstance(part, list) else last]
    elif isinstance(part, list) and int(last) == len(part):
        part.append(value)
    else:
        part[int(last) if isinstance(part, list) else last] = value
    return document


def small() -> Definition:
    return decode(SMALL)


def findings(document: Any) -> list[str]:
    """What the checks say about a document."""
    return [str(finding) for finding in check_document(document).findings]


SHIPPED = {key: load(key) for key in ("bid", "campaign")}
