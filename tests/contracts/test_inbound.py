"""Every inbound event of every family: what it asks for, and how what is not its payload is refused.

The events come from the registry: one that `inbound.py` has no payload for fails here.
"""

from typing import Any
from uuid import UUID

import pytest

from stoory.commands import Command
from stoory.errors import Forbidden, InvalidPayload, UnknownEvent
from stoory.http import parse
from stoory.payloads import IDENTITY_KEYS
from stoory.realtime.contracts import CONTRACTS, workspace
from stoory.realtime.contracts.base import Join
from stoory.realtime.dispatch import choose
from tests.contracts.answers import unconnected
from tests.contracts.golden import FAMILIES
from tests.contracts.inbound import INBOUND, PROMISED, Asked, ask
from tests.contracts.samples import ALICE, BOB, CHANNEL, DIRECT, MESSAGE

EVENTS = [(contract.name, event) for contract in CONTRACTS for event in contract.inbound]
SAID = {(family, event): said for family, events in INBOUND.items() for event, said in events.items()}
VALID = [(*key, payload, asked) for key, said in SAID.items() for payload, asked in said.valid]
OBJECTS = [(family, event, payload) for family, event, payload, _ in VALID if isinstance(payload, dict)]
COMMANDS = [(family, event, payload) for family, event, payload, asked in VALID if isinstance(asked, Command)]
REQUIRED = [(*key, name) for key, said in SAID.items() for name in said.required]
WRONG = [(*key, name, value) for key, said in SAID.items() for name, values in said.wrong.items() for value in values]
NOT_OBJECTS: list[Any] = [None, 7, True, [{}], DIRECT]
NOT_IDS: list[Any] = [None, 7, True, [DIRECT], {"conversationId": DIRECT}]
NO_PAYLOADS = [
    (family, event, payload)
    for family, event in EVENTS
    for payload in (NOT_IDS if family == "messenger" else NOT_OBJECTS)
]

every_event = pytest.mark.parametrize(("family", "event"), EVENTS)


