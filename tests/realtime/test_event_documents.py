"""The AsyncAPI document: every event, whole, by the rules of the format, for anybody."""

import re
from typing import Any

import pytest
from rest_framework.test import APIClient

from stoory.realtime.asyncapi import document
from stoory.realtime.contracts import CONTRACTS
from stoory.realtime.event_pages import anchor
from stoory.realtime.registry import registry
from tests.contracts.schemas import references


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
