"""Versions of flows: drafts are written, published ones last, conversations keep theirs."""

import copy
import json
from importlib import import_module
from typing import Any

import pytest
from django.apps import apps
from django.db import IntegrityError, transaction

from flows.commands import CloneVersion, PublishVersion, RetireVersion, SaveDraft
from flows.definitions import document
from flows.errors import FlowNotFound, InvalidFlow, NotAvailable, StaleAction
from flows.models import FlowVersion
from flows.versions import load, load_shipped, published_version
from messaging.models import Message
from stoory.accounts.models import User
from stoory.commands import execute
from stoory.errors import InvalidPayload
from tests.flows.guided import drafted, guided, press, released, run_of
from tests.flows.players import SMALL, bent

pytestmark = pytest.mark.django_db


def statuses(key: str = "small") -> list[tuple[int, str]]:
    return list(FlowVersion.objects.filter(key=key).order_by("number").values_list("number", "status"))


def test_a_draft_is_kept_as_it_was_written(staff: User) -> None:
    text = json.dumps(SMALL, indent=7)
    draft = FlowVersion.objects.get(pk=drafted(staff, text, notes="First try").pk)

    assert draft.document == text
    assert (draft.key, draft.number, draft.status, draft.conversation_type) == ("small", 1, "draft", "bid")
    assert (draft.notes, draft.created_by, draft.published_at) == ("First try", staff, None)


def test_versions_are_numbered_by_key(staff: User) -> None:
    assert [drafted(staff).number, drafted(staff).number] == [1, 2]
    assert drafted(staff, bent("key", "other")).number == 1


def test_the_checksum_is_of_what_it_says(staff: User) -> None:
    spaced, turned, other = json.dumps(SMALL, indent=4), json.dumps(SMALL, sort_keys=True), bent("title", "Else")
    known = drafted(staff).checksum

    assert [drafted(staff, text).checksum == known for text in (spaced, turned, other)] == [True, True, False]


def test_a_draft_may_be_incomplete(staff: User) -> None:
    draft = drafted(staff, {"key": "begun", "conversation_type": "campaign"})
    assert (draft.key, draft.conversation_type) == ("begun", "campaign")


def deep(levels: int) -> Any:
    return {"deeper": deep(levels - 1)} if levels else {}


@pytest.mark.parametrize(
    ("written", "path"),
    [
        ("{", "document"),
        ("[]", "document"),
        ('{"key": "a", "conversation_type": "bid", "limits": NaN}', "document"),
        (json.dumps(bent("title", "\x00")), "document.title"),
        (json.dumps(bent("limits.rounds", 2**60)), "document.limits.rounds"),
        (json.dumps(bent("title", deep(20))), "document"),
        (json.dumps(bent("title", "x" * 262_144)), "document"),
        (json.dumps(bent("title", "é" * 140_000), ensure_ascii=False), "document"),
        (json.dumps(bent("key", ...)), "document.key"),
        (json.dumps(bent("key", "Small flow")), "document.key"),
        (json.dumps(bent("key", 5)), "document.key"),
        (json.dumps(bent("conversation_type", "direct")), "document.conversation_type"),
        (json.dumps(bent("conversation_type", ...)), "document.conversation_type"),
    ],
)
def test_what_is_no_document_is_refused(staff: User, written: str, path: str) -> None:
    with pytest.raises(InvalidPayload) as refusal:
        drafted(staff, written)
    assert refusal.value.details["path"] == path
    assert not FlowVersion.objects.filter(created_by=staff).exists()


def test_a_version_of_a_flow_has_its_key(staff: User) -> None:
    with pytest.raises(InvalidPayload, match="a version of small, not of bid"):
        drafted(staff, key="bid")


# Rewriting


def rewritten(who: User, version: FlowVersion, content: Any, **fields: Any) -> FlowVersion:
    return execute(SaveDraft(actor=who.pk, version_id=version.pk, document=json.dumps(content), **fields))


def test_a_draft_is_rewritten(staff: User) -> None:
    draft = drafted(staff, notes="Mine")
    saved = rewritten(staff, draft, bent("conversation_type", "campaign"), checksum=draft.checksum)

    assert saved.checksum != draft.checksum
    draft.refresh_from_db()
    assert (draft.conversation_type, draft.checksum, draft.notes) == ("campaign", saved.checksum, "Mine")
    assert rewritten(staff, draft, SMALL, notes="").notes == ""


def test_what_somebody_else_has_written_is_not_overwritten(staff: User) -> None:
    draft = drafted(staff)
    seen = draft.checksum
    saved = rewritten(staff, draft, bent("title", "Theirs"))
    with pytest.raises(StaleAction) as refusal:
        rewritten(staff, draft, bent("title", "Mine"), checksum=seen)

    assert refusal.value.details["current"] == {"checksum": saved.checksum}
    draft.refresh_from_db()
    assert json.loads(draft.document)["title"] == "Theirs"


def test_a_draft_keeps_its_key(staff: User) -> None:
    with pytest.raises(InvalidPayload, match="keeps this key"):
        rewritten(staff, drafted(staff), bent("key", "other"))


@pytest.mark.parametrize("retired", [False, True])
def test_what_was_published_never_changes(staff: User, retired: bool) -> None:
    version = released(staff)
    if retired:
        execute(RetireVersion(actor=staff.pk, version_id=version.pk))
    with pytest.raises(NotAvailable, match="never changes"):
        rewritten(staff, version, bent("title", "Else"))

    version.refresh_from_db()
    version.document = json.dumps(bent("title", "Else"))
    with pytest.raises(NotAvailable, match="never changes"):
        version.save()
    version.refresh_from_db()
    assert json.loads(version.document) == SMALL


