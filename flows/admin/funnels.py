"""What became of the conversations of a flow: in the picture, in tables, as CSV."""

import csv
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django import forms
from django.core.validators import MaxValueValidator
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse

from flows.admin.drawing import picture
from flows.analytics import Funnel, StateFigures, funnel
from flows.models import FlowVersion, VersionStatus
from flows.runs import definition_of
from stoory.desk.exports import cell
from stoory.desk.pages import Page

UNITS = (("d", 86_400), ("h", 3_600), ("min", 60))
COLUMNS = ("state", "title", "now", "entered", "left", "median_seconds", "reason", "to_state", "count", "conversion")
LAST_DAY = date(2199, 12, 31)


class FunnelForm(forms.Form):
    """Whose figures, from which day to which one."""

    version = forms.ModelChoiceField(FlowVersion.objects.none(), required=False, empty_label="All versions")
    start = forms.DateField(required=False, label="From", widget=forms.DateInput({"type": "date"}))
    end = forms.DateField(
        required=False,
        label="To",
        validators=[MaxValueValidator(LAST_DAY)],
        widget=forms.DateInput({"type": "date"}),
        help_text="Days in UTC, both included.",
    )

    def __init__(self, versions: QuerySet[FlowVersion], data: Any) -> None:
        super().__init__(data)
        self.fields["version"].queryset = versions  # type: ignore[attr-defined]  # it is a ModelChoiceField


class FunnelPage(Page):
    """Shows the figures of a flow, or gives them as a file."""

    template = "admin/flows/funnel.html"

    def get(self, request: HttpRequest, key: str) -> HttpResponse:
        versions = FlowVersion.objects.filter(key=key).exclude(status=VersionStatus.DRAFT).defer("document")
        newest = versions.order_by("-number").first()
        if newest is None:
            raise Http404
        form = FunnelForm(versions, request.GET)
        figures = self._figures(key, form) if form.is_valid() else None
        if figures is not None and request.GET.get("as") == "csv":
            return _as_csv(key, figures)
        drawn = (form.cleaned_data.get("version") or newest) if figures else newest
        return self.page(
            f"Funnel of {key}",
            key=key,
            form=form,
            figures=figures,
            drawn=drawn,
            query=request.GET.urlencode(),
            picture=figures and _drawn(drawn, figures),
            states=[(state, in_words(state.median_seconds)) for state in figures.states] if figures else [],
        )

    def _figures(self, key: str, form: FunnelForm) -> Funnel:
        asked = form.cleaned_data
        return funnel(
            [asked["version"].pk] if asked["version"] else key,
            _midnight(asked["start"]) if asked["start"] else None,
            _midnight(asked["end"]) + timedelta(days=1) if asked["end"] else None,
        )


def in_words(seconds: float | None) -> str:
    """Return a time as briefly as a picture has room for: `3.5 h`."""
    if seconds is None:
        return ""
    for unit, size in UNITS:
        if seconds >= size:
            return f"{seconds / size:.3g} {unit}"
    return f"{seconds:.0f} s"


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


def _drawn(version: FlowVersion, figures: Funnel) -> Any:
    counts = {state.state: state.now for state in figures.states}
    stays = {state.state: in_words(state.median_seconds) for state in figures.states}
    return picture(definition_of(version), counts=counts, stays=stays)


def _as_csv(key: str, figures: Funnel) -> HttpResponse:
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{key}-funnel.csv"'
    writer = csv.writer(response)
    writer.writerow(COLUMNS)
    for state in figures.states:
        writer.writerows([cell(value) for value in row] for row in _rows(state))
    return response


def _rows(state: StateFigures) -> Iterator[list[Any]]:
    """Return a row for each way out of a state; one without, where nobody has left it."""
    own = [state.state, state.title, state.now, state.entered, state.left, state.median_seconds]
    for edge in state.edges:
        yield [*own, edge.reason, edge.to_state, edge.count, edge.conversion]
    if not state.edges:
        yield [*own, "", "", "", ""]
