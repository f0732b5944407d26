"""What was said, and who has read it."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from conversations.models import Conversation, ParticipantRole
from stoory.ids import uuid7
from stoory.times import utc_now


class MessageType(models.TextChoices):
    """Who wrote a message: a person, or the automation."""

    USER_INPUT = "user_input"
    AUTOMATED = "automated"


class Message(models.Model):
    """One message. `seq` is its place in the conversation's log."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    # Indexes cost more than the row: those of the constraints below find a conversation's and a sender's messages.
    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="messages", db_index=False)
    seq = models.PositiveBigIntegerField()
    sender = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="sent_messages", db_index=False
    )
    receiver = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    text = models.TextField(blank=True)
    message_type = models.CharField(max_length=16, choices=MessageType.choices, default=MessageType.USER_INPUT)
    attachments = models.JSONField(null=True, blank=True)
    metadata = models.JSONField(null=True, blank=True)
    media_url = models.CharField(max_length=2000, null=True, blank=True)  # null is what the wire shows
    reply_to = models.ForeignKey(
        "self", on_delete=models.SET_NULL, null=True, blank=True, related_name="replies", db_index=False
    )
    action_required = models.BooleanField(default=False)
    action_data = models.JSONField(null=True, blank=True)
    action_taken = models.JSONField(null=True, blank=True, help_text="Which of its buttons was used, by whom, when.")
    reason = models.CharField(max_length=100, blank=True, help_text="Why the automation said it.")
    visible_to = models.CharField(max_length=16, choices=ParticipantRole.choices, null=True, blank=True)
    client_nonce = models.CharField(max_length=128, null=True, blank=True)
    created_at = models.DateTimeField(default=utc_now)
    edited_at = models.DateTimeField(null=True, blank=True)
    deleted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar = ["conversation", "seq"]
        indexes: ClassVar = [
            models.Index(fields=["reply_to"], condition=Q(reply_to__isnull=False), name="replies_to_a_message")
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["conversation", "seq"], name="one_message_per_conversation_and_seq"),
            models.UniqueConstraint(fields=["sender", "client_nonce"], name="one_message_per_sender_and_nonce"),
        ]

    def __str__(self) -> str:
        return f"{self.conversation_id} #{self.seq} from {self.sender_id}"


class ReadReceipt(models.Model):
    """That one reader has read one message; kept in conversations of up to 100 people."""

    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="receipts")
    reader = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    read_at = models.DateTimeField(default=utc_now)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["message", "reader"], name="one_receipt_per_message_and_reader")
        ]

    def __str__(self) -> str:
        return f"{self.reader_id} read {self.message_id}"


class Reaction(models.Model):
    """One user's one emoji on one message."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="reactions")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    type = models.CharField(max_length=64)
    created_at = models.DateTimeField(default=utc_now)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["message", "user", "type"], name="one_reaction_per_message_user_and_type")
        ]

    def __str__(self) -> str:
        return f"{self.type} on {self.message_id} by {self.user_id}"
