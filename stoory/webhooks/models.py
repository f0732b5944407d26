"""Where integrators want to be told what happens, how far each has been told, and how the newest attempts went."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from conversations.models import Conversation
from stoory.ids import uuid7
from stoory.times import utc_now


class WebhookEndpoint(models.Model):
    """An address that hears what its owner may see."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="webhooks")
    url = models.CharField(max_length=500)
    secret = models.CharField(max_length=64)
    old_secret = models.CharField(max_length=64, blank=True)
    old_secret_until = models.DateTimeField(null=True, help_text="It signs beside the new one until then.")
    kinds = models.JSONField(default=list, blank=True, help_text="Names of events; empty: all.")
    is_active = models.BooleanField(default=True)
    off_reason = models.CharField(max_length=200, blank=True, help_text="Why it is switched off.")
    created_at = models.DateTimeField(default=utc_now, editable=False)
    ping_asked_at = models.DateTimeField(null=True, db_index=True)

    last_success_at = models.DateTimeField(null=True)
    failing_since = models.DateTimeField(null=True)
    failures = models.PositiveIntegerField(default=0, help_text="In a row.")
    rests_until = models.DateTimeField(null=True, help_text="No attempt is made before.")

    class Meta:
        ordering: ClassVar = ["created_at", "pk"]

    def __str__(self) -> str:
        return self.url


class WebhookPosition(models.Model):
    """How far an endpoint has been told of a conversation, and when somebody is to look at it again.

    It is idle where nothing is due. Whoever delivers has the `lease`, until `due_at`.
    """

    endpoint = models.ForeignKey(WebhookEndpoint, on_delete=models.CASCADE, related_name="positions", db_index=False)
    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="+")
    seq = models.PositiveBigIntegerField(help_text="Everything up to here is delivered, or not for this endpoint.")
    due_at = models.DateTimeField(null=True)
    lease = models.UUIDField(null=True)
    failures = models.PositiveIntegerField(default=0, help_text="In a row.")
    failing_since = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar = ["pk"]
        indexes: ClassVar = [
            models.Index(fields=["due_at"], condition=Q(due_at__isnull=False), name="positions_that_are_due"),
            models.Index(fields=["endpoint"], condition=Q(lease__isnull=False), name="positions_under_way"),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["endpoint", "conversation"], name="one_position_per_endpoint_and_conversation"
            )
        ]

    def __str__(self) -> str:
        return f"{self.endpoint_id} in {self.conversation_id} at {self.seq}"


class WebhookDelivery(models.Model):
    """One attempt; the newest of each endpoint are kept."""

    endpoint = models.ForeignKey(WebhookEndpoint, on_delete=models.CASCADE, related_name="deliveries", db_index=False)
    hook_id = models.CharField(max_length=64)
    event = models.CharField(max_length=64)
    conversation_id = models.UUIDField(null=True)
    seq = models.PositiveBigIntegerField(null=True)
    at = models.DateTimeField(default=utc_now)
    status = models.PositiveSmallIntegerField(null=True, help_text="Of the answer; none where there was no answer.")
    error = models.CharField(max_length=200, blank=True, help_text="Why it counts as failed.")
    seconds = models.FloatField()

    class Meta:
        ordering: ClassVar = ["-pk"]
        indexes: ClassVar = [models.Index(fields=["endpoint", "-id"], name="deliveries_of_an_endpoint")]

    def __str__(self) -> str:
        return f"{self.event} {self.hook_id}: {self.error or self.status}"
