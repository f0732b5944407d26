"""The AsyncAPI document: every event, whole, by the rules of the format, for anybody."""

import re
from typing import Any

import pytest
from jsonschema import Draft7Validator, Draft202012Validator
from rest_framework.test import APIClient

from stoory.realtime.asyncapi import document
from stoory.realtime.contracts import CONTRACTS
from stoory.realtime.event_pages import anchor
from stoory.realtime.registry import registry
from tests.contracts.schemas import references

REFERENCE = {"type": "object", "required": ["$ref"], "additionalProperties": False, "properties": {"$ref": {}}}
TEXT = {"type": "string", "minLength": 1}


def part(required: dict[str, Any], **optional: Any) -> dict[str, Any]:
    """A part of a document as AsyncAPI 3 tells it: what must be there, what may be, and extensions."""
    known = {**required, **optional}
    return {
        "type": "object",
        "required": list(required),
        "properties": known,
        "patternProperties": {"^x-": {}},
        "additionalProperties": False,
    }


def many(of: Any) -> dict[str, Any]:
    """Parts of a kind by their keys."""
    return {"type": "object", "patternProperties": {r"^[A-Za-z0-9_.-]+$": of}, "additionalProperties": False}


EXAMPLE = part({"payload": {}}, name=TEXT, summary=TEXT)
MESSAGE = part(
    {"payload": {"type": "object"}},
    name=TEXT,
    title=TEXT,
    summary=TEXT,
    examples={"type": "array", "minItems": 1, "items": EXAMPLE},
)
MESSAGES = {"type": "array", "minItems": 1, "uniqueItems": True, "items": REFERENCE}
ASYNCAPI = part(
    {"asyncapi": {"const": "3.0.0"}, "info": part({"title": TEXT, "version": TEXT}, description=TEXT)},
    defaultContentType=TEXT,
    servers=many(
        part(
            {"host": {"type": "string", "pattern": "^[^/]+$"}, "protocol": {"enum": ["ws", "wss"]}},
            pathname={"type": "string", "pattern": "^/"},
            description=TEXT,
            security={"type": "array", "items": REFERENCE},
        )
    ),
    channels=many(part({"address": TEXT, "messages": many(MESSAGE)}, title=TEXT, description=TEXT)),
    operations=many(
        part(
            {"action": {"enum": ["send", "receive"]}, "channel": REFERENCE, "messages": MESSAGES},
            summary=TEXT,
            reply=part({"channel": REFERENCE, "messages": MESSAGES}),
        )
    ),
    components=part(
        {},
        schemas=many({"type": "object"}),
        securitySchemes=many(part({"type": TEXT}, scheme=TEXT, bearerFormat=TEXT, description=TEXT)),
    ),
)


def test_it_is_an_asyncapi_document() -> None:
    faults = Draft202012Validator(ASYNCAPI).iter_errors(document())
    assert [f"{fault.json_path}: {fault.message}" for fault in faults] == []


def test_an_operation_takes_its_messages_from_its_channel() -> None:
    for operation in document()["operations"].values():
        for side in (operation, operation.get("reply", operation)):
            assert all(each["$ref"].startswith(f"{side['channel']['$ref']}/messages/") for each in side["messages"])


def test_schemas_and_examples_hold_by_the_draft_that_asyncapi_assumes() -> None:
    components = {"components": document()["components"]}
    for channel in document()["channels"].values():
        for message in channel["messages"].values():
            schema = {**message["payload"], **components}
            Draft7Validator.check_schema(schema)
            for example in message["examples"]:
                assert list(Draft7Validator(schema).iter_errors(example["payload"])) == [], message["name"]


def messages(direction: str) -> dict[str, list[dict[str, Any]]]:
    """The messages of a direction, by family."""
    return {
        family: [each for each in channel["messages"].values() if each["x-direction"] == direction]
        for family, channel in document()["channels"].items()
    }


def test_every_event_of_every_contract_is_there() -> None:
    told = {family: [each["name"] for each in emitted] for family, emitted in messages("emit").items()}
    assert told == {contract.name: list(contract.inbound) for contract in CONTRACTS}


def test_every_reference_leads_somewhere() -> None:
    found = list(references(document()))
    assert found
    for reference in found:
        place: Any = document()
        for step in reference.removeprefix("#/").split("/"):
            place = place[step]


def test_an_acknowledgement_is_named_and_there() -> None:
    for family, emitted in messages("emit").items():
        for each in emitted:
            key = each["x-acknowledgement"].rpartition("/")[2]
            assert document()["channels"][family]["messages"][key]["name"] == each["name"]


def test_every_message_has_an_operation_or_answers_one() -> None:
    used = {found for each in document()["operations"].values() for found in references(each) if "messages" in found}
    there = {
        f"#/channels/{family}/messages/{key}"
        for family, channel in document()["channels"].items()
        for key in channel["messages"]
    }
    assert used == there


def test_the_page_tells_of_every_event_once(db: None, client: APIClient) -> None:
    shown = client.get("/api/events/").content.decode()
    known = registry()
    for event in known.emitted:
        assert shown.count(f'id="{anchor(event.family, event.name, "emit")}"') == 1
    for heard in known.heard:
        assert shown.count(f'id="{anchor(heard.family, heard.name, "hear")}"') == 1


def test_every_link_of_the_page_leads_somewhere(client: APIClient) -> None:
    shown = client.get("/api/events").content.decode()
    places = re.findall(r'id="([^"]+)"', shown)
    assert len(places) == len(set(places))
    assert set(re.findall(r'href="#([^"]+)"', shown)) <= set(places)


def test_the_page_loads_from_this_server_alone_and_runs_nothing(client: APIClient) -> None:
    shown = client.get("/api/events/", HTTP_HOST="localhost:8123").content.decode()
    assert set(re.findall(r'(?:src|href)="(?!#|/)([^"]*)"', shown)) == set()
    assert "<script" not in shown
    assert "style=" not in shown
    assert "http://localhost:8123" in shown


@pytest.mark.parametrize("path", ["/api/events.json", "/api/events/asyncapi.json"])
def test_anybody_can_read_it(client: APIClient, path: str) -> None:
    answer = client.get(path, HTTP_HOST="localhost:8123").json()
    assert answer["asyncapi"] == "3.0.0"
    assert answer["servers"]["socketio"]["host"] == "localhost:8123"
