"""`manage.py export_schema`: the same each time, and what is committed is up to date."""

import json
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from stoory.openapi.document import openapi
from stoory.realtime.asyncapi import document
from tests.docs.documents import ROOT

TYPES = ROOT / "clients" / "ts" / "src" / "events.ts"


def test_the_types_of_the_client_are_up_to_date() -> None:
    call_command("export_schema", "typescript", "--check", "--output", str(TYPES))


@pytest.mark.parametrize(("kind", "told"), [("openapi", openapi), ("asyncapi", document)])
def test_a_document_is_written(kind: str, told: object, tmp_path: Path) -> None:
    path = tmp_path / "document.json"
    call_command("export_schema", kind, "--output", str(path))
    assert callable(told)
    assert json.loads(path.read_text()) == told()
    call_command("export_schema", kind, "--check", "--output", str(path))


def test_it_is_printed_where_no_file_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("export_schema", "typescript")
    assert capsys.readouterr().out == TYPES.read_text()


@pytest.mark.parametrize("text", [None, "something else"])
def test_a_file_that_says_something_else_fails(tmp_path: Path, text: str | None) -> None:
    path = tmp_path / "events.ts"
    if text is not None:
        path.write_text(text)
    with pytest.raises(CommandError, match="out of date"):
        call_command("export_schema", "typescript", "--check", "--output", str(path))
    with pytest.raises(CommandError, match="--check needs --output"):
        call_command("export_schema", "typescript", "--check")
