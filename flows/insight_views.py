"""REST for staff and integrators: a flow drawn, compared, played and counted. Nothing is stored."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import msgspec
from django.http import HttpResponse
from rest_framework.request import Request
from rest_framework.response import Response

from flows import requests
from flows.analytics import funnel, occupancy
from flows.cards import available
from flows.checks.findings import error
from flows.decoding import Malformed, decode_json, json_schema
from flows.differences import differences
from flows.documents import check_sound
from flows.errors import FlowNotFound, InvalidFlow
from flows.mermaid import mermaid
from flows.models import FlowVersion, VersionStatus
from flows.pictures import svg
from flows.schema import Definition
from flows.simulation import Script, Simulation
from flows.texts import FALLBACK
from flows.transcripts import ROLES, entry
from flows.version_views import FlowView
from flows.versions import version_by_number
from stoory.errors import InvalidPayload
from stoory.http import bounded_int

MAX_LINES = 200


class Schema(FlowView):
    """The JSON Schema of the format."""

    def get(self, request: Request, **version: str) -> Response:
        return Response(json_schema())


class Drawing(FlowView):
    """The graph; `?counts=1` shows how many conversations are in each state, `?state=` marks one, `?locale=`."""

    draw: Callable[[Definition, dict[str, int] | None, str | None, str], str]
    content_type: str
    extra_headers: dict[str, str] = {}

    def perform_content_negotiation(self, request: Request, force: bool = False) -> Any:
        return super().perform_content_negotiation(request, force=True)  # whoever asks for an image gets it

    def get(self, request: Request, key: str, number: str) -> HttpResponse:
        version = version_by_number(key, int(number))
        query = request.query_params
        counts = occupancy([version.pk]) if query.get("counts") else None
        drawn = self.draw(_definition(version), counts, query.get("state"), query.get("locale", FALLBACK))
        return HttpResponse(drawn, content_type=self.content_type, headers=self.extra_headers)


class Picture(Drawing):
    """The graph as SVG: `?counts=1&state=&locale=`."""

    draw = staticmethod(svg)
    content_type = "image/svg+xml"
    extra_headers = {"Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'"}


class Mermaid(Drawing):
    """The graph as Mermaid text: `?counts=1&state=&locale=`."""

    draw = staticmethod(mermaid)
    content_type = "text/plain; charset=utf-8"


class Diff(FlowView):
    """What is different from another version, `?against=` its number; else from the published one, or the one before.

    `occupied` tells where that one's running conversations are; `gone` which of these states are no more.
    """

    def get(self, request: Request, key: str, number: str) -> Response:
        version = version_by_number(key, int(number))
        other = _other(version, bounded_int(request.query_params, "against", default=0, low=0, high=2**31 - 1))
        before, after = msgspec.json.decode(other.document), msgspec.json.decode(version.document)
        occupied = occupancy([other.pk], is_running=True)
        states = after.get("states") if isinstance(after.get("states"), dict) else {}
        found = differences(before, after)
        return Response(
            {
                "success": True,
                "against": other.number,
                "differences": [msgspec.to_builtins(each) | {"text": str(each)} for each in found],
                "occupied": occupied,
                "gone": [state for state in occupied if state not in states],
            }
        )


class Simulate(FlowView):
    """Play a version with a clock of its own: `{context?, people?, now?, steps}`; see the documents on flows."""

    serializer_class = requests.ScriptForm

    def post(self, request: Request, key: str, number: str) -> Response:
        version = version_by_number(key, int(number))
        script = _script(self.body(Script))
        check_sound(version.document)
        try:
            game, played = _played(_definition(version), script)
        except (ValueError, OverflowError) as error:
            raise InvalidPayload(str(error), path="steps") from error
        buttons = {role: available(game.definition, game.snapshot, role, game.now) for role in ROLES}
        return Response({"success": True, "steps": played, "state": game.snapshot.state, "actions": buttons})


class Analytics(FlowView):
    """The funnel of a flow: `?from=&to=` (days or moments, UTC unless they say otherwise), `?version=` once or more."""

    def get(self, request: Request, key: str) -> Response:
        query = request.query_params
        numbers = [_number(text) for text in query.getlist("version")]
        if not FlowVersion.objects.filter(key=key).exists():
            raise FlowNotFound
        versions = [version_by_number(key, number).pk for number in numbers] or key
        figures = funnel(versions, _moment(query.get("from"), "from"), _moment(query.get("to"), "to"))
        return Response({"success": True, "key": key, "versions": numbers or None, **msgspec.to_builtins(figures)})


def _definition(version: FlowVersion) -> Definition:
    try:
        return decode_json(version.document)
    except Malformed as malformed:
        raise InvalidFlow(findings=[error(*fault)._asdict() for fault in malformed.faults]) from malformed


def _other(version: FlowVersion, number: int) -> FlowVersion:
    if number:
        return version_by_number(version.key, number)
    others = FlowVersion.objects.filter(key=version.key).exclude(pk=version.pk)
    published = others.filter(status=VersionStatus.PUBLISHED).first()
    found = published or others.filter(number__lt=version.number).order_by("-number").first()
    if found is None:
        raise FlowNotFound("There is no version to compare with")
    return found


def _script(script: Script) -> Script:
    if len(script.steps) > MAX_LINES:
        raise InvalidPayload(f"Expected at most {MAX_LINES} steps", path="steps")
    if script.now.tzinfo is None:
        raise InvalidPayload("Expected a moment with its zone", path="now")
    return script


def _played(definition: Definition, script: Script) -> tuple[Simulation, list[dict[str, Any]]]:
    game = Simulation(definition, script)
    played = [entry(game, game.steps[0])]
    for line in script.steps:
        played += [entry(game, answer) for answer in game.run(line)]
    return game, played


def _number(text: str) -> int:
    if not text.isascii() or not text.isdecimal() or len(text) > 9:
        raise InvalidPayload("Expected the number of a version", path="version")
    return int(text)


def _moment(text: str | None, name: str) -> datetime | None:
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):  # the latter at either end of time
        raise InvalidPayload("Expected a day or a moment, like 2026-12-31", path=name) from None
