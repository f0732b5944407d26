"""Webhooks in the admin: how they fare, and switching them off and on. Their owners make and change them."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest

from stoory.commands import execute
from stoory.desk.rows import LargeTableAdmin, ReadOnlyAdmin, ReasonedActionForm
from stoory.errors import DomainError
from stoory.webhooks.commands import HoldWebhook
from stoory.webhooks.models import WebhookDelivery, WebhookEndpoint, WebhookPosition


@admin.register(WebhookEndpoint)
class WebhookEndpointAdmin(LargeTableAdmin):
    """Addresses, without their secrets."""

    list_display = ["id", "owner", "url", "is_active", "last_success_at", "failing_since", "off_reason"]
    list_filter = ["is_active"]
    list_select_related = ["owner"]
    id_fields = ("id", "owner")
    search_fields = ["url", "owner__username"]
    exclude = ["secret", "old_secret"]
    actions = ["pause", "resume"]
    action_form = ReasonedActionForm

    @admin.action(description="Switch off", permissions=["change"])
    def pause(self, request: HttpRequest, queryset: QuerySet[WebhookEndpoint]) -> None:
        self._hold(request, queryset, is_active=False)

    @admin.action(description="Switch on: what was missed is sent", permissions=["change"])
    def resume(self, request: HttpRequest, queryset: QuerySet[WebhookEndpoint]) -> None:
        self._hold(request, queryset, is_active=True)

    def _hold(self, request: HttpRequest, queryset: QuerySet[WebhookEndpoint], *, is_active: bool) -> None:
        reason = request.POST.get("reason", "").strip()
        webhooks = list(queryset)
        try:
            for webhook in webhooks:
                actor, key = str(request.user.pk), str(webhook.pk)
                execute(HoldWebhook(actor=actor, webhook_id=key, is_active=is_active, reason=reason))
                self.log_change(request, webhook, f"Switched {'on' if is_active else 'off'}: {reason}")
        except DomainError as error:
            self.message_user(request, error.message, messages.ERROR)
            return
        self.message_user(request, f"{len(webhooks)} webhooks are switched {'on' if is_active else 'off'} now.")

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """Offer no deletion."""
        return {name: action for name, action in super().get_actions(request).items() if name != "delete_selected"}

    def get_readonly_fields(self, request: HttpRequest, obj: WebhookEndpoint | None = None) -> list[str]:
        return [field.name for field in self.opts.fields if field.name not in self.exclude]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: WebhookEndpoint | None = None) -> bool:
        return False


@admin.register(WebhookPosition)
class WebhookPositionAdmin(ReadOnlyAdmin):
    """How far each has been told of each conversation, and which wait."""

    list_display = ["id", "endpoint", "conversation", "seq", "due_at", "failures", "failing_since"]
    list_select_related = ["endpoint", "conversation"]
    id_fields = ("conversation", "endpoint")
    search_fields = ["endpoint__url"]


@admin.register(WebhookDelivery)
class WebhookDeliveryAdmin(ReadOnlyAdmin):
    """The newest attempts of each."""

    list_display = ["id", "endpoint", "event", "conversation_id", "seq", "at", "status", "error", "seconds"]
    list_select_related = ["endpoint"]
    ordering = ["-id"]
    id_fields = ("conversation_id", "endpoint")
    search_fields = ["hook_id", "endpoint__url"]
