"""A played step in words, and as data: what each party sees, what is asked of the world."""

from collections.abc import Iterator
from typing import Any

import msgspec

from flows.interpreter import available
from flows.schema import PARTIES
from flows.simulation import Simulation
from flows.snapshots import Message, Refusal, Step
from flows.texts import FALLBACK
from stoory.times import iso

ROLES = (*PARTIES, "staff")


def spoken(answer: Step | Refusal, locale: str = FALLBACK) -> str:
    """Return a step, or why there was none, as lines of text."""
    return "\n".join(_refused(answer) if isinstance(answer, Refusal) else _stepped(answer, locale))


def entry(game: Simulation, answer: Step | Refusal) -> dict[str, Any]:
    """Return a step, or why there was none, as data."""
    if isinstance(answer, Refusal):
        return {"refusal": msgspec.to_builtins(answer)}
    return {
        "at": iso(game.now),
        "reason": answer.record.reason,
        "state": answer.after.state,
        "state_seq": answer.after.state_seq,
        "messages": {party: [_data(each) for each in answer.messages if each.reaches(party)] for party in PARTIES},
        "effects": [msgspec.to_builtins(call) for call in answer.calls],
        "timers": [{"id": alarm.timer, "kind": alarm.kind, "due_at": iso(alarm.due_at)} for alarm in game.alarms],
    }


def buttons(game: Simulation, locale: str = FALLBACK) -> str:
    """Return what each role may press now."""
    lines = [f"{iso(game.now)}  {game.snapshot.state}"]
    for role in ROLES:
        for button in available(game.definition, game.snapshot, role, game.now, locale):
            asked = "".join(f" {field['id']}{'' if field['required'] else '?'}=" for field in button["inputs"])
            lines.append(f"  [{role} {button['action']}{asked}]  {button['text']}")
    return "\n".join(lines)


def _refused(refusal: Refusal) -> Iterator[str]:
    yield f"  refused: {refusal.code}: {refusal.message}"
    yield from (f"    {name} {message}" for name, message in refusal.fields.items())


def _stepped(step: Step, locale: str) -> Iterator[str]:
    came_from = f"{step.record.from_state} → " if step.entered and step.record.from_state else ""
    yield f"{step.record.reason}: {came_from}{step.after.state} (#{step.after.state_seq})"
    for message in step.messages:
        for party in PARTIES:
            if message.reaches(party):
                yield f"  {party:<12} | {_text(message, locale)}{'  [buttons]' if message.action_required else ''}"
    yield from (f"  effect       | {call.effect} {call.arguments}" for call in step.calls)


def _text(message: Message, locale: str) -> str:
    return message.texts.get(locale, message.texts[FALLBACK]).replace("\n", " / ")


def _data(message: Message) -> dict[str, Any]:
    return {"texts": message.texts, "kind": message.kind, "action_required": message.action_required}
