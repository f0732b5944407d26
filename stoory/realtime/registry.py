"""The one registry of events: what the contracts do, joined with the words that tell it. All documents come from it."""

from collections.abc import Iterator
from functools import lru_cache
from typing import Any

import msgspec

from stoory.documents.schemas import Components, Schema, example_of, resolved, schemas_of
from stoory.realtime.contracts.base import Contract
from stoory.realtime.contracts.chat import CHAT
from stoory.realtime.contracts.feed import FEED
from stoory.realtime.contracts.messenger import MESSENGER
from stoory.realtime.contracts.work import WORK
from stoory.realtime.contracts.workspace import WORKSPACE
from stoory.realtime.vocabulary.base import EVERY_ERROR, Hears, Refused, Says, Vocabulary
from stoory.realtime.vocabulary.chat import CHAT_WORDS
from stoory.realtime.vocabulary.feed import FEED_WORDS
from stoory.realtime.vocabulary.messenger import MESSENGER_WORDS
from stoory.realtime.vocabulary.work import WORK_WORDS
from stoory.realtime.vocabulary.workspace import WORKSPACE_WORDS


class Family(msgspec.Struct, frozen=True, kw_only=True):
    """A contract and its words."""

    contract: Contract
    words: Vocabulary

    @property
    def name(self) -> str:
        return self.contract.name


FAMILIES = (
    Family(contract=CHAT, words=CHAT_WORDS),
    Family(contract=WORK, words=WORK_WORDS),
    Family(contract=FEED, words=FEED_WORDS),
    Family(contract=MESSENGER, words=MESSENGER_WORDS),
    Family(contract=WORKSPACE, words=WORKSPACE_WORDS),
)


class Emitted(msgspec.Struct, frozen=True, kw_only=True):
    """An event that clients emit, described whole. `type_name` is unique among all families."""

    family: str
    name: str
    type_name: str
    says: Says
    payload: Schema
    ack: Schema
    refusal: Schema
    limit: str
    example: Any
    ack_example: Any
    refusal_example: Any

    @property
    def errors(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys((*self.says.errors, *EVERY_ERROR)))


class Heard(msgspec.Struct, frozen=True, kw_only=True):
    """An event that clients hear, described whole."""

    family: str
    name: str
    hears: Hears
    payload: Schema
    example: Any


class Registry(msgspec.Struct, frozen=True, kw_only=True):
    """Every event of every family, and the components that their schemas refer to."""

    emitted: tuple[Emitted, ...]
    heard: tuple[Heard, ...]
    components: Components


@lru_cache
def registry() -> Registry:
    """Return the registry; raises `LookupError` for an event of a contract that nothing is written about."""
    emits = [(family, name, says) for family in FAMILIES for name, says in _told(family)]
    hears = [(family, name, heard) for family in FAMILIES for name, heard in family.words.hears.items()]
    payloads = [family.contract.inbound[name].payload for family, name, _ in emits]
    acks = [says.ack for _, _, says in emits]
    schemas, components = schemas_of([*payloads, *acks, *(heard.payload for _, _, heard in hears), Refused])
    asked, acked, told = iter(schemas[: len(emits)]), iter(schemas[len(emits) :]), iter(schemas[2 * len(emits) :])
    emitted = [_emitted(*emit, next(asked), next(acked), schemas[-1], components) for emit in emits]
    heard = [_heard(*hear, next(told), components) for hear in hears]
    asked_names = {family.contract.inbound[name].payload.__name__ for family, name, _ in emits}
    shared = {name: schema for name, schema in components.items() if schema["title"] not in asked_names}
    return Registry(emitted=tuple(emitted), heard=tuple(heard), components=shared)


def _told(family: Family) -> Iterator[tuple[str, Says]]:
    for name in family.contract.inbound:
        if name not in family.words.says:
            raise LookupError(f"stoory/realtime/vocabulary/{family.name}.py says nothing of {name!r}")
        yield name, family.words.says[name]


def _emitted(
    family: Family, name: str, says: Says, payload: Schema, ack: Schema, refusal: Schema, components: Components
) -> Emitted:
    type_name = type_name_of(family.name, name)
    inlined = resolved(payload, components)
    return Emitted(
        family=family.name,
        name=name,
        type_name=type_name,
        says=says,
        payload=inlined | {"title": type_name, "description": says.summary},
        ack=ack,
        refusal=refusal,
        limit=family.contract.inbound[name].limit,
        example=says.example or example_of(payload, components),
        ack_example=example_of(ack, components),
        refusal_example=example_of(refusal, components),
    )


def _heard(family: Family, name: str, hears: Hears, payload: Schema, components: Components) -> Heard:
    example = example_of(payload, components)
    return Heard(family=family.name, name=name, hears=hears, payload=payload, example=example)


def type_name_of(family: str, event: str) -> str:
    """Return the name of a payload's type: `ChatSend` of chat's `chat:send`, `FeedTypingStart` of feed's."""
    words = [word.title() for word in event.replace(":", "_").split("_")]
    return "".join(words if words[0].lower() == family else [family.title(), *words])
