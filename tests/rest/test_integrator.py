"""Somebody who has read the OpenAPI document, and nothing else, leads a bid from the request to free chat."""

import hashlib
import hmac
import json
import re
import time
from typing import Any

import pytest
from pytest_django import Settings
from rest_framework.test import APIClient

from stoory import demo

SECRET = "the secret that the provider and the server share"

pytestmark = pytest.mark.slow


class Reader:
    """What the document says: operations by what they are for, with their examples, and the values of inputs."""

    def __init__(self, document: dict[str, Any]) -> None:
        self._told = {
            operation["summary"]: (method, path, operation)
            for path, methods in document["paths"].items()
            for method, operation in methods.items()
        }
        rows = re.findall(r"^\| `(\w+)` \| `(.+?)` \|", document["info"]["description"], re.MULTILINE)
        self.values = {kind: json.loads(example) for kind, example in rows}

    def operation(self, summary: str) -> tuple[str, str]:
        method, path, _ = self._told[summary]
        return method, path

    def example(self, summary: str, name: str | None = None) -> dict[str, Any]:
        content = self._told[summary][2]["requestBody"]["content"]["application/json"]
        found: dict[str, Any] = content["examples"][name]["value"] if name else content["example"]
        return dict(found)

    def answer(self, field: dict[str, Any]) -> Any:
        """Return a value of an input: as it is written, and within its bounds."""
        match field["type"]:
            case "date" | "money" | "number" if field.get("min") is not None:
                return field["min"]
            case "choice":
                return field["options"][0]["value"]
            case "text" if field.get("format") == "url":
                return "https://example.org/reel"
        return self.values[field["type"]]


class Integrator:
    """A person who asks by the document."""

    def __init__(self, client: APIClient, reader: Reader, username: str) -> None:
        self._client, self._reader, self.headers = client, reader, dict[str, str]()
        login = "Log in: a name and a password for a pair of tokens"
        tokens = self.ask(login, reader.example(login) | {"username": username})
        self.headers = {"Authorization": f"Bearer {tokens['access']}"}

    def ask(self, summary: str, body: dict[str, Any] | None = None, status: int = 200, **path: str) -> dict[str, Any]:
        method, route = self._reader.operation(summary)
        response = getattr(self._client, method)(route.format(**path), body, format="json", headers=self.headers)
        assert response.status_code == status, response.json()
        told: dict[str, Any] = response.json()
        return told

    def offered(self, conversation: str) -> dict[str, Any]:
        return self.ask("Read what you may do in a guided conversation now", conversation_id=conversation)

    def press(self, conversation: str, button: dict[str, Any], state_seq: int) -> dict[str, Any]:
        example = self._reader.example("Press a button of a guided conversation")
        data = {field["id"]: self._reader.answer(field) for field in button["inputs"] if field["required"]}
        body = {"action": button["action"], "data": data, "state_seq": state_seq}
        assert set(body) < set(example)
        return self.ask("Press a button of a guided conversation", body, conversation_id=conversation)


@pytest.fixture
def reader(as_nobody: APIClient) -> Reader:
    return Reader(as_nobody.get("/api/schema").json())


def report(client: APIClient, reader: Reader, conversation: str, event: str) -> dict[str, Any]:
    """Report an event as the provider, signed as the document says; return where it led."""
    summary = "Report an event of the world; signed, no token"
    method, path = reader.operation(summary)
    body = reader.example(summary) | {"id": f"evt-{event}", "event": event, "conversation_id": conversation}
    sent, at = json.dumps(body).encode(), int(time.time())
    signature = hmac.new(SECRET.encode(), f"{at}.".encode() + sent, hashlib.sha256).hexdigest()
    headers = {"Stoory-Signature": f"t={at},v1={signature}"}
    response = getattr(client, method)(path, sent, content_type="application/json", headers=headers)
    assert response.status_code == 200, response.json()
    [told] = response.json()["results"]
    assert told["outcome"] == "applied"
    result: dict[str, Any] = told
    return result


class Game:
    """Two integrators at one bid: whoever has a button that leads on presses it, else it is the provider's turn."""

    def __init__(self, people: list[Integrator], conversation: str) -> None:
        self._people, self._conversation = people, conversation
        self._pressed: set[tuple[str, str]] = set()

    def step(self) -> dict[str, Any] | None:
        """Press a button and return where that led; None where there is none that was not pressed in this state."""
        for person in self._people:
            offer = person.offered(self._conversation)
            for button in offer["actions"]:
                place = (offer["flow_state"], button["action"])
                if button["style"] == "primary" and place not in self._pressed:
                    self._pressed.add(place)
                    return person.press(self._conversation, button, offer["state_seq"])
        return None


def test_the_document_is_enough(as_nobody: APIClient, reader: Reader, shipped_flows: None, settings: Settings) -> None:
    settings.DEBUG, settings.FLOW_EVENTS_SECRETS = True, [SECRET]
    demo.make_demo()
    alice, bob = (Integrator(as_nobody, reader, username) for username in ("alice", "bob"))
    conversation = opened(alice, reader)
    game, events = Game([alice, bob], conversation), ["payment.captured", "payout.succeeded"]

    now = alice.offered(conversation)
    while now["chat_status"] == "automated":
        now = game.step() or report(as_nobody, reader, conversation, events.pop(0))

    assert (now["chat_status"], events) == ("real_time", [])
    words = {"conversation_id": conversation, "message": reader.example("Send a message")["message"]}
    assert bob.ask("Send a message", words, status=201)["message"]["message"] == words["message"]


def opened(person: Integrator, reader: Reader) -> str:
    """Open a bid with somebody of the list; return its id."""
    listed = person.ask("List your conversations, the most recent first")["conversations"]
    other = next(item["other_user"]["id"] for item in listed if item["conversation_type"] == "direct")
    opening = "Open a conversation, or find the one there is"
    answer = person.ask(opening, reader.example(opening, "bid") | {"receiver_id": other}, status=201)
    conversation: str = answer["conversation"]["id"]
    return conversation
