"""Write what is known of the interfaces to a file: the OpenAPI or AsyncAPI document, or the types of a client."""

import sys
from argparse import ArgumentParser
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
from django.core.management.base import BaseCommand, CommandError

from stoory.openapi.document import openapi
from stoory.realtime.asyncapi import document
from stoory.realtime.typescript import typescript


def _as_json(value: Any) -> str:
    return msgspec.json.format(msgspec.json.encode(value), indent=2).decode() + "\n"


KINDS: dict[str, Callable[[], str]] = {
    "openapi": lambda: _as_json(openapi()),
    "asyncapi": lambda: _as_json(document()),
    "typescript": typescript,
}


class Command(BaseCommand):
    help = "Write the OpenAPI document, the AsyncAPI document or the TypeScript types of all events."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("kind", choices=KINDS)
        parser.add_argument("--output", type=Path, help="the file to write (default: the standard output)")
        parser.add_argument("--check", action="store_true", help="write nothing; fail if the file says something else")

    def handle(self, *args: Any, **options: Any) -> None:
        text, path = KINDS[options["kind"]](), options["output"]
        if options["check"]:
            self._check(options["kind"], text, path)
        elif path is None:
            sys.stdout.write(text)
        else:
            path.write_text(text)

    def _check(self, kind: str, text: str, path: Path | None) -> None:
        if path is None:
            raise CommandError("--check needs --output, the file to look at.")
        if not path.exists() or path.read_text() != text:
            raise CommandError(f"{path} is out of date: manage.py export_schema {kind} --output {path}")
