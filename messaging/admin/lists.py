"""Messages and receipts in the admin: to look at. Editing one would part it from the log, so nobody can."""

from django.contrib import admin
from django.http import HttpRequest
from django.utils.text import Truncator

from messaging.models import Message, Reaction, ReadReceipt
from stoory.desk.rows import ReadOnlyAdmin

SHOWN_CHARACTERS = 80


@admin.register(Message)
class MessageAdmin(ReadOnlyAdmin):
    """What was said. To say something, staff has the page of the conversation."""

    list_display = ["conversation_id", "seq", "sender", "receiver", "short_text", "message_type", "created_at"]
    list_filter = ["message_type"]
    list_select_related = ["sender", "receiver"]
    id_fields = ("id", "conversation", "sender")
    search_fields = ["text", "sender__username"]

    def get_ordering(self, request: HttpRequest) -> tuple[str]:
        """Newest first: of one conversation by place in its log, of all by id, which begins with the time."""
        return ("-seq",) if "conversation" in request.GET else ("-id",)

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
