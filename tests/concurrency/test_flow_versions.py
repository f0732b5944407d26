"""Versions of a flow written and published by many at once; conversations that migrate while somebody acts."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from conversations.models import ConversationEvent
from flows.commands import CreateDraft, MigrateRuns, PublishVersion
from flows.errors import NotAvailable
from flows.models import FlowTransition, FlowVersion
from flows.versions import load
from stoory.accounts.models import User
from stoory.commands import Command, execute
from stoory.errors import DomainError
from tests.concurrency.threads import at_once
from tests.flows.guided import drafted, guided, press, released, run_of
from tests.flows.players import SMALL, bent

pytestmark = pytest.mark.slow

TEXT = json.dumps(SMALL)


def outcome(command: Command[Any]) -> Callable[[], str]:
    """Return what executes a command and tells how that went."""

    def run() -> str:
        try:
            execute(command)
        except DomainError as error:
            return error.code
        return "done"

    return run


def test_numbers_have_no_gaps(staff: User) -> None:
    numbers = at_once([lambda: execute(CreateDraft(actor=staff.pk, document=TEXT)).number] * 8)
    assert sorted(numbers) == [1, 2, 3, 4, 5, 6, 7, 8]


def test_a_draft_is_published_by_one(staff: User) -> None:
    draft = drafted(staff)
    outcomes = at_once([outcome(PublishVersion(actor=staff.pk, version_id=draft.pk))] * 4)
    assert sorted(outcomes) == ["done", *[NotAvailable.code] * 3]


def test_one_version_is_published(staff: User) -> None:
    released(staff)
    drafts = [drafted(staff, bent("title", f"Title {number}")) for number in range(4)]
    outcomes = at_once([outcome(PublishVersion(actor=staff.pk, version_id=draft.pk)) for draft in drafts])

    assert set(outcomes) == {"done"}  # one after the other; the last one stays
    assert FlowVersion.objects.filter(status="published").count() == 1
    assert FlowVersion.objects.filter(status="retired").count() == 4


def test_a_flow_is_loaded_once() -> None:
    loaded = at_once([lambda: load(TEXT, publish=True).outcome] * 6)

    assert sorted(loaded) == ["published", *["unchanged"] * 5]
    assert FlowVersion.objects.get().status == "published"


@pytest.mark.postgres
@pytest.mark.usefixtures("system_user")
def test_a_press_and_a_migration_happen_one_after_the_other(staff: User, alice: User, bob: User) -> None:
    first = released(staff)
    talks = [guided(alice, bob, f"bid-{number}") for number in range(10)]
    second = released(staff)
    migration = MigrateRuns(
        actor=staff.pk, version_id=first.pk, to_version_id=second.pk, dry_run=False, reason="Better"
    )
    pressed = [lambda talk=talk: press(bob, talk, "ask", price="90").flow_state for talk in talks]
    outcomes = at_once([outcome(migration), outcome(migration), *pressed])

    assert set(outcomes) == {"done", "answered"}
    execute(migration)  # who was skipped because somebody acted
    for talk in talks:
        run = run_of(talk)
        lines = FlowTransition.objects.filter(run=run).order_by("pk")
        assert run.version == second
        assert [line.seq_to for line in lines] == [1, 2, 3]
        assert sorted(line.reason for line in lines) == ["action:ask", "staff:migrate", "start"]
        seqs = ConversationEvent.objects.filter(conversation=talk).values_list("seq", flat=True)
        assert sorted(seqs) == list(range(1, len(seqs) + 1))
