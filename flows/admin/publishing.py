"""What makes a version drive conversations, or no more: each asked for on a page of its own, and cloning."""

from typing import ClassVar

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from flows.admin.comparing import compared
from flows.admin.findings import looked_at
from flows.analytics import occupancy
from flows.commands import CloneVersion, PublishVersion, RetireVersion
from flows.models import FlowVersion, VersionStatus
from stoory.commands import execute
from stoory.desk.pages import Page, show
from stoory.errors import DomainError


class DecisionPage(Page):
    """Asks whether a version shall really be published or retired."""

    template = "admin/flows/decision.html"
    command: ClassVar[type[PublishVersion | RetireVersion]]
    verb: ClassVar[str]
    done: ClassVar[str]

    def may_post(self) -> bool:
        return self.has_perm("publish_flow")

    def get(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self._asked(self.found(object_id), forms.Form())

    def post(self, request: HttpRequest, object_id: str) -> HttpResponse:
        version, form = self.found(object_id), forms.Form(request.POST)
        form.is_valid()
        try:
            execute(self.command(actor=self.actor, version_id=version.pk))
        except DomainError as error:
            show(error, form)
            return self._asked(version, form)
        self.model_admin.log_change(request, version, self.done)
        messages.success(request, f"{version}: {self.done}")
        return redirect("admin:flows_flowversion_change", version.pk)

    def _asked(self, version: FlowVersion, form: forms.Form) -> HttpResponse:
        return self.page(
            f"{self.verb} {version}",
            original=version,
            version=version,
            form=form,
            verb=self.verb,
            **self.basis(version),
        )

    def basis(self, version: FlowVersion) -> dict[str, object]:
        """Return what there is to know before one decides."""
        return {"running": sum(occupancy([version.pk], is_running=True).values())}


class PublishPage(DecisionPage):
    """Shows what is different from the version that is published now, and what the checks say."""

    command = PublishVersion
    verb = "Publish"
    done = "Published."

    def basis(self, version: FlowVersion) -> dict[str, object]:
        published = FlowVersion.objects.filter(key=version.key, status=VersionStatus.PUBLISHED).first()
        return {
            "report": looked_at(version.document),
            "published": published,
            "running": sum(occupancy([published.pk], is_running=True).values()) if published else 0,
            "changes": compared(published.document, version.document) if published else [],
        }


class RetirePage(DecisionPage):
    """Tells how many conversations keep the version."""

    command = RetireVersion
    verb = "Retire"
    done = "Retired."


class ClonePage(Page):
    """Makes a draft of a version."""

    http_method_names = ["post"]

    def may_post(self) -> bool:
        return self.has_perm("add_flowversion")

    def post(self, request: HttpRequest, object_id: str) -> HttpResponse:
        version = self.found(object_id)
        try:
            draft = execute(CloneVersion(actor=self.actor, version_id=version.pk))
        except DomainError as error:
            messages.error(request, error.message)
            return redirect("admin:flows_flowversion_change", version.pk)
        self.model_admin.log_addition(request, draft, f"Cloned from {version}.")
        messages.success(request, f"{draft} is a draft now, and says what {version} says.")
        return redirect("admin:flows_flowversion_change", draft.pk)