@pytest.mark.parametrize(
    "change", [{"document": "{}"}, {"checksum": "0"}, {"key": "x"}, {"number": 9}, {"status": "draft"}]
)
def test_the_database_keeps_it_too(staff: User, change: dict[str, Any]) -> None:
    version = released(staff)
    with pytest.raises(IntegrityError, match="never changes"), transaction.atomic():
        FlowVersion.objects.filter(pk=version.pk).update(**change)
    FlowVersion.objects.filter(pk=version.pk).update(notes="A note may change")


def test_a_clone_says_the_same(staff: User) -> None:
    version = released(staff, json.dumps(SMALL, indent=3))
    copied = execute(CloneVersion(actor=staff.pk, version_id=version.pk))

    assert (copied.number, copied.status, copied.document) == (2, "draft", version.document)
    assert copied.notes == "Copy of version 1."


# Publishing


def test_a_published_version_takes_the_place_of_the_other(staff: User) -> None:
    released(staff)
    second = released(staff, bent("title", "Second"))

    assert statuses() == [(1, "retired"), (2, "published")]
    assert (second.published_by, published_version("bid").pk) == (staff, second.pk)


def test_errors_forbid_to_publish(staff: User) -> None:
    draft = drafted(staff, bent("states.asked.actions.0.to", "nowhere"))
    with pytest.raises(InvalidFlow) as refusal:
        execute(PublishVersion(actor=staff.pk, version_id=draft.pk))

    findings = refusal.value.details["findings"]
    assert ("states.asked.actions[0].to", "error") in [(found["path"], found["severity"]) for found in findings]
    assert all(found["message"] for found in findings)
    assert statuses() == [(1, "draft")]


def test_warnings_do_not(staff: User) -> None:
    assert released(staff, bent("states.asked.actions.1.style", "primary")).status == "published"


@pytest.mark.parametrize("retired", [False, True])
def test_it_is_published_once(staff: User, retired: bool) -> None:
    version = released(staff)
    if retired:
        execute(RetireVersion(actor=staff.pk, version_id=version.pk))
    with pytest.raises(NotAvailable, match="Clone it"):
        execute(PublishVersion(actor=staff.pk, version_id=version.pk))


def test_a_retired_version_drives_no_new_conversation(staff: User, alice: User, bob: User, system_user: User) -> None:
    FlowVersion.objects.filter(status="published").update(status="retired")
    version = released(staff)
    old = guided(alice, bob)
    for _ in range(2):
        assert execute(RetireVersion(actor=staff.pk, version_id=version.pk)).status == "retired"

    with pytest.raises(NotAvailable, match="No flow is published for bid"):
        guided(alice, bob, "bid-2")
    assert press(bob, old, "leave").flow_state == "left"


def test_a_draft_can_not_retire(staff: User) -> None:
    with pytest.raises(NotAvailable):
        execute(RetireVersion(actor=staff.pk, version_id=drafted(staff).pk))


def test_a_conversation_keeps_its_version(staff: User, alice: User, bob: User, system_user: User) -> None:
    first = released(staff)
    old = guided(alice, bob)
    changed = copy.deepcopy(SMALL)
    changed["states"]["asked"]["actions"][0]["say"][0]["text"] = "Second wording: {{input.price|money}}."
    second = released(staff, changed)
    new = guided(alice, bob, "bid-2")
    for conversation in (old, new):
        press(bob, conversation, "ask", price="90")

    assert (run_of(old).version, run_of(new).version) == (first, second)
    assert list(Message.objects.filter(visible_to="brand_owner").order_by("pk").values_list("text", flat=True)) == [
        "Bob asks for ₹90.",
        "Second wording: ₹90.",
    ]


def test_a_version_that_is_not_there_is_not_found(staff: User) -> None:
    for command in (CloneVersion, PublishVersion, RetireVersion):
        with pytest.raises(FlowNotFound):
            execute(command(actor=staff.pk, version_id=999_999))


# Loading


def test_shipped_flows_are_loaded_once(system_user: User) -> None:
    load_shipped()
    before = list(FlowVersion.objects.values_list("key", "number", "status").order_by("key"))

    assert before == [("bid", 1, "published"), ("campaign", 1, "published")]
    assert [each.outcome for each in load_shipped()] == ["unchanged", "unchanged"]
    assert list(FlowVersion.objects.values_list("key", "number", "status").order_by("key")) == before


def test_what_staff_published_since_is_not_displaced(shipped_flows: None, staff: User) -> None:
    mine = released(staff, json.loads(document("bid")) | {"title": "Ours"})
    load_shipped()
    assert published_version("bid").pk == mine.pk


def test_a_later_release_is_loaded_as_a_new_version(staff: User) -> None:
    released(staff)
    newer = json.dumps(bent("title", "Newer"))

    assert load(newer, publish=False).outcome == "drafted"
    assert load(newer, publish=False).outcome == "unchanged"
    assert statuses() == [(1, "published"), (2, "draft")]
    assert load(newer, publish=True).outcome == "published"
    assert statuses() == [(1, "retired"), (2, "published")]


def test_what_has_errors_is_not_loaded_as_published() -> None:
    with pytest.raises(InvalidFlow):
        load(json.dumps(bent("initial", "nowhere")), publish=True)
    assert not FlowVersion.objects.filter(key="small").exists()


def test_the_migration_leaves_what_is_there(shipped_flows: None) -> None:
    migration = import_module("flows.migrations.0002_shipped")
    migration.publish(apps, None)
    assert FlowVersion.objects.count() == 2

    FlowVersion.objects.all().delete()
    migration.publish(apps, None)
    assert [each.outcome for each in load_shipped()] == ["unchanged", "unchanged"]
