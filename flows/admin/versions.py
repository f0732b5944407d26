"""Versions in the admin: the list, and the routes of all pages about one."""

from typing import Any

from django.contrib import admin
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import path

from flows.admin.comparing import DiffPage
from flows.admin.drafts import NewDraftPage, VersionPage
from flows.admin.exports import ExportPage
from flows.admin.funnels import FunnelPage
from flows.admin.migrating import MigratePage
from flows.admin.publishing import ClonePage, PublishPage, RetirePage
from flows.admin.simulator import SimulatorPage
from flows.models import FlowVersion, VersionStatus
from stoory.desk.pages import register_page
from stoory.desk.theme import ModelAdmin

PAGES = {
    "change": VersionPage,
    "publish": PublishPage,
    "retire": RetirePage,
    "clone": ClonePage,
    "migrate": MigratePage,
    "diff": DiffPage,
    "simulate": SimulatorPage,
}
"""The pages about one version, by the last part of their route and name."""


@admin.register(FlowVersion)
class FlowVersionAdmin(ModelAdmin):  # type: ignore[type-arg]  # not subscriptable at runtime
    """Versions of flows. What is written, published and retired here is so by Commands."""

    list_display = [
        "name",
        "status",
        "conversation_type",
        "running",
        "published_at",
        "published_by",
        "notes",
    ]
    list_filter = ["status", "conversation_type"]
    list_select_related = ["published_by"]
    search_fields = ["key", "notes"]
    sortable_by = ()
    actions = None
    list_before_template = "admin/flows/funnels.html"

    def get_urls(self) -> list[Any]:
        pages = [
            path(f"<path:object_id>/{name}/", register_page(self, page), name=f"flows_flowversion_{name}")
            for name, page in PAGES.items()
        ]
        others = [
            path("add/", register_page(self, NewDraftPage), name="flows_flowversion_add"),
            path("funnel/<str:key>/", register_page(self, FunnelPage), name="flows_flowversion_funnel"),
            path(
                "<path:object_id>/export.<str:form>", register_page(self, ExportPage), name="flows_flowversion_export"
            ),
        ]
        return [*pages, *others, *super().get_urls()]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        lasting = FlowVersion.objects.exclude(status=VersionStatus.DRAFT)
        keys = lasting.order_by("key").values_list("key", flat=True).distinct()
        return super().changelist_view(request, {**(extra_context or {}), "funnels": keys})

    def get_queryset(self, request: HttpRequest) -> QuerySet[FlowVersion]:
        versions: QuerySet[FlowVersion] = super().get_queryset(request)
        return versions.defer("document").annotate(running_count=Count("runs", filter=Q(runs__outcome=None)))

    def has_delete_permission(self, request: HttpRequest, obj: FlowVersion | None = None) -> bool:
        return False

    @admin.display(description="version")
    def name(self, version: FlowVersion) -> str:
        return str(version)

    @admin.display(description="running in it")
    def running(self, version: Any) -> int:
        return int(version.running_count)
