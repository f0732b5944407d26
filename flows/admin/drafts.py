"""The page of a version: its document, what the checks say of it, and its picture. A draft is written here."""

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from flows.admin.comparing import Change, compared
from flows.admin.drawing import picture
from flows.admin.findings import looked_at
from flows.analytics import occupancy
from flows.commands import MAX_VERSION_NOTES, CreateDraft, SaveDraft
from flows.models import FlowVersion, VersionStatus
from stoory.commands import execute
from stoory.desk.pages import Page, show
from stoory.errors import DomainError


class DraftForm(forms.Form):
    """A document as its author writes it. `checksum` is that of the text which the author has seen."""

    document = forms.CharField(
        strip=False,
        widget=forms.Textarea({"rows": 36, "spellcheck": "false", "wrap": "off", "class": "flow-document"}),
        help_text="JSON in the format stoory.flow/1.",
    )
    notes = forms.CharField(
        required=False,
        max_length=MAX_VERSION_NOTES,
        widget=forms.Textarea({"rows": 2}),
        help_text="What is different in this version.",
    )
    checksum = forms.CharField(required=False, widget=forms.HiddenInput)

    def clean_document(self) -> str:
        return self.written()

    def written(self) -> str:
        """Return the text as its author knows it: browsers send every end of a line as two characters."""
        return str(self["document"].value() or "").replace("\r\n", "\n")


class WritingPage(Page):
    """Shows a form for a document, with what the checks say of what is written in it."""

    template = "admin/flows/version.html"

    def checked(
        self, title: str, form: DraftForm | None, text: str, counts: dict[str, int] | None = None, **context: Any
    ) -> HttpResponse:
        report = looked_at(text) if text else None
        definition = report.definition if report else None
        drawn = picture(definition, counts=counts) if definition else None
        return self.page(title, form=form, report=report, picture=drawn, **context)


class NewDraftPage(WritingPage):
    """Writes the first draft of a flow, or another one."""

    def may_post(self) -> bool:
        return self.has_perm("add_flowversion")

    def get(self, request: HttpRequest) -> HttpResponse:
        if not self.may_post():
            raise PermissionDenied
        return self.checked("New draft", DraftForm(), "", may_write=True)

    def post(self, request: HttpRequest) -> HttpResponse:
        form = DraftForm(request.POST)
        draft = self._created(form) if form.is_valid() and "check" not in request.POST else None
        if draft is not None:
            self.model_admin.log_addition(request, draft, "Written as a draft.")
            messages.success(request, f"{draft} is a draft now.")
            return redirect("admin:flows_flowversion_change", draft.pk)
        return self.checked("New draft", form, form.written(), may_write=True)

    def _created(self, form: DraftForm) -> FlowVersion | None:
        try:
            command = CreateDraft(
                actor=self.actor, document=form.cleaned_data["document"], notes=form.cleaned_data["notes"]
            )
            return execute(command)
        except DomainError as error:
            show(error, form)
            return None


class VersionPage(WritingPage):
    """Shows a version; a draft can be rewritten by those who may."""

    def may_post(self) -> bool:
        return self.has_perm("change_flowversion")

    def get(self, request: HttpRequest, object_id: str) -> HttpResponse:
        version = self.found(object_id)
        form = DraftForm(initial=_of(version)) if self._may_write(version) else None
        return self._shown(version, form, version.document)

    def post(self, request: HttpRequest, object_id: str) -> HttpResponse:
        version = self.found(object_id)
        if not self._may_write(version):
            raise PermissionDenied
        form = DraftForm(request.POST)
        if form.is_valid() and "check" not in request.POST and self._saved(version, form):
            self.model_admin.log_change(request, version, "Rewritten.")
            messages.success(request, f"{version} is saved.")
            return redirect(request.path)
        return self._shown(version, form, form.written())

    def _may_write(self, version: FlowVersion) -> bool:
        return self.may_post() and version.status == VersionStatus.DRAFT

    def _saved(self, version: FlowVersion, form: DraftForm) -> bool:
        try:
            command = SaveDraft(
                actor=self.actor,
                version_id=version.pk,
                document=form.cleaned_data["document"],
                notes=form.cleaned_data["notes"],
                checksum=form.cleaned_data["checksum"] or None,
            )
            execute(command)
        except DomainError as error:
            show(error, form)
            return False
        return True

    def _shown(self, version: FlowVersion, form: DraftForm | None, text: str) -> HttpResponse:
        is_draft = version.status == VersionStatus.DRAFT
        return self.checked(
            f"{version} ({version.status})",
            form,
            text,
            original=version,
            version=version,
            counts=None if is_draft else occupancy([version.pk]),
            theirs=_rewritten_meanwhile(version, form, text),
            may_write=form is not None,
            may_clone=self.has_perm("add_flowversion"),
            may_publish=self.has_perm("publish_flow") and is_draft,
            may_retire=self.has_perm("publish_flow") and version.status == VersionStatus.PUBLISHED,
            may_migrate=self.has_perm("publish_flow") and not is_draft,
        )


def _of(version: FlowVersion) -> dict[str, str]:
    return {"document": version.document, "notes": version.notes, "checksum": version.checksum}


def _rewritten_meanwhile(version: FlowVersion, form: DraftForm | None, text: str) -> list[Change]:
    """Return how what somebody else has saved in the meantime differs from what is written here."""
    if form is None or not form.is_bound or form.cleaned_data.get("checksum") in ("", None, version.checksum):
        return []
    return compared(version.document, text)
