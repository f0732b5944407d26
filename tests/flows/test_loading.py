"""`manage.py flows` with a database: flows brought into it and out of it, checked and drawn there."""

import json
from pathlib import Path

import pytest
from django.core.management import CommandError

from flows.models import FlowVersion
from stoory.accounts.models import User
from tests.flows.guided import drafted, released
from tests.flows.players import SMALL, bent
from tests.flows.test_command import run, saved

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def empty(db: None) -> None:
    FlowVersion.objects.all().delete()


def test_files_become_drafts_once(tmp_path: Path) -> None:
    small, other = saved(tmp_path, SMALL), saved(tmp_path, bent("key", "other"), "other.json")

    assert run("load", small, other) == "small@1: drafted (draft)\nother@1: drafted (draft)\n"
    assert run("load", small, "--json") == '{"flow": "small@1", "outcome": "unchanged", "status": "draft"}\n'
    assert run("load", small, "--draft") == "small@1: unchanged (draft)\n"
    assert run("load", small, "--publish") == "small@1: published (published)\n"
    assert run("load", small, "--publish") == "small@1: unchanged (published)\n"
    assert FlowVersion.objects.get(key="small").document == Path(small).read_text()


def test_shipped_flows_are_published_once() -> None:
    assert run("load", "--shipped", "--publish") == "bid@1: published (published)\ncampaign@1: published (published)\n"
    assert run("load", "--shipped", "--publish") == "bid@1: unchanged (published)\ncampaign@1: unchanged (published)\n"
    assert FlowVersion.objects.get(key="bid").notes == "Shipped with the app."


def test_notes_are_kept(tmp_path: Path) -> None:
    run("load", saved(tmp_path, SMALL), "--notes", "Shorter")
    assert FlowVersion.objects.get().notes == "Shorter"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("{", "document: This is not JSON"),
        (bent("key", ...), "document.key: Expected a name"),
        (bent("initial", "nowhere"), "error: initial: "),
    ],
)
def test_what_is_wrong_is_told(tmp_path: Path, content: object, said: str) -> None:
    with pytest.raises(CommandError, match=said):
        run("load", saved(tmp_path, content), "--publish")
    assert not FlowVersion.objects.exists()


def test_bytes_that_are_no_text_are_refused(tmp_path: Path) -> None:
    (tmp_path / "flow.json").write_bytes(b"\xff")
    with pytest.raises(CommandError, match="can't decode"):
        run("load", str(tmp_path / "flow.json"))


@pytest.mark.parametrize(
    "arguments", [["load"], ["load", "nowhere.json"], ["load", "--draft", "--publish", "--shipped"]]
)
def test_what_to_load_must_be_said(arguments: list[str]) -> None:
    with pytest.raises(CommandError):
        run(*arguments)


def test_a_version_is_written_as_it_is_kept(tmp_path: Path, staff: User) -> None:
    text = json.dumps(SMALL, indent=5)
    released(staff, text)
    drafted(staff, bent("title", "Second"))

    assert run("export", "small") == run("export", "small@1") == f"{text}\n"
    assert '"Second"' in run("export", "small@2")
    run("export", "small@1", "-o", str(tmp_path / "out.json"))
    assert (tmp_path / "out.json").read_text() == text
    assert run("load", str(tmp_path / "out.json")) == "small@1: unchanged (published)\n"


def test_without_a_published_version_the_newest_is_written(staff: User) -> None:
    drafted(staff)
    drafted(staff, bent("title", "Second"))
    assert '"Second"' in run("export", "small")


@pytest.mark.parametrize("version", ["small", "small@9", "small@x", "@1"])
def test_what_is_not_there_is_not_written(version: str) -> None:
    with pytest.raises(CommandError, match="There is no version"):
        run("export", version)


def test_a_version_is_checked_drawn_and_played(tmp_path: Path, staff: User) -> None:
    drafted(staff)
    script = saved(tmp_path, {"steps": []}, "script.json")

    assert run("check", "small@1").startswith("small@1: nothing to complain about")
    assert run("graph", "small@1", "--mermaid").startswith("stateDiagram-v2")
    assert run("simulate", "small@1", "--script", script).startswith("start: asked (#1)")
