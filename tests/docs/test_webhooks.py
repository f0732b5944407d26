"""docs/webhooks.md: its program tells real hooks from others, its example is one, its table has every event."""

import json
import time
from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from jsonschema import Draft202012Validator

from conversations.models import Conversation
from messaging.commands import DeleteMessage
from stoory.accounts.models import User
from stoory.commands import execute
from stoory.openapi.document import openapi
from stoory.webhooks.hooks import KINDS, ping_hook
from stoory.webhooks.signatures import new_secret, signed
from tests.contracts.schemas import closed
from tests.docs.documents import in_code, marked, read, table
from tests.docs.matching import Bindings
from tests.openapi import COMPONENTS
from tests.talk import say
from tests.webhooks.turns import deliver, webhook_of

PAGE = read("docs/webhooks.md")


@pytest.fixture(scope="module")
def is_genuine() -> Callable[..., bool]:
    """The page's own."""
    names: dict[str, Any] = {}
    exec(marked(PAGE, "run")["verification"].text, names)
    found: Callable[..., bool] = names["is_genuine"]
    return found


def test_its_program_knows_a_hook(is_genuine: Callable[..., bool]) -> None:
    old, new = new_secret(), new_secret()
    headers = signed([new, old], "msg_1", int(time.time()), b"{}")
    assert [is_genuine(secret, headers, b"{}") for secret in (old, new)] == [True, True]
    assert not is_genuine(new_secret(), headers, b"{}")
    assert not is_genuine(new, headers, b"[]")
    assert not is_genuine(new, signed([new], "msg_1", int(time.time()) - 600, b"{}"), b"{}")


def test_its_example_is_a_hook(direct: Conversation, alice: User, bob: User) -> None:
    webhook_of(alice, "chat:deleted")
    first = say(bob, direct).message.id
    say(bob, direct)
    execute(DeleteMessage(actor=bob.pk, message_id=first))
    [parcel] = deliver()
    body = parcel.hook.body
    posted = {name: getattr(body, name) for name in body.__struct_fields__}
    Bindings().match(json.loads(marked(PAGE, "example")["hook"].text), posted)


def test_the_openapi_document_has_what_is_posted(direct: Conversation, alice: User, bob: User) -> None:
    webhook_of(alice)
    say(bob, direct)
    hooks = [ping_hook(), *(parcel.hook for parcel in deliver())]
    operation = openapi()["webhooks"]["event"]["post"]
    schema = operation["requestBody"]["content"]["application/json"]["schema"]
    judge = Draft202012Validator({**closed(schema), "components": {"schemas": COMPONENTS}})
    for hook in hooks:
        assert list(judge.iter_errors(msgspec.to_builtins(hook.body))) == []
    assert {each["name"] for each in operation["parameters"]} == set(signed([new_secret()], "msg_1", 1, b""))


def test_its_table_has_every_event() -> None:
    assert {name for cell, _ in table(PAGE, "kinds") for name in in_code(cell)} == KINDS
