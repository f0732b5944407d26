"""Check, draw and play flows without a database; bring them into one and out of it; play along with a running one."""

import json
import shlex
import sys
from argparse import ArgumentParser
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
from django.core.management.base import BaseCommand, CommandError

from flows.adopting import adopt_all
from flows.checks import Report, check_document
from flows.decoding import Malformed, decode_json, json_schema
from flows.definitions import KEYS, document
from flows.documents import findings_of
from flows.durations import is_duration
from flows.errors import FlowNotFound, InvalidFlow
from flows.management import advancing, reporting
from flows.management.pairs import values
from flows.mermaid import mermaid
from flows.models import FlowVersion
from flows.pictures import svg
from flows.schema import Definition
from flows.simulation import Script, ScriptStep, Simulation
from flows.transcripts import buttons, entry, spoken
from flows.versions import SHIPPED_NOTES, Loaded, current_version, load, version_by_number
from stoory.errors import InvalidPayload
from stoory.management.telling import telling_servers_afterwards

SOURCE = f"a shipped flow ({', '.join(KEYS)}), a version in the database (KEY@NUMBER) or a JSON file"
HELP = """\
ROLE ACTION [NAME=VALUE …]   press a button:       influencer negotiate_price price=9000
event NAME [NAME=VALUE …]    the world reports:    event payment.captured payment_id=p-1
wait DURATION                let time pass:        wait P1DT2H
force STATE                  as staff:             force dispute
quit"""


class Command(BaseCommand):
    help = "Check, draw and play flows; bring them into the database and out of it; play along with a running one."
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True)
        check = verbs.add_parser("check", help="say what is wrong with a flow; exit code 1 if anything is")
        check.add_argument("flow", help=SOURCE)
        check.add_argument("--json", action="store_true", help="print {ok, configurations, findings}")
        graph = verbs.add_parser("graph", help="draw a flow as SVG, or write it as Mermaid text")
        graph.add_argument("flow", help=SOURCE)
        graph.add_argument("--mermaid", action="store_true")
        graph.add_argument("--locale", default="en")
        graph.add_argument("-o", "--output", help="write to a file, not to the terminal")
        simulate = verbs.add_parser("simulate", help="play a flow and show what each party sees")
        simulate.add_argument("flow", help=SOURCE)
        simulate.add_argument("--script", help="a JSON file: {context, people, now, steps}; without it, type the steps")
        simulate.add_argument("--locale", default="en")
        simulate.add_argument("--json", action="store_true", help="print one JSON object for each step")
        verbs.add_parser("schema", help="print the JSON Schema of the format")
        load = verbs.add_parser("load", help="bring flows into the database, but for those that a version says already")
        load.add_argument("files", nargs="*", help="JSON files")
        load.add_argument("--shipped", action="store_true", help=f"the flows that the app ships: {', '.join(KEYS)}")
        load.add_argument("--json", action="store_true", help="print one {flow, outcome, status} a line")
        load.add_argument("--notes", default="", help="what is different in these versions")
        status = load.add_mutually_exclusive_group()
        status.add_argument("--draft", action="store_true", help="as drafts, for staff to publish: the default")
        status.add_argument(
            "--publish", action="store_true", help="let them drive new conversations, if without errors"
        )
        export = verbs.add_parser("export", help="write what a version says")
        export.add_argument("version", help="KEY@NUMBER, or KEY for the published version")
        export.add_argument("-o", "--output", help="write to a file, not to the terminal")
        adopt = verbs.add_parser(
            "adopt", help="start the flow of bid and campaign conversations that wait for one without any"
        )
        adopt.add_argument("--json", action="store_true", help="print one {conversation_id, fault} a line")
        reporting.add_arguments(verbs.add_parser("event", help="report an event to a conversation, as its provider"))
        advancing.add_arguments(verbs.add_parser("advance", help="let time pass for a conversation (with DEBUG=1)"))

    def handle(self, *args: Any, **options: Any) -> None:
        verbs: dict[str, Callable[[dict[str, Any]], None]] = {
            "check": self.check_flow,
            "graph": self.graph,
            "simulate": self.simulate,
            "schema": self.schema,
            "load": self.load,
            "export": self.export,
            "adopt": self.adopt,
            "event": self.report_event,
            "advance": self.advance,
        }
        verbs[options["verb"]](options)

    def check_flow(self, options: dict[str, Any]) -> None:
        report = _report(_read(options["flow"]))
        for line in _json_report(report) if options["json"] else _written_report(options["flow"], report):
            self.stdout.write(line)
        if report.findings:
            sys.exit(1)

    def graph(self, options: dict[str, Any]) -> None:
        draw = mermaid if options["mermaid"] else svg
        picture = draw(_definition(options["flow"]), locale=options["locale"])
        if options["output"]:
            Path(options["output"]).write_text(picture)
        else:
            self.stdout.write(picture, ending="")

    def schema(self, options: dict[str, Any]) -> None:
        self.stdout.write(json.dumps(json_schema(), indent=2))

    def load(self, options: dict[str, Any]) -> None:
        if not (options["files"] or options["shipped"]):
            raise CommandError("Name files, or --shipped")
        shipped = [(key, document(key)) for key in KEYS] if options["shipped"] else []
        for name, text in [*shipped, *((name, _file(name, name)) for name in options["files"])]:
            notes = options["notes"] or (SHIPPED_NOTES if name in KEYS else "")
            version, outcome = _loaded(name, text, publish=options["publish"], notes=notes)
            told = {"flow": f"{version.key}@{version.number}", "outcome": outcome, "status": version.status}
            line = "{flow}: {outcome} ({status})".format(**told)
            self.stdout.write(json.dumps(told) if options["json"] else line)

    def export(self, options: dict[str, Any]) -> None:
        text = _stored(options["version"]).document
        if options["output"]:
            Path(options["output"]).write_text(text)
        else:
            self.stdout.write(text)

    def adopt(self, options: dict[str, Any]) -> None:
        for conversation_id, fault in adopt_all():
            told = {"conversation_id": conversation_id, "fault": fault}
            self.stdout.write(json.dumps(told) if options["json"] else f"{conversation_id}: {fault or 'adopted'}")

    def report_event(self, options: dict[str, Any]) -> None:
        self._tell(reporting.report_event(options))

    def advance(self, options: dict[str, Any]) -> None:
        self._tell(advancing.advance(options))

    def _tell(self, lines: Iterator[str]) -> None:
        """Let something happen to a conversation; whoever looks on at one of the servers sees it at once."""
        with telling_servers_afterwards():
            for line in lines:
                self.stdout.write(line)

    def simulate(self, options: dict[str, Any]) -> None:
        script = _script(options["script"])
        game = _game(_definition(options["flow"]), script)
        self._show(game, options)
        for line in script.steps if options["script"] else self._typed():
            self._play(game, line, options)

    def _play(self, game: Simulation, line: ScriptStep, options: dict[str, Any]) -> None:
        try:
            answers = game.run(line)
        except ValueError as error:
            raise CommandError(str(error)) from None
        for answer in answers:
            written = json.dumps(entry(game, answer)) if options["json"] else spoken(answer, options["locale"])
            self.stdout.write(written)
        if not options["script"]:
            self.stdout.write(buttons(game, options["locale"]))

    def _show(self, game: Simulation, options: dict[str, Any]) -> None:
        first = game.steps[0]
        self.stdout.write(json.dumps(entry(game, first)) if options["json"] else spoken(first, options["locale"]))
        if not options["script"]:
            self.stdout.write(f"{buttons(game, options['locale'])}\n\n{HELP}\n")

    def _typed(self) -> Iterator[ScriptStep]:
        for text in sys.stdin:
            if text.strip() == "quit":
                return
            try:
                if text.strip():
                    yield _typed_step(text)
            except ValueError as error:
                self.stdout.write(f"{error}\n{HELP}")


