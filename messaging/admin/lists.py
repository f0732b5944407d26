"""Messages and receipts in the admin: to look at. Editing one here would part it from the log."""

from typing import Any
from uuid import UUID

from django.contrib import admin
from django.db.models import Model
from django.forms import ModelForm
from django.http import HttpRequest
from django.utils.text import Truncator

from messaging.commands import PostNotice
from messaging.models import Message, Reaction, ReadReceipt
from stoory.commands import execute
from stoory.desk.rows import ReadOnlyAdmin

SHOWN_CHARACTERS = 80


@admin.register(Message)
class MessageAdmin(ReadOnlyAdmin):
    """What was said. Adding one says something to both parties, as the system."""

    list_display = ["conversation_id", "seq", "sender", "receiver", "short_text", "message_type", "created_at"]
    list_filter = ["message_type"]
    list_select_related = ["sender", "receiver"]
    raw_id_fields = ["conversation"]
    id_fields = ("id", "conversation", "sender")
    search_fields = ["text", "sender__username"]

    def get_ordering(self, request: HttpRequest) -> tuple[str]:
        """Newest first: of one conversation by place in its log, of all by id, which begins with the time."""
        return ("-seq",) if "conversation" in request.GET else ("-id",)

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return request.user.has_perm("messaging.add_message")

    def get_fields(self, request: HttpRequest, obj: Message | None = None) -> Any:
        return ["conversation", "text"] if obj is None else super().get_readonly_fields(request, obj)

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> list[str]:
        return [] if obj is None else super().get_readonly_fields(request, obj)

    def get_form(
        self, request: HttpRequest, obj: Message | None = None, change: bool = False, **options: Any
    ) -> "type[ModelForm[Message]]":
        form = super().get_form(request, obj, change, **options)
        if "text" in form.base_fields:
            form.base_fields["text"].required = True
        return form

    def save_model(self, request: HttpRequest, obj: Message, form: "ModelForm[Message]", change: bool) -> None:
        """Have the notice posted by its command, and show what became of it."""
        notice = PostNotice(
            actor=str(request.user.pk), conversation_id=str(obj.conversation_id), text=form.cleaned_data["text"]
        )
        obj.pk = UUID(execute(notice).id)
        obj.refresh_from_db()

    @admin.display(description="text")
    def short_text(self, message: Message) -> str:
        return Truncator(message.text).chars(SHOWN_CHARACTERS)


@admin.register(ReadReceipt)
class ReadReceiptAdmin(ReadOnlyAdmin):
    """Who has read what."""

    list_display = ["id", "message", "reader", "read_at"]
    list_select_related = ["message", "reader"]
    ordering = ["-id"]
    id_fields = ("message", "message__conversation", "reader")
    search_fields = ["reader__username"]


@admin.register(Reaction)
class ReactionAdmin(ReadOnlyAdmin):
    """Who has reacted to what."""

    list_display = ["id", "message", "user", "type", "created_at"]
    list_select_related = ["message", "user"]
    ordering = ["-id"]
    id_fields = ("message", "message__conversation", "user")
    search_fields = ["user__username"]
