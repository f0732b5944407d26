"""The OpenAPI document and the page that shows it: every route, whole, valid, for anybody, from this server alone."""

import re
from typing import Any

import pytest
from django.test import Client
from jsonschema import Draft202012Validator
from rest_framework.test import APIClient

from messaging.commands import SendMessage
from stoory import demo
from stoory.accounts.models import User
from stoory.commands import execute
from stoory.http import STATUS_OF
from stoory.openapi.document import openapi
from stoory.openapi.operations import OPERATIONS
from tests.contracts.schemas import references
from tests.docs.test_references import errors
from tests.openapi import COMPONENTS


def operations() -> list[tuple[str, dict[str, Any]]]:
    """The operations of the document, by method and path."""
    return [
        (f"{method.upper()} {path}", operation)
        for path, methods in openapi()["paths"].items()
        for method, operation in methods.items()
    ]


def examples(content: dict[str, Any]) -> list[Any]:
    """The example of a body, or all of them."""
    several = [example["value"] for example in content.get("examples", {}).values()]
    return [content["example"]] if "example" in content else several


WORK_FOR_ALICE = {"Conversations", "Members", "Messages", "Messenger", "Campaigns", "Documents"}

every_operation = pytest.mark.parametrize(
    ("name", "operation"), [pytest.param(*each, id=each[0]) for each in operations()]
)


def test_what_is_written_is_about_a_route() -> None:
    assert set(OPERATIONS) == {name for name, _ in operations()}


def test_every_reference_leads_somewhere() -> None:
    for reference in set(references(openapi())):
        assert reference.removeprefix("#/components/schemas/") in openapi()["components"]["schemas"]


def test_every_operation_has_an_id_of_its_own_and_a_tag_that_is_told() -> None:
    ids = [operation["operationId"] for _, operation in operations()]
    assert len(set(ids)) == len(ids)
    assert {operation["tags"][0] for _, operation in operations()} == {tag["name"] for tag in openapi()["tags"]}


@every_operation
def test_an_example_is_as_described(name: str, operation: dict[str, Any]) -> None:
    contents = [operation["requestBody"]["content"]] if "requestBody" in operation else []
    contents += [answer["content"] for answer in operation["responses"].values()]
    for content in contents:
        for each in content.values():
            judge = Draft202012Validator({**each["schema"], "components": {"schemas": COMPONENTS}})
            assert [error.message for example in examples(each) for error in judge.iter_errors(example)] == []


@every_operation
def test_a_refusal_has_the_status_of_its_code(name: str, operation: dict[str, Any]) -> None:
    known = {error.code for error in errors()}
    for status, answer in operation["responses"].items():
        for code in answer.get("x-codes", ()):
            assert code in known
            assert str(STATUS_OF.get(code, 400)) == status


def test_anybody_reads_the_document(client: APIClient, settings: Any) -> None:
    settings.PLAYGROUND = False
    assert client.get("/api/schema").json() == openapi()


def test_the_page_loads_from_this_server_alone_and_runs_no_inline_script(db: None, client: Client) -> None:
    shown = client.get("/api/docs/").content.decode()
    assert "://" not in shown
    assert "<script>" not in shown
    assert 'data-schema="/api/schema' in shown


@pytest.fixture
def demo_data(system_user: User, settings: Any) -> dict[str, Any]:
    """The demo, on a developer's server."""
    settings.DEBUG = settings.PLAYGROUND = True
    made = demo.make_demo()
    alice, direct = made["users"]["alice"]["id"], made["conversations"]["direct"]
    execute(SendMessage(actor=alice, conversation_id=direct, text="Hello Bob"))
    return made


def test_a_developer_is_alice(demo_data: dict[str, Any], client: Client) -> None:
    assert 'data-token="ey' in client.get("/api/docs").content.decode()


def test_others_are_nobody(demo_data: dict[str, Any], client: Client, settings: Any) -> None:
    settings.PLAYGROUND = False
    assert 'data-token=""' in client.get("/api/docs").content.decode()
    assert client.get("/api/schema").json() == openapi()


def test_to_a_developer_the_examples_work(demo_data: dict[str, Any], as_nobody: APIClient) -> None:
    token = re.search('data-token="([^"]+)"', as_nobody.get("/api/docs").content.decode())
    assert token
    as_nobody.credentials(HTTP_AUTHORIZATION=f"Bearer {token[1]}")
    document = as_nobody.get("/api/schema").json()
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            if operation["tags"][0] not in WORK_FOR_ALICE or method == "delete":
                continue
            told = {each["name"]: each["example"] for each in operation.get("parameters", []) if each["in"] == "path"}
            content = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
            for body in examples(content) or [None]:
                response = getattr(as_nobody, method)(path.format(**told), body, format="json")
                assert response.status_code < 300, f"{method} {path}: {response.content!r}"
