"""A version to take along: as JSON, as Mermaid text, as a picture."""

from django.http import HttpRequest, HttpResponse

from flows.admin.drawing import drawable
from flows.admin.findings import looked_at
from flows.mermaid import mermaid
from flows.models import FlowVersion
from flows.pictures import svg
from flows.schema import Definition
from stoory.desk.pages import Page


class ExportPage(Page):
    """A version as a file."""

    def get(self, request: HttpRequest, object_id: str, form: str) -> HttpResponse:
        version: FlowVersion = self.found(object_id)
        if form == "json":
            return _file(version.document, "application/json", version, form)
        definition = looked_at(version.document).definition
        if definition is None:
            return _file("This draft can't be drawn yet.\n", "text/plain", version, "txt")
        return _drawn(drawable(definition), version, form)


def _drawn(definition: Definition, version: FlowVersion, form: str) -> HttpResponse:
    if form == "svg":
        return _file(svg(definition), "image/svg+xml", version, form)
    return _file(mermaid(definition), "text/plain", version, "mmd")


def _file(text: str, kind: str, version: FlowVersion, ending: str) -> HttpResponse:
    name = f"{version.key}-{version.number}.{ending}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(text, content_type=f"{kind}; charset=utf-8", headers=headers)
