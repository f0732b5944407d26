"""What the runs of all conversations have left behind, to look through: steps, timers, effects, reported events."""

from typing import Any

from django.contrib import admin
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from flows.models import CampaignEvent, FlowEffect, FlowTimer, FlowTransition, ProviderEvent, SandboxCall
from stoory.desk.rows import ReadOnlyAdmin


class OfRuns(ReadOnlyAdmin):
    """Rows of runs, the newest first, each with a link to the page of its run."""

    ordering = ["-id"]
    id_fields: tuple[str, ...] = ("run",)

    @admin.display(description="conversation")
    def run_page(self, row: Any) -> SafeString:
        return format_html('<a href="{}">{}</a>', reverse("admin:flows_flowrun_change", args=[row.run_id]), row.run_id)


@admin.register(FlowTransition)
class FlowTransitionAdmin(OfRuns):
    """Every step of every run."""

    list_display = ["id", "run_page", "reason", "from_state", "to_state", "seq_to", "role", "actor", "created_at"]
    list_select_related = ["actor"]
    id_fields = ("run", "actor")
    search_fields = ["reason", "actor__username"]


@admin.register(FlowTimer)
class FlowTimerAdmin(OfRuns):
    """When which run is looked at."""

    list_display = ["id", "run_page", "name", "kind", "due_at", "status"]
    list_filter = ["status"]
    search_fields = ["name"]


@admin.register(FlowEffect)
class FlowEffectAdmin(OfRuns):
    """What was asked of the world. Those that failed are retried or let go on the page of their run."""

    list_display = ["id", "run_page", "name", "status", "attempts", "due_at", "error"]
    list_filter = ["status"]
    search_fields = ["key"]


@admin.register(ProviderEvent)
class ProviderEventAdmin(ReadOnlyAdmin):
    """What a provider reported, and whether it was expected."""

    list_display = ["id", "conversation_id", "name", "event_id", "transition_id", "received_at"]
    ordering = ["-id"]
    id_fields = ("conversation",)
    search_fields = ["event_id", "name"]


@admin.register(CampaignEvent)
class CampaignEventAdmin(ReadOnlyAdmin):
    """What a provider reported about campaigns of many conversations, and whether all of them have heard of it."""

    list_display = ["id", "campaign_id", "name", "event_id", "told_up_to", "received_at", "done_at"]
    ordering = ["-id"]
    search_fields = ["event_id", "campaign_id", "name"]


@admin.register(SandboxCall)
class SandboxCallAdmin(ReadOnlyAdmin):
    """What the sandbox provider was asked to do."""

    list_display = ["key", "effect", "calls", "created_at"]
    search_fields = ["key"]
