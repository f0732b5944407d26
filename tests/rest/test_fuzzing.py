"""Whatever the OpenAPI document allows, and what it does not, is asked of every operation, by one who is in and by one
who is outside: no answer is a fault of ours, each is as the document says, and none tells what is not theirs.

`FUZZ_REQUESTS` says how many requests there are for each operation and person; `make fuzz` asks for many.
"""

import json
import os
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import pytest
import schemathesis
from django.db import transaction
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from rest_framework.test import APIClient
from schemathesis import Case, GenerationMode
from schemathesis.core import NotSet
from schemathesis.core.result import Ok
from schemathesis.schemas import APIOperation

from conversations.models import Conversation
from messaging.commands import SendMessage
from stoory.accounts.models import User
from stoory.commands import execute
from stoory.openapi.document import openapi
from tests.webhooks.turns import webhook_of

USUAL = 4
REQUESTS = int(os.environ.get("FUZZ_REQUESTS", USUAL))
SECRET = "the secret of alice and bob"
TRACES = ("Traceback", "Error(", "django", "psycopg", "sqlite", "/site-packages/", "SELECT ")
LEFT_OUT = {"POST /api/token/revoke-all"}  # whoever does it is nobody from there on

HEADERS = {"Idempotency-Key", "If-Match", "Stoory-Signature"}

Ids = dict[str, list[str]]
AnyOperation = APIOperation[Any, Any, Any, Any]
AnyCase = Case[Any]

pytestmark = pytest.mark.slow


def operations() -> list[AnyOperation]:
    """Every operation of the document."""
    read = schemathesis.openapi.from_dict(openapi()).get_all_operations()
    found = [result.ok() for result in read if isinstance(result, Ok)]
    return [each for each in found if f"{each.method.upper()} {each.path}" not in LEFT_OUT]


@pytest.fixture
def ids(alice: User, direct: Conversation, bid: Conversation) -> Ids:
    """What there is, by the name of the parameter that means it."""
    sent = execute(SendMessage(actor=alice.pk, conversation_id=str(direct.pk), text=SECRET))
    return {
        "conversation_id": [str(direct.pk), str(bid.pk)],
        "message_id": [sent.message.id],
        "campaign_id": ["campaign-7"],
        "key": ["bid", "campaign"],
        "number": ["1"],
        "effect_id": ["1"],
        "webhook_id": [str(webhook_of(alice).pk)],
    }


@pytest.mark.parametrize("operation", operations(), ids=lambda each: f"{each.method.upper()} {each.path}")
@pytest.mark.parametrize("who", ["alice", "charlie", "staff"])
def test_whatever_is_asked_is_answered(
    request: pytest.FixtureRequest, api: Callable[[User | None], APIClient], ids: Ids, operation: AnyOperation, who: str
) -> None:
    client = api(request.getfixturevalue(who))
    client.raise_request_exception = False
    modes = [GenerationMode.POSITIVE, *([GenerationMode.NEGATIVE] if _can_be_wrong(operation) else [])]

    @settings(
        max_examples=REQUESTS,
        derandomize=REQUESTS == USUAL,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=st.one_of([operation.as_strategy(generation_mode=mode) for mode in modes]), data=st.data())
    def ask(case: AnyCase, data: st.DataObject) -> None:
        with transaction.atomic():
            response = _ask(client, case, data, ids)
            transaction.set_rollback(True)
        told = response.content.decode()
        assert response.status_code < 500 or response.json()["code"] == "busy", told
        assert [trace for trace in TRACES if trace in told] == []
        if who == "charlie":
            assert [secret for secret in (SECRET, *ids["conversation_id"], *ids["message_id"]) if secret in told] == []

    ask()


def _can_be_wrong(operation: AnyOperation) -> bool:
    return bool(operation.body or operation.query or operation.path_parameters)


def _ask(client: APIClient, case: AnyCase, data: st.DataObject, ids: Ids) -> Any:
    """Ask as the case says; half of its ids are of something that is there."""
    path = case.path
    for name, drawn in (case.path_parameters or {}).items():
        path = path.replace(f"{{{name}}}", data.draw(st.sampled_from(ids[name]) | st.just(str(drawn))))
    query = urlencode(case.query or {}, doseq=True, errors="ignore")
    headers = {name: value for name, value in (case.headers or {}).items() if name in HEADERS and str(value).isascii()}
    return client.generic(
        case.method, f"{path}?{query}", _bytes(case.body), content_type="application/json", headers=headers
    )


def _bytes(body: Any) -> Any:
    """Return a body as it travels; some are no JSON at all."""
    if isinstance(body, NotSet):
        return b""
    return body if isinstance(body, bytes) else json.dumps(body).encode()
