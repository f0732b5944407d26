"""Conversations in the admin: to look at. What their people see changes by Commands only."""

from collections.abc import Callable
from typing import Any, ClassVar

from django.contrib import admin, messages
from django.contrib.admin.utils import flatten_fieldsets
from django.db.models import Prefetch, QuerySet
from django.forms import ModelForm
from django.http import HttpRequest
from django.urls import path, reverse
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from conversations.admin.page import ConversationPage, EntriesPage
from conversations.commands import SetChatStatus
from conversations.models import ChatStatus, Conversation, ConversationEvent, ConversationType, Participant
from stoory.commands import execute
from stoory.desk.pages import register_page
from stoory.desk.rows import LargeTableAdmin, ReadOnlyAdmin, ReasonedActionForm

KINDS_AMONG = 10_000
PEOPLE_NAMED = 3

Section = Callable[[Conversation], SafeString]


@admin.register(Conversation)
class ConversationAdmin(LargeTableAdmin):
    """Conversations: created by a Command, moved by their log and their flow; their titles are edited here."""

    list_display = [
        "id",
        "type",
        "title",
        "people",
        "chat_status",
        "flow_state",
        "awaiting_role",
        "last_seq",
        "updated_at",
    ]
    list_filter = ["type", "chat_status", "is_public"]
    date_hierarchy = "updated_at"
    id_fields = ("id", "campaign_id", "source_id")
    search_fields = ["title", "source_id", "campaign_id", "participants__user__username"]
    fieldsets: ClassVar[Any] = [
        (None, {"fields": ["id", "type", "title", "is_public"]}),
        ("State", {"fields": ["chat_status", "flow_state", "awaiting_role", "automation_enabled", "state_seq"]}),
        ("Log", {"fields": ["last_seq", "pruned_seq", "updated_at"]}),
        (
            "Origin",
            {"fields": ["source_id", "campaign_id", "context", "created_by", "created_at", "pair_low", "pair_high"]},
        ),
    ]
    actions = ["close", "reopen"]
    action_form = ReasonedActionForm
    list_disable_select_all = True
    sections: ClassVar[dict[str, Section]] = {}
    """What other applications show of a conversation on its page, by heading; they put it here."""

    def get_urls(self) -> list[Any]:
        """Put the timeline where Django has a form; the form of what can be edited is one of its pages."""
        pages = {"change": ConversationPage, "entries": EntriesPage}
        return [
            *(
                path(f"<path:object_id>/{name}/", register_page(self, page), name=f"conversations_conversation_{name}")
                for name, page in pages.items()
            ),
            path(
                "<path:object_id>/settings/",
                self.admin_site.admin_view(self.change_view),
                name="conversations_conversation_settings",
            ),
            *super().get_urls(),
        ]

    @admin.action(description="Close for chat", permissions=["change"])
    def close(self, request: HttpRequest, queryset: QuerySet[Conversation]) -> None:
        self._set_chat_status(request, queryset, ChatStatus.CLOSED)

    @admin.action(description="Open for chat", permissions=["change"])
    def reopen(self, request: HttpRequest, queryset: QuerySet[Conversation]) -> None:
        self._set_chat_status(request, queryset, ChatStatus.REAL_TIME)

    def _set_chat_status(self, request: HttpRequest, queryset: QuerySet[Conversation], status: ChatStatus) -> None:
        reason = request.POST.get("reason", "").strip()
        if not reason:
            self.message_user(request, "Say why: everybody in the conversations is told.", messages.ERROR)
            return
        keys = [str(key) for key in queryset.values_list("pk", flat=True)]
        for key in keys:
            actor = str(request.user.pk)
            execute(SetChatStatus(actor=actor, conversation_id=key, chat_status=status, reason=reason))
        self.message_user(request, f"{len(keys)} conversations are {status.label.lower()} now.")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Conversation]:
        some_people = Participant.objects.select_related("user").order_by("pk")[: PEOPLE_NAMED + 1]
        return super().get_queryset(request).prefetch_related(Prefetch("participants", some_people, "some_people"))

    def get_readonly_fields(self, request: HttpRequest, obj: Conversation | None = None) -> Any:
        editable = {"title"}
        if obj is not None and obj.type == ConversationType.CHANNEL:
            editable.add("is_public")  # opening any other type would betray its people
        return [name for name in flatten_fieldsets(self.fieldsets) if name not in editable]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Conversation | None = None) -> bool:
        return False

    def save_model(
        self, request: HttpRequest, obj: Conversation, form: "ModelForm[Conversation]", change: bool
    ) -> None:
        """Write what was edited and no more: `last_seq` may have moved since the row was read."""
        obj.save(update_fields=form.changed_data)

    @admin.display
    def people(self, conversation: Any) -> str:
        names = [participant.user.username for participant in conversation.some_people]
        return ", ".join(names[:PEOPLE_NAMED] + ["…"] * (len(names) > PEOPLE_NAMED))

    @admin.display
    def contents(self, conversation: Conversation) -> SafeString:
        """Link to the lists of everything in the conversation, also of applications that this one doesn't know."""
        return format_html_join(
            " · ",
            '<a href="{}?{}={}">All {}</a>',
            (
                (
                    reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist"),
                    relation.field.name,
                    conversation.pk,
                    model._meta.verbose_name_plural,
                )
                for relation in Conversation._meta.related_objects
                if self.admin_site.is_registered(model := relation.related_model)
            ),
        )


@admin.register(Participant)
class ParticipantAdmin(ReadOnlyAdmin):
    """Who is where, and how far they have read."""

    list_display = ["id", "conversation_id", "user", "role", "last_read_seq", "last_read_at", "joined_at"]
    list_filter = ["role"]
    list_select_related = ["user"]
    ordering = ["-id"]
    id_fields = ("conversation", "user")
    search_fields = ["user__username", "user__name"]


class KindFilter(admin.SimpleListFilter):
    """Offers the kinds among the newest entries: asking the whole log for its kinds would read all of it."""

    title = "kind"
    parameter_name = "kind"

    def lookups(self, request: HttpRequest, model_admin: "admin.ModelAdmin[Any]") -> list[tuple[str, str]]:
        newest = ConversationEvent.objects.order_by("-pk").values_list("kind", flat=True)[:KINDS_AMONG]
        return [(kind, kind) for kind in sorted(set(newest))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(kind=self.value()) if self.value() else queryset


@admin.register(ConversationEvent)
class ConversationEventAdmin(ReadOnlyAdmin):
    """What happened, as it was recorded."""

    list_display = ["id", "conversation_id", "seq", "kind", "actor", "visible_to", "created_at"]
    list_filter = [KindFilter]
    list_select_related = ["actor"]
    ordering = ["-id"]
    id_fields = ("conversation", "actor")
    search_fields = ["actor__username"]
