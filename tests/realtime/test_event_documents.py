"""The AsyncAPI document: every event, whole, by the rules of the format, for anybody."""

from typing import Any

import pytest
from rest_framework.test import APIClient

from stoory.realtime.asyncapi import document
from stoory.realtime.contracts import CONTRACTS
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


@pytest.mark.parametrize("path", ["/api/events.json", "/api/events/asyncapi.json"])
def test_anybody_can_read_it(client: APIClient, path: str) -> None:
    answer = client.get(path, HTTP_HOST="localhost:8123").json()
    assert answer["asyncapi"] == "3.0.0"
    assert answer["servers"]["socketio"]["host"] == "localhost:8123"
