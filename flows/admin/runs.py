"""The page of one conversation's flow: where it is, how it came there, what it waits for, and what staff can do."""

from typing import Any, NamedTuple

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from conversations.models import Conversation
from flows.admin.deeds import deeds
from flows.admin.drawing import picture
from flows.guidance import deadline
from flows.models import FlowRun
from flows.runs import definition_of, is_closed_by_staff, parties_of, snapshot_of
from flows.schema import Definition
from flows.texts import FALLBACK, localized
from stoory.desk.deeds import Deed, done
from stoory.desk.pages import Page, register_page
from stoory.desk.rows import ReadOnlyAdmin
from stoory.payloads import JsonValue

SHOWN_ROWS = 100


class VariableRow(NamedTuple):
    """A variable of the flow as the page shows it."""

    name: str
    label: str
    value: JsonValue
    pii: bool


class RunPage(Page):
    """Shows a run; posting does one of the deeds that it offers."""

    template = "admin/flows/run.html"

    def may_post(self) -> bool:
        return self.has_perm("change_flowrun")

    def get(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self._shown(self.found(object_id))

    def post(self, request: HttpRequest, object_id: str) -> HttpResponse:
        run = self.found(object_id)
        deed = deeds(run, self.actor, request.POST).get(request.POST.get("deed", ""))
        if self._is_repeat(run) or (deed is not None and done(deed)):
            messages.success(request, "Done. The log below tells what came of it.")
            return redirect(request.path)
        if deed is None:
            messages.error(request, "This can't be done any more: the conversation has moved on.")
        return self._shown(self.found(object_id), deed)

    def _is_repeat(self, run: FlowRun) -> bool:
        """Return whether this very form was sent before, as by a double click."""
        nonce = self.request.POST.get("nonce")
        return nonce is not None and run.transitions.filter(actor=self.actor, nonce=nonce).exists()

    def _shown(self, run: FlowRun, refused: Deed | None = None) -> HttpResponse:
        definition, snapshot = definition_of(run.version), snapshot_of(run, parties_of(run.conversation))
        offered = deeds(run, self.actor) if self.may_post() else {}
        if refused is not None:
            offered[refused.key] = refused
        effects = run.effects.order_by("-pk")[:SHOWN_ROWS]
        of_effects = {
            effect.pk: [offered.pop(f"{verb}-{effect.pk}", None) for verb in ("retry", "dismiss")] for effect in effects
        }
        return self.page(
            f"Flow: {run.conversation}",
            original=run,
            state_title=_title(definition, snapshot.state),
            picture=picture(definition, current=snapshot.state),
            expires_at=deadline(run, definition, snapshot),
            is_closed_by_staff=is_closed_by_staff(run, definition),
            variables=_variables(definition, run.data),
            steps=run.transitions.select_related("actor", "version")
            .defer("version__document")
            .order_by("-pk")[:SHOWN_ROWS],
            timers=run.timers.order_by("-due_at", "-pk")[:SHOWN_ROWS],
            effects=[(effect, [deed for deed in of_effects[effect.pk] if deed]) for effect in effects],
            deeds=list(offered.values()),
            shown_rows=SHOWN_ROWS,
        )


def _title(definition: Definition, name: str) -> str:
    state = definition.states.get(name)
    return localized(state.title, FALLBACK) if state else ""


def _variables(definition: Definition, data: dict[str, JsonValue]) -> list[VariableRow]:
    """Return the variables in the definition's order."""
    return [
        VariableRow(name, localized(variable.called(name), FALLBACK), data.get(name), variable.pii)
        for name, variable in definition.context.items()
    ]


@admin.register(FlowRun)
class FlowRunAdmin(ReadOnlyAdmin):
    """Which conversations are guided, by which version, and how far they are."""

    list_display = ["conversation_id", "version", "state", "awaiting", "outcome", "paused_at", "entered_at"]
    list_filter = ["outcome", ("version", admin.RelatedOnlyFieldListFilter)]
    ordering = ["-pk"]
    id_fields = ("conversation",)
    search_fields = ["conversation__flow_state", "conversation__source_id"]

    def get_urls(self) -> list[Any]:
        page = register_page(self, RunPage)
        return [path("<path:object_id>/change/", page, name="flows_flowrun_change"), *super().get_urls()]

    def get_queryset(self, request: HttpRequest) -> QuerySet[FlowRun]:
        runs: QuerySet[FlowRun] = super().get_queryset(request)
        return runs.select_related("conversation", "version").defer("version__document")

    @admin.display
    def state(self, run: FlowRun) -> str | None:
        return run.conversation.flow_state

    @admin.display
    def awaiting(self, run: FlowRun) -> str | None:
        return run.conversation.awaiting_role


def summary(conversation: Conversation) -> SafeString:
    """Return where a conversation's flow is, with a link to its page."""
    run = FlowRun.objects.select_related("version").defer("version__document").filter(pk=conversation.pk).first()
    if run is None:
        return format_html("{}", "No flow guides this conversation.")
    return format_html(
        '<a href="{}">State, log, timers, effects and what staff can do</a> ({}{})',
        reverse("admin:flows_flowrun_change", args=[run.pk]),
        run.version,
        ", paused" if run.paused_at else "",
    )