def _typed_step(text: str) -> ScriptStep:
    """Return what a typed line means; raises `ValueError`."""
    match shlex.split(text):
        case ["wait", duration] if is_duration(duration):
            return ScriptStep(advance=duration)
        case ["force", state]:
            return ScriptStep(kind="force", id=state)
        case ["event", name, *pairs]:
            return ScriptStep(kind="event", id=name, data=values(pairs))
        case [role, action, *pairs]:
            return ScriptStep(kind="action", role=role, id=action, data=values(pairs))
    raise ValueError("What is that?")


def _read(flow: str) -> bytes:
    if flow in KEYS:
        return document(flow)
    if "@" in flow and not Path(flow).exists():
        return _stored(flow).document.encode()
    return _file(flow, f"{flow} is not {SOURCE}")


def _file(path: str, fault: str) -> bytes:
    try:
        return Path(path).read_bytes()
    except OSError as error:
        raise CommandError(f"{fault}: {error.strerror}") from None


def _stored(version: str) -> FlowVersion:
    key, _, number = version.partition("@")
    try:
        return version_by_number(key, int(number)) if number else current_version(key)
    except (FlowNotFound, ValueError):
        raise CommandError(f"There is no version {version} in the database") from None


def _loaded(name: str, text: bytes, *, publish: bool, notes: str) -> Loaded:
    try:
        return load(text.decode(), publish=publish, notes=notes)
    except UnicodeDecodeError as error:
        raise CommandError(f"{name}: {error}") from None
    except InvalidPayload as error:
        raise CommandError(f"{name}: {error.details['path']}: {error.message}") from None
    except InvalidFlow as error:
        faults = [f"{found['severity']}: {found['path']}: {found['message']}" for found in error.details["findings"]]
        raise CommandError("\n".join([f"{name}: {error.message}", *faults])) from None


def _report(text: bytes) -> Report:
    try:
        return check_document(msgspec.json.decode(text))
    except msgspec.DecodeError as error:
        raise CommandError(f"This is not JSON: {error}") from None


def _definition(flow: str) -> Definition:
    try:
        return decode_json(_read(flow))
    except Malformed as malformed:
        raise CommandError("\n".join(f"{fault.path}: {fault.message}" for fault in malformed.faults)) from None


def _script(path: str | None) -> Script:
    try:
        return msgspec.json.decode(Path(path).read_bytes(), type=Script) if path else Script()
    except (OSError, msgspec.DecodeError) as error:
        raise CommandError(f"{path}: {error}") from None


def _game(definition: Definition, script: Script) -> Simulation:
    try:
        return Simulation(definition, script)
    except ValueError as error:
        raise CommandError(str(error)) from None


def _json_report(report: Report) -> Iterator[str]:
    findings = findings_of(report)
    yield json.dumps({"ok": not findings, "configurations": report.configurations, "findings": findings}, indent=2)


def _written_report(flow: str, report: Report) -> Iterator[str]:
    yield from (str(finding) for finding in report.findings)
    if report.findings:
        warnings = len(report.findings) - len(report.errors)
        yield f"{flow}: {len(report.errors)} errors, {warnings} warnings"
    else:
        yield f"{flow}: nothing to complain about, {report.configurations:,} configurations explored"