@pytest.fixture(autouse=True)
def promised_id(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fix the id that the workspace contract promises."""
    monkeypatch.setattr(workspace, "uuid7", lambda: UUID(PROMISED))


def test_every_event_of_the_registry_has_payloads_here() -> None:
    assert set(EVENTS) == set(SAID)


def test_every_key_of_a_payload_has_wrong_values_here() -> None:
    anything = {
        ("chat", "authenticate", "token"),
        ("chat", "chat:send", "attachments"),
        ("chat", "chat:action", "data"),
    }
    known = {(family, event, name) for family, event, name, _ in WRONG}
    assert {(family, event, name) for family, event, payload in OBJECTS for name in payload} == known | anything


@pytest.mark.parametrize(("family", "event", "payload", "asked"), VALID)
def test_it_asks_for_exactly_this(family: str, event: str, payload: Any, asked: Asked) -> None:
    assert ask(family, event, payload) == asked


@pytest.mark.parametrize(("family", "event", "payload"), OBJECTS)
def test_it_ignores_keys_that_it_does_not_know(family: str, event: str, payload: dict[str, Any]) -> None:
    assert ask(family, event, payload | {"unknown": {"a": 1}}) == ask(family, event, payload)


@pytest.mark.parametrize(("family", "event", "name"), REQUIRED)
def test_it_refuses_a_payload_without(family: str, event: str, name: str) -> None:
    payload = {key: value for key, value in SAID[family, event].valid[0][0].items() if key != name}
    with pytest.raises(InvalidPayload) as refused:
        ask(family, event, payload)
    assert refused.value.as_dict()["path"] == "$"
    assert f"`{name}`" in refused.value.message


@pytest.mark.parametrize(("family", "event", "name", "value"), WRONG)
def test_it_refuses_a_value_of_the_wrong_type(family: str, event: str, name: str, value: Any) -> None:
    with pytest.raises(InvalidPayload) as refused:
        ask(family, event, SAID[family, event].valid[0][0] | {name: value})
    assert refused.value.as_dict()["path"] == f"$.{name}"


@pytest.mark.parametrize(("family", "event", "payload"), NO_PAYLOADS)
def test_it_refuses_what_is_no_such_payload(family: str, event: str, payload: Any) -> None:
    with pytest.raises(InvalidPayload) as refused:
        ask(family, event, payload)
    assert refused.value.as_dict()["path"] == "$"


def test_it_tells_which_item_is_of_the_wrong_type() -> None:
    with pytest.raises(InvalidPayload) as refused:
        ask("chat", "chat:read", {"conversationId": DIRECT, "messageIds": [MESSAGE, 7]})
    assert refused.value.as_dict()["path"] == "$.messageIds[1]"


# Who speaks


@pytest.mark.parametrize(("family", "event", "payload"), OBJECTS)
def test_it_refuses_to_speak_for_somebody_else(family: str, event: str, payload: dict[str, Any]) -> None:
    for key in IDENTITY_KEYS:
        with pytest.raises(Forbidden):
            ask(family, event, payload | {key: BOB})


CLAIMING = [(family, event) for family, event in EVENTS if "userId" in SAID[family, event].wrong]


@pytest.mark.parametrize(("family", "event"), CLAIMING)
def test_a_route_with_a_user_id_refuses_a_foreign_one_by_itself(family: str, event: str) -> None:
    route = FAMILIES[family].inbound[event]
    foreign = parse(route.payload, {"conversationId": DIRECT, "userId": BOB})
    with pytest.raises(Forbidden):
        route.request(ALICE, foreign)


@pytest.mark.parametrize(("family", "event", "payload"), COMMANDS)
def test_a_command_speaks_for_the_token_s_user(family: str, event: str, payload: Any) -> None:
    asked = ask(family, event, payload, actor=BOB)
    assert isinstance(asked, Command)
    assert asked.actor == BOB


def test_only_joining_a_channel_makes_a_member() -> None:
    joins = [(family, event, asked) for family, event, _, asked in VALID if isinstance(asked, Join)]
    assert {(family, event) for family, event, asked in joins if asked.as_member} == {("workspace", "channel:join")}


@every_event
def test_only_authenticating_is_open_to_nobody(family: str, event: str) -> None:
    route = FAMILIES[family].inbound[event]
    assert (route.public, route.vital) == (event == "authenticate", event == "authenticate")


# Values that no type excludes

BAD_VALUES: dict[str, tuple[str, str, dict[str, Any], str]] = {
    "no text": ("chat", "chat:send", {"text": ""}, "text"),
    "blank text": ("chat", "chat:send", {"text": " \n"}, "text"),
    "long text": ("chat", "chat:send", {"text": "x" * 10_001}, "text"),
    "attachments that are none": ("chat", "chat:send", {"attachments": "a.png"}, "attachments"),
    "an empty nonce": ("chat", "chat:send", {"clientNonce": ""}, "client_nonce"),
    "a long tempId": ("chat", "chat:send", {"tempId": "t" * 129}, "temp_id"),
    "too many ids": ("chat", "chat:read", {"messageIds": ["id"] * 1_001}, "message_ids"),
    "no content": ("workspace", "message:send", {"content": ""}, "content"),
    "blank content": ("workspace", "message:send", {"content": " \n"}, "content"),
    "long content": ("workspace", "message:send", {"content": "x" * 10_001}, "content"),
    "content with NUL": ("workspace", "message:send", {"content": "a\x00b"}, "content"),
    "an empty tempId": ("workspace", "message:send", {"tempId": ""}, "temp_id"),
    "two emoji": ("workspace", "reaction:add", {"type": "👍👍"}, "type"),
    "a word for an emoji": ("workspace", "reaction:remove", {"type": "like"}, "type"),
}


@pytest.mark.parametrize("name", BAD_VALUES)
def test_it_refuses_a_bad_value(name: str) -> None:
    family, event, change, path = BAD_VALUES[name]
    with pytest.raises(InvalidPayload) as refused:
        ask(family, event, SAID[family, event].valid[0][0] | change)
    assert refused.value.details["path"] == path


# Which family is meant

MEANT: list[tuple[str, Any, str, str]] = [
    ("join_conversation", {"conversationId": DIRECT}, "", "feed"),
    ("join_conversation", DIRECT, "", "messenger"),
    ("join_conversation", DIRECT, "feed", "messenger"),
    ("leave_conversation", {"conversationId": DIRECT}, "messenger", "feed"),
    ("leave_conversation", DIRECT, "", "messenger"),
    ("typing_start", {"conversationId": DIRECT}, "", "chat"),
    ("typing_start", {"conversationId": DIRECT}, "feed", "feed"),
    ("typing_stop", {"conversationId": DIRECT}, "chat", "chat"),
    ("channel:join", {"channelId": CHANNEL}, "chat", "workspace"),
]


@pytest.mark.parametrize(("event", "payload", "spoken", "family"), MEANT)
def test_it_tells_by_the_payload_or_by_what_was_spoken_which_family_is_meant(
    event: str, payload: Any, spoken: str, family: str
) -> None:
    session = unconnected()
    session.speaks = spoken
    contract, route = choose(session, event, payload)
    assert (contract.name, route) == (family, FAMILIES[family].inbound[event])


def test_nobody_knows_an_event_of_no_family() -> None:
    with pytest.raises(UnknownEvent):
        choose(unconnected(), "chat:nonsense", {})
