"""Conversations in the admin: to look at. What their people see changes by Commands only."""

from collections.abc import Callable
from typing import Any, cast

from django.contrib import admin
from django.contrib.admin.utils import flatten_fieldsets
from django.core.paginator import Paginator
from django.db.models import Model, Prefetch, QuerySet
from django.forms import BaseInlineFormSet, ModelForm
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from conversations.commands import SetChatStatus
from conversations.models import ChatStatus, Conversation, ConversationEvent, ConversationType, Participant
from stoory.commands import execute
from stoory.ids import parse_uuid

COUNTED_ROWS = 10_000
INLINE_ROWS = 50
KINDS_AMONG = 10_000
PEOPLE_NAMED = 3

Section = Callable[[Conversation], SafeString]
sections: dict[str, Section] = {}
"""What other applications show of a conversation on its page, by heading; they put it here."""


class ReadOnly:
    """Makes an admin or an inline show its rows and change nothing, whoever asks."""

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


class CappedPaginator(Paginator):  # type: ignore[type-arg]  # not subscriptable at runtime
    """Counts no further than 10,000 rows: what lies behind them is found by search, not by turning pages."""

    @cached_property
    def count(self) -> int:
        rows = cast("QuerySet[Any]", self.object_list)
        return rows.order_by()[:COUNTED_ROWS].count()


class LargeTableAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # not subscriptable at runtime
    """A list that stays quick over millions of rows: no full counts, no sorting by any column, ids looked up."""

    paginator = CappedPaginator
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    sortable_by = ()
    id_fields: tuple[str, ...] = ()

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """Find rows by a whole id in the first of `id_fields` that has it, else by text in `search_fields`."""
        key = parse_uuid(search_term.strip().lower())
        if key is not None:
            for field in self.id_fields:
                found = queryset.filter(**{field: str(key)})
                if found.exists():
                    return found, False
        return super().get_search_results(request, queryset, search_term)


class ReadOnlyAdmin(ReadOnly, LargeTableAdmin):
    """All fields of all rows, and no form."""

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> list[str]:
        return [field.name for field in self.opts.fields]


class FirstRows(BaseInlineFormSet):  # type: ignore[type-arg]  # not subscriptable at runtime
    """An inline's first 50 rows in its order."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.queryset is not None:
            self.queryset = self.queryset[:INLINE_ROWS]


class ParticipantInline(ReadOnly, admin.TabularInline):  # type: ignore[type-arg]  # not subscriptable at runtime
    """The people who joined first; a channel can have more of them than a page can hold."""

    model = Participant
    formset = FirstRows
    fields = readonly_fields = ("user", "role", "last_read_seq", "last_read_at", "joined_at")
    ordering = ["pk"]
    verbose_name_plural = f"The first {INLINE_ROWS} participants"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Participant]:
        return super().get_queryset(request).select_related("user")


class LogInline(ReadOnly, admin.TabularInline):  # type: ignore[type-arg]  # not subscriptable at runtime
    """The end of the log, newest first."""

    model = ConversationEvent
    formset = FirstRows
    fields = readonly_fields = ("seq", "kind", "actor", "visible_to", "payload", "created_at")
    ordering = ["-seq"]
    show_change_link = True
    verbose_name_plural = f"The newest {INLINE_ROWS} log entries"

    def get_queryset(self, request: HttpRequest) -> QuerySet[ConversationEvent]:
        return super().get_queryset(request).select_related("actor")


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
    fieldsets = [
        (None, {"fields": ["id", "type", "title", "is_public", "contents"]}),
        ("State", {"fields": ["chat_status", "flow_state", "awaiting_role", "automation_enabled", "state_seq"]}),
        ("Log", {"fields": ["last_seq", "pruned_seq", "updated_at"]}),
        (
            "Origin",
            {"fields": ["source_id", "campaign_id", "context", "created_by", "created_at", "pair_low", "pair_high"]},
        ),
    ]
    inlines = [ParticipantInline, LogInline]
    actions = ["close", "reopen"]

    @admin.action(description="Close for chat", permissions=["change"])
    def close(self, request: HttpRequest, queryset: QuerySet[Conversation]) -> None:
        self._set_chat_status(request, queryset, ChatStatus.CLOSED)

    @admin.action(description="Open for chat", permissions=["change"])
    def reopen(self, request: HttpRequest, queryset: QuerySet[Conversation]) -> None:
        self._set_chat_status(request, queryset, ChatStatus.REAL_TIME)

    def _set_chat_status(self, request: HttpRequest, queryset: QuerySet[Conversation], status: ChatStatus) -> None:
        reason = f"{status.label} by staff: {request.user}"
        for conversation_id in queryset.values_list("pk", flat=True):
            command = SetChatStatus(
                actor=str(request.user.pk),
                conversation_id=str(conversation_id),
                chat_status=status,
                reason=reason,
            )
            execute(command)
        self.message_user(request, f"{queryset.count()} conversations are {status.label.lower()} now.")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Conversation]:
        some_people = Participant.objects.select_related("user").order_by("pk")[: PEOPLE_NAMED + 1]
        return super().get_queryset(request).prefetch_related(Prefetch("participants", some_people, "some_people"))

    def get_fieldsets(self, request: HttpRequest, obj: Conversation | None = None) -> Any:
        return [*self.fieldsets, *((heading, {"fields": [section]}) for heading, section in sections.items())]

    def get_readonly_fields(self, request: HttpRequest, obj: Conversation | None = None) -> Any:
        editable = {"title"}
        if obj is not None and obj.type == ConversationType.CHANNEL:
            editable.add("is_public")  # opening any other type would betray its people
        return [name for name in flatten_fieldsets(self.get_fieldsets(request, obj)) if name not in editable]

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
    date_hierarchy = "created_at"
    ordering = ["-id"]
    id_fields = ("conversation", "actor")
    search_fields = ["actor__username"]
