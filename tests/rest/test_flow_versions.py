"""Flows by REST: written, checked, published, cloned, retired and migrated by staff and integrators."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from rest_framework.test import APIClient

from flows.models import FlowVersion
from stoory.accounts.models import User
from tests.flows.guided import drafted, guided, released, run_of
from tests.flows.players import SMALL, bent
from tests.rest.conftest import speaking_json
from tests.rest.routes import FLOWS, failure

pytestmark = [pytest.mark.usefixtures("system_user"), pytest.mark.slow]

SMALL_VERSIONS = f"{FLOWS}/small/versions"
FIRST = f"{SMALL_VERSIONS}/1"


def version_of(response: Any) -> dict[str, Any]:
    """The version that an answer shows."""
    assert response.status_code in (200, 201), response.content
    body: dict[str, Any] = response.json()
    assert body["success"] is True
    return dict(body["version"])


def test_a_flow_from_draft_to_retirement(as_staff: APIClient, staff: User) -> None:
    made = as_staff.post(FLOWS, {"document": SMALL, "notes": "First"})
    assert made.status_code == 201
    assert version_of(made) | {"created_at": "", "checksum": ""} == {
        "key": "small",
        "number": 1,
        "status": "draft",
        "conversation_type": "bid",
        "checksum": "",
        "notes": "First",
        "created_by": staff.pk,
        "created_at": "",
        "published_by": None,
        "published_at": None,
        "document": SMALL,
    }
    assert as_staff.post(f"{FIRST}/validate").json()["ok"] is True
    assert version_of(as_staff.post(f"{FIRST}/publish"))["status"] == "published"
    copied = as_staff.post(f"{FIRST}/clone")
    assert (copied.status_code, version_of(copied)["number"]) == (201, 2)
    assert version_of(as_staff.post(f"{FIRST}/retire"))["status"] == "retired"
    assert version_of(as_staff.get(FIRST))["published_by"] == staff.pk


def test_the_order_of_the_states_is_kept(as_staff: APIClient) -> None:
    turned = SMALL | {"states": dict(reversed(SMALL["states"].items()))}
    as_staff.post(FLOWS, {"document": turned})
    assert list(version_of(as_staff.get(FIRST))["document"]["states"]) == list(turned["states"])


def test_a_text_is_kept_letter_by_letter(as_staff: APIClient) -> None:
    text = json.dumps(SMALL, indent=9)
    as_staff.post(FLOWS, {"document": text})
    assert FlowVersion.objects.get(key="small").document == text


def test_flows_are_listed(as_staff: APIClient, staff: User, alice: User, bob: User) -> None:
    released(staff)
    drafted(staff)
    guided(alice, bob)
    flows = {flow["key"]: flow for flow in as_staff.get(FLOWS).json()["flows"]}

    assert flows["small"] == {
        "key": "small",
        "conversation_type": "bid",
        "published": 1,
        "newest": 2,
        "drafts": [2],
        "conversations": 1,
        "running": 1,
    }
    assert flows["bid"]["published"] == 1


def test_versions_are_listed_newest_first(as_staff: APIClient, staff: User, alice: User, bob: User) -> None:
    released(staff)
    guided(alice, bob)
    drafted(staff)
    versions = as_staff.get(SMALL_VERSIONS).json()["versions"]

    assert [(each["number"], each["status"], each["running"]) for each in versions] == [
        (2, "draft", 0),
        (1, "published", 1),
    ]
    assert all("document" not in each for each in versions)


def test_another_version_has_the_same_key(as_staff: APIClient, staff: User) -> None:
    drafted(staff)
    assert version_of(as_staff.post(SMALL_VERSIONS, {"document": SMALL}))["number"] == 2
    assert failure(as_staff.post(f"{FLOWS}/bid/versions", {"document": SMALL})) == (400, "invalid_payload")


@pytest.mark.parametrize(
    "body",
    [{}, {"document": 5}, {"document": []}, {"document": "{"}, {"document": {"key": "x"}}, {"document": "x" * 300_000}],
)
def test_what_is_no_document_is_refused(as_staff: APIClient, body: Any) -> None:
    assert failure(as_staff.post(FLOWS, body)) == (400, "invalid_payload")


# Rewriting


def put(client: APIClient, document: Any, **headers: str) -> Any:
    return client.put(FIRST, {"document": document}, headers=headers)


def test_a_draft_is_rewritten_by_who_has_read_it(as_staff: APIClient, staff: User) -> None:
    drafted(staff)
    tag = as_staff.get(FIRST)["ETag"]
    saved = put(as_staff, bent("title", "Second"), **{"If-Match": tag})

    assert version_of(saved)["document"]["title"] == "Second"
    assert saved["ETag"] != tag
    refused = put(as_staff, bent("title", "Third"), **{"If-Match": tag})
    assert failure(refused) == (409, "stale_action")
    assert refused.json()["current"] == {"checksum": saved["ETag"].strip('"')}
    assert version_of(put(as_staff, SMALL, **{"If-Match": "*"}))["document"] == SMALL


def test_what_is_published_is_not_rewritten(as_staff: APIClient, staff: User) -> None:
    released(staff)
    assert failure(put(as_staff, bent("title", "Else"))) == (409, "not_available")
    assert version_of(as_staff.get(FIRST))["document"] == SMALL


# Checks


def test_errors_are_told_with_their_paths(as_staff: APIClient, staff: User) -> None:
    drafted(staff, bent("states.asked.actions.0.to", "nowhere"))
    report = as_staff.post(f"{FIRST}/validate").json()
    refused = as_staff.post(f"{FIRST}/publish")

    assert report["ok"] is False
    assert set(report["findings"][0]) == {"path", "severity", "message"}
    assert failure(refused) == (422, "invalid_flow")
    assert refused.json()["findings"] == report["findings"]


def test_warnings_are_told_too(as_staff: APIClient, staff: User) -> None:
    drafted(staff, bent("states.asked.actions.1.style", "primary"))
    report = as_staff.post(f"{FIRST}/validate").json()
    assert (report["ok"], [found["severity"] for found in report["findings"]]) == (True, ["warning"])


def test_it_is_published_once(as_staff: APIClient, staff: User) -> None:
    released(staff)
    assert failure(as_staff.post(f"{FIRST}/publish")) == (409, "not_available")


# Migration


def test_conversations_migrate(as_staff: APIClient, staff: User, alice: User, bob: User) -> None:
    released(staff)
    talk = guided(alice, bob)
    released(staff)
    dry = as_staff.post(f"{FIRST}/migrate", {"to": 2}).json()["migration"]
    assert dry == {
        "moved": {"asked": 1},
        "mapping": {"asked": "asked"},
        "problems": [],
        "overdue": 0,
        "remaining": 0,
        "is_dry_run": True,
    }

    real = as_staff.post(f"{FIRST}/migrate", {"to": 2, "dry_run": False, "reason": "Better words"}).json()["migration"]
    assert real == dry | {"is_dry_run": False}
    assert run_of(talk).version.number == 2


def test_a_migration_is_refused_with_its_problems(as_staff: APIClient, staff: User, alice: User, bob: User) -> None:
    released(staff)
    guided(alice, bob)
    released(staff)
    body = {"to": 2, "mapping": {"asked": "late"}, "dry_run": False, "reason": "Better words"}
    refused = as_staff.post(f"{FIRST}/migrate", body)

    assert failure(refused) == (409, "migration_refused")
    assert refused.json()["problems"] == ["asked: late is an end (1 conversation)"]


@pytest.mark.parametrize(
    ("body", "answer"),
    [
        ({}, (400, "invalid_payload")),
        ({"to": "two"}, (400, "invalid_payload")),
        ({"to": 1}, (400, "invalid_payload")),
        ({"to": 9}, (404, "not_found")),
        ({"to": 2, "dry_run": False}, (400, "invalid_payload")),
        ({"to": 2, "limit": 0}, (400, "invalid_payload")),
        ({"to": 2, "mapping": {"asked": "nowhere"}}, (400, "invalid_payload")),
    ],
)
def test_a_migration_that_makes_no_sense_is_refused(
    as_staff: APIClient, staff: User, body: Any, answer: tuple[int, str]
) -> None:
    released(staff)
    released(staff)
    assert failure(as_staff.post(f"{FIRST}/migrate", body)) == answer


# Who may

READS = [
    ("get", FLOWS),
    ("get", SMALL_VERSIONS),
    ("get", FIRST),
    ("get", f"{FIRST}/graph.svg"),
    ("get", f"{FIRST}/mermaid"),
    ("get", f"{FIRST}/diff?against=1"),
    ("get", f"{FIRST}/schema.json"),
    ("get", f"{FLOWS}/schema.json"),
    ("get", f"{FLOWS}/small/analytics"),
    ("post", f"{FIRST}/validate"),
    ("post", f"{FIRST}/simulate"),
]
WRITES = [
    ("post", FLOWS, "add_flowversion", 201),
    ("post", SMALL_VERSIONS, "add_flowversion", 201),
    ("post", f"{FIRST}/clone", "add_flowversion", 201),
    ("put", FIRST, "change_flowversion", 200),
    ("post", f"{FIRST}/publish", "publish_flow", 200),
    ("post", f"{FIRST}/retire", "publish_flow", 409),
    ("post", f"{FIRST}/migrate", "publish_flow", 400),
]
BODIES = {"migrate": {"to": 1}, "simulate": {}}


def ask(client: APIClient, method: str, route: str) -> Any:
    body = BODIES.get(route.rpartition("/")[2], {"document": SMALL})
    return getattr(client, method)(route, body if method != "get" else None)


@pytest.fixture
def integrator(api: Callable[[User | None], APIClient], charlie: User, staff: User) -> Callable[[str], APIClient]:
    """Charlie with one permission, who is no staff; there is a draft."""
    drafted(staff)

    def client(permission: str) -> APIClient:
        charlie.user_permissions.set(Permission.objects.filter(codename=permission))
        return speaking_json(api(charlie))

    return client


@pytest.mark.parametrize(("method", "route"), READS)
def test_who_reads(
    integrator: Callable[[str], APIClient],
    as_alice: APIClient,
    as_nobody: APIClient,
    staff: User,
    method: str,
    route: str,
) -> None:
    assert failure(ask(as_alice, method, route)) == (403, "forbidden")
    assert failure(ask(as_nobody, method, route)) == (401, "not_authenticated")
    assert ask(integrator("view_flowversion"), method, route).status_code == 200


@pytest.mark.parametrize("is_staff", [False, True])
@pytest.mark.parametrize(("method", "route", "permission", "status"), WRITES)
def test_who_writes(
    integrator: Callable[[str], APIClient],
    as_nobody: APIClient,
    charlie: User,
    method: str,
    route: str,
    permission: str,
    status: int,
    is_staff: bool,
) -> None:
    User.objects.filter(pk=charlie.pk).update(is_staff=is_staff)
    assert failure(ask(as_nobody, method, route)) == (401, "not_authenticated")
    assert failure(ask(integrator("view_flowversion"), method, route)) == (403, "forbidden")
    assert ask(integrator(permission), method, route).status_code == status


def test_who_may_not_read_is_not_told_what_is_there(as_alice: APIClient) -> None:
    assert failure(as_alice.get(f"{FLOWS}/nothing/versions/1")) == (403, "forbidden")


@pytest.mark.parametrize(
    ("method", "route"),
    [
        ("get", f"{FLOWS}/nothing/versions"),
        ("get", f"{FLOWS}/nothing/analytics"),
        ("get", f"{SMALL_VERSIONS}/9"),
        ("put", f"{SMALL_VERSIONS}/9"),
        ("post", f"{SMALL_VERSIONS}/9/publish"),
        ("post", f"{SMALL_VERSIONS}/9/migrate"),
        ("get", f"{SMALL_VERSIONS}/9/graph.svg"),
        ("get", f"{SMALL_VERSIONS}/x"),
    ],
)
def test_what_is_not_there_is_not_found(as_staff: APIClient, staff: User, method: str, route: str) -> None:
    drafted(staff)
    assert failure(ask(as_staff, method, route)) == (404, "not_found")
