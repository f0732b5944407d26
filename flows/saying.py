"""The messages of a step: at most one for each party, the awaited party's buttons on the one that it gets."""

from msgspec.structs import replace

from flows.schema import PARTIES, Definition, Party, Say, Text, Transition
from flows.scopes import Scope
from flows.snapshots import Message, Snapshot, state_of
from flows.templates import render
from flows.texts import translations


def messages(
    definition: Definition, after: Snapshot, transition: Transition, scope: Scope, *, is_reminder: bool
) -> tuple[Message, ...]:
    """Return what the parties read.

    A reminder leaves the buttons where they are. Any other step makes them old, so that whoever is awaited and was told
    nothing reads its prompt (again), with new ones.
    """
    said = [_message(definition, say, scope) for say in transition.say]
    awaited = state_of(definition, after).awaiting
    if is_reminder or awaited is None:
        return tuple(said)
    if any(message.reaches(awaited) for message in said):
        return tuple(part for message in said for part in _with_buttons(message, awaited))
    prompt = state_of(definition, after).prompt.get(awaited)
    if prompt is None:
        return tuple(said)
    texts = _texts(definition, prompt.text, after.scope(definition))
    return (*said, Message(to=awaited, texts=texts, action_required=True))


def _with_buttons(message: Message, awaited: Party) -> list[Message]:
    """A message to both splits in two: only one side gets buttons."""
    if not message.reaches(awaited):
        return [message]
    others = [replace(message, to=party) for party in PARTIES if message.to == "both" and party != awaited]
    return [*others, replace(message, to=awaited, action_required=True)]


def _message(definition: Definition, say: Say, scope: Scope) -> Message:
    return Message(to=say.to, texts=_texts(definition, say.text, scope), kind=say.kind)


def _texts(definition: Definition, text: Text, scope: Scope) -> dict[str, str]:
    return {locale: render(definition, translation, scope) for locale, translation in translations(text).items()}
