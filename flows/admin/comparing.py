"""How two versions of a flow differ, part by part."""

from typing import Any, NamedTuple

import msgspec
from django.http import HttpRequest, HttpResponse

from flows.differences import differences
from flows.documents import read_document
from flows.models import FlowVersion
from stoory.desk.pages import Page
from stoory.errors import InvalidPayload


class Change(NamedTuple):
    """A difference in words; what was not there, or is no more, is empty."""

    change: str
    path: str
    before: str
    after: str


def compared(old: str, new: str) -> list[Change]:
    """Return how to come from one document to another; nothing where one of them can't be read."""
    try:
        before, after = read_document(old).content, read_document(new).content
    except InvalidPayload:
        return []
    return [
        Change(each.change, each.path, _laid_out(each.before), _laid_out(each.after))
        for each in differences(before, after)
    ]


def _laid_out(value: Any) -> str:
    if value is None or isinstance(value, str):
        return value or ""
    return msgspec.json.format(msgspec.json.encode(value), indent=2).decode()


class DiffPage(Page):
    """Shows how a version differs from another one of its flow: the one before it, unless `against` names one."""

    template = "admin/flows/diff.html"

    def get(self, request: HttpRequest, object_id: str) -> HttpResponse:
        version = self.found(object_id)
        others = list(FlowVersion.objects.filter(key=version.key).exclude(pk=version.pk).order_by("-number"))
        chosen = next((other for other in others if str(other.pk) == request.GET.get("against")), None)
        against = chosen or next((other for other in others if other.number < version.number), None)
        return self.page(
            f"{version}: differences",
            original=version,
            version=version,
            others=others,
            against=against,
            changes=compared(against.document, version.document) if against else [],
        )
