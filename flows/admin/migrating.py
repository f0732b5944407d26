"""Running conversations to another version: which state becomes which, tried first, then done for a reason."""

from typing import Any, NamedTuple

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from flows.analytics import occupancy
from flows.commands import MigrateRuns, Migration
from flows.models import FlowVersion, VersionStatus
from flows.pictures import flow_order
from flows.runs import definition_of
from flows.schema import Definition
from flows.texts import called
from stoory.commands import execute
from stoory.desk.deeds import ReasonForm
from stoory.desk.pages import Page, show
from stoory.errors import DomainError

PREFIX = "state"
LISTED_PROBLEMS = 50
MOVED_AT_ONCE = 500  # each in a transaction of its own, while a browser waits


class MappingForm(forms.Form):
    """Which state becomes which; one of the same name does unless it is said otherwise."""

    def __init__(self, before: Definition, after: Definition, counts: dict[str, int], data: Any = None) -> None:
        super().__init__(data, prefix=PREFIX)
        states = [(name, called(after, name)) for name in flow_order(after)]
        for name in (name for name in flow_order(before) if not before.states[name].final):
            self.fields[name] = forms.ChoiceField(
                required=False,
                label=called(before, name),
                help_text=str(counts.get(name, 0)),
                choices=states if name in after.states else [("", "— not mapped —"), *states],
                initial=name,
            )

    def mapping(self) -> dict[str, str]:
        return {name: target for name, target in self.cleaned_data.items() if target}


class Row(NamedTuple):
    """What a migration does with a state."""

    source: str
    target: str
    conversations: int


class MigratePage(Page):
    """Asks for the target, then for the mapping, shows a dry run, and asks for the reason."""

    template = "admin/flows/migrate.html"

    def may_post(self) -> bool:
        return self.has_perm("publish_flow")

    def get(self, request: HttpRequest, object_id: str) -> HttpResponse:
        version = self.found(object_id)
        target = _target(version, request.GET.get("to", ""))
        return self._asked(version, target, _mapping_form(version, target), ReasonForm())

    def post(self, request: HttpRequest, object_id: str) -> HttpResponse:
        version = self.found(object_id)
        target = _target(version, request.POST.get("to", ""))
        form = _mapping_form(version, target, request.POST)
        if target is None or form is None or not form.is_valid():
            return self._asked(version, target, form, ReasonForm())
        if "run" in request.POST:
            return self._migrated(version, target, form)
        return self._asked(version, target, form, ReasonForm(), self._tried(version, target, form))

    def _tried(self, version: FlowVersion, target: FlowVersion, form: MappingForm) -> Migration | None:
        try:
            return execute(self._command(version, target, form))
        except DomainError as error:
            show(error, form)
            return None

    def _migrated(self, version: FlowVersion, target: FlowVersion, form: MappingForm) -> HttpResponse:
        reason = ReasonForm(self.request.POST)
        if not reason.is_valid():
            return self._asked(version, target, form, reason, self._tried(version, target, form))
        try:
            done = execute(self._command(version, target, form, reason.cleaned_data["reason"]))
        except DomainError as error:
            show(error, form)
            return self._asked(version, target, form, reason, self._tried(version, target, form))
        self.model_admin.log_change(self.request, version, f"Migrated to {target}: {done.moved}.")
        messages.success(self.request, f"Moved to {target}: {sum(done.moved.values())}.")
        if not done.remaining:
            return redirect("admin:flows_flowversion_change", version.pk)
        messages.warning(self.request, f"Still to be moved: {done.remaining}. Migrate once more.")
        return self._asked(version, target, form, reason, self._tried(version, target, form))

    def _command(self, version: FlowVersion, target: FlowVersion, form: MappingForm, reason: str = "") -> MigrateRuns:
        return MigrateRuns(
            actor=self.actor,
            version_id=version.pk,
            to_version_id=target.pk,
            mapping=form.mapping(),
            dry_run=not reason,
            reason=reason,
            limit=MOVED_AT_ONCE,
        )

    def _asked(
        self,
        version: FlowVersion,
        target: FlowVersion | None,
        form: MappingForm | None,
        reason: ReasonForm,
        foreseen: Migration | None = None,
    ) -> HttpResponse:
        return self.page(
            f"Migrate conversations of {version}",
            original=version,
            version=version,
            targets=_targets(version),
            target=target,
            form=form,
            reason_form=reason,
            foreseen=foreseen,
            problems=foreseen.problems[:LISTED_PROBLEMS] if foreseen else [],
            rows=[Row(name, foreseen.mapping[name], count) for name, count in foreseen.moved.items()]
            if foreseen
            else [],
            may_write=self.may_post(),
        )


def _targets(version: FlowVersion) -> list[FlowVersion]:
    """Return where conversations of a version can go, the published one first."""
    others = FlowVersion.objects.filter(conversation_type=version.conversation_type).exclude(pk=version.pk)
    lasting = others.exclude(status=VersionStatus.DRAFT).defer("document").order_by("key", "-number")
    return sorted(lasting, key=lambda other: other.status != VersionStatus.PUBLISHED)


def _target(version: FlowVersion, key: str) -> FlowVersion | None:
    return next((target for target in _targets(version) if str(target.pk) == key), None)


def _mapping_form(version: FlowVersion, target: FlowVersion | None, data: Any = None) -> MappingForm | None:
    if target is None or version.status == VersionStatus.DRAFT:
        return None
    counts = occupancy([version.pk], is_running=True)
    return MappingForm(definition_of(version), definition_of(target), counts, data)
