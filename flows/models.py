"""Definitions by version, the runs of conversations, their timers, and what they ask of the world."""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from conversations.models import Conversation
from flows.errors import NotAvailable
from stoory.times import utc_now


class VersionStatus(models.TextChoices):
    """A draft can be written; a published version drives new conversations; a retired one only those it has."""

    DRAFT = "draft"
    PUBLISHED = "published"
    RETIRED = "retired"


class FlowVersion(models.Model):
    """One version of a flow's definition. Once published its document never changes."""

    key = models.CharField(max_length=64)
    number = models.PositiveIntegerField()
    status = models.CharField(max_length=16, choices=VersionStatus.choices, default=VersionStatus.DRAFT)
    conversation_type = models.CharField(max_length=16)
    # Text, not JSON: PostgreSQL would forget the order of the states, which is the order of the picture.
    document = models.TextField(help_text="The definition as JSON, in the format stoory.flow/1.")
    checksum = models.CharField(max_length=64, editable=False, help_text="SHA-256 of what the document says.")
    notes = models.TextField(blank=True, help_text="What is different in this version.")
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField(default=utc_now, editable=False)
    published_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    published_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        ordering = ["key", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["key", "number"], name="one_version_per_key_and_number"),
            models.UniqueConstraint(
                fields=["key"], condition=Q(status="published"), name="one_published_version_per_key"
            ),
        ]
        permissions = [("publish_flow", "Can publish, retire and migrate flows")]

    def __str__(self) -> str:
        return f"{self.key} {self.number}"

    def save(self, *args: Any, **fields: Any) -> None:
        """Write the version; raises `NotAvailable` where that would change what a published one says.

        The database refuses it too, whoever asks.
        """
        lasting = FlowVersion.objects.filter(pk=self.pk).exclude(status=VersionStatus.DRAFT)
        known = lasting.values_list("document", flat=True).first() if self.pk else None
        if known not in (None, self.document):
            raise NotAvailable("A published version never changes. Clone it.")
        super().save(*args, **fields)


class FlowRun(models.Model):
    """The flow of one conversation, pinned to its version. State and number of the step are the conversation's own."""

    conversation = models.OneToOneField(Conversation, on_delete=models.CASCADE, primary_key=True, related_name="run")
    version = models.ForeignKey(FlowVersion, on_delete=models.PROTECT, related_name="runs")
    data = models.JSONField(default=dict, help_text="The definition's context: its variables and counters.")
    entered_at = models.DateTimeField(help_text="When the state was entered; its timers count from here.")
    delay = models.DurationField(default=timedelta, help_text="How much later a date of the state means, for a pause.")
    outcome = models.CharField(max_length=16, null=True, blank=True)
    paused_at = models.DateTimeField(null=True, blank=True)
    started_at = models.DateTimeField(default=utc_now, editable=False)

    def __str__(self) -> str:
        return f"{self.version_id} in {self.conversation_id}"


MIGRATION = "staff:migrate"
"""The reason of a transition by which a run went to another version; its `inputs` name the one that it had."""


class FlowTransition(models.Model):
    """One step of a run, for ever. A reminder or a pause is logged too, and leaves the number of the step as it is."""

    run = models.ForeignKey(FlowRun, on_delete=models.CASCADE, related_name="transitions")
    version = models.ForeignKey(FlowVersion, on_delete=models.PROTECT, related_name="+")
    from_state = models.CharField(max_length=64, null=True, blank=True)
    to_state = models.CharField(max_length=64)
    seq_from = models.PositiveBigIntegerField()
    seq_to = models.PositiveBigIntegerField()
    reason = models.CharField(max_length=100, help_text="start, action:…, event:…, timer:… or staff:…")
    role = models.CharField(max_length=16)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    inputs = models.JSONField(default=dict)
    note = models.TextField(blank=True, help_text="Why staff did it.")
    nonce = models.CharField(max_length=128, null=True, blank=True)
    fingerprint = models.CharField(max_length=64, blank=True, help_text="What was asked for, to know a repeat by.")
    dwell = models.DurationField(null=True, help_text="How long the state had lasted that was left.")
    created_at = models.DateTimeField(default=utc_now)

    class Meta:
        ordering = ["pk"]
        indexes = [models.Index(fields=["run", "seq_from"]), models.Index(fields=["version", "from_state"])]
        constraints = [
            models.UniqueConstraint(
                fields=["run", "actor", "nonce"],
                condition=Q(nonce__isnull=False),
                name="one_transition_per_run_actor_and_nonce",
            ),
            models.UniqueConstraint(
                fields=["run", "seq_to"], condition=~Q(seq_from=F("seq_to")), name="one_transition_per_run_and_seq"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.run_id} #{self.seq_to} {self.reason}"


class TimerStatus(models.TextChoices):
    """A timer waits, has fired, or its state was left before."""

    PENDING = "pending"
    FIRED = "fired"
    VOID = "void"


class FlowTimer(models.Model):
    """A moment at which a run is to be looked at."""

    run = models.ForeignKey(FlowRun, on_delete=models.CASCADE, related_name="timers")
    name = models.CharField(max_length=64, help_text="The timer's id in the definition.")
    kind = models.CharField(max_length=16)
    state_seq = models.PositiveBigIntegerField()
    due_at = models.DateTimeField()
    status = models.CharField(max_length=16, choices=TimerStatus.choices, default=TimerStatus.PENDING)

    class Meta:
        ordering = ["due_at", "pk"]
        indexes = [models.Index(fields=["due_at"], condition=Q(status="pending"), name="flow_timers_waiting")]

    def __str__(self) -> str:
        return f"{self.name} of {self.run_id} at {self.due_at:%Y-%m-%d %H:%M}"


class EffectStatus(models.TextChoices):
    """An effect waits (for its first or next attempt), is done, has failed for good, or staff let it go."""

    PENDING = "pending"
    DONE = "done"
    FAILED = "failed"
    DISMISSED = "dismissed"


class FlowEffect(models.Model):
    """One call to the world, written with the step that wants it. `key` is the provider's idempotency key."""

    run = models.ForeignKey(FlowRun, on_delete=models.CASCADE, related_name="effects")
    transition = models.ForeignKey(FlowTransition, on_delete=models.CASCADE, related_name="effects")
    name = models.CharField(max_length=64)
    arguments = models.JSONField(default=dict)
    key = models.CharField(max_length=200, unique=True)
    status = models.CharField(max_length=16, choices=EffectStatus.choices, default=EffectStatus.PENDING)
    attempts = models.PositiveIntegerField(default=0)
    due_at = models.DateTimeField(default=utc_now, help_text="When it is tried (again); while it is tried, a lease.")
    result = models.JSONField(null=True, blank=True)
    error = models.TextField(blank=True)
    done_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=utc_now, editable=False)

    class Meta:
        ordering = ["pk"]
        indexes = [models.Index(fields=["due_at"], condition=Q(status="pending"), name="flow_effects_waiting")]

    def __str__(self) -> str:
        return f"{self.name} of {self.run_id}"


class ProviderEvent(models.Model):
    """What a provider reported about one conversation, by the provider's own id, so that a redelivery is known."""

    event_id = models.CharField(max_length=128)
    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="+")
    name = models.CharField(max_length=64)
    data = models.JSONField(default=dict)
    fingerprint = models.CharField(max_length=64)
    transition = models.ForeignKey(
        FlowTransition, on_delete=models.CASCADE, null=True, help_text="What it led to; none: it was not expected."
    )
    received_at = models.DateTimeField(default=utc_now, editable=False)

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(fields=["event_id", "conversation"], name="one_delivery_per_event_and_conversation")
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.event_id}"


class CampaignEvent(models.Model):
    """What a provider reported about a campaign of more conversations than a request tells, and how far it has come."""

    event_id = models.CharField(max_length=128)
    campaign_id = models.CharField(max_length=64)
    name = models.CharField(max_length=64)
    data = models.JSONField(null=True)
    told_up_to = models.UUIDField(help_text="The conversations up to this one were told, but for the missed ones.")
    missed = models.JSONField(default=list, help_text="Conversations that could not be told yet.")
    due_at = models.DateTimeField(default=utc_now, help_text="When a worker goes on; while it does, a lease.")
    received_at = models.DateTimeField(default=utc_now, editable=False)
    done_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-pk"]
        indexes = [models.Index(fields=["due_at"], condition=Q(done_at=None), name="campaign_events_under_way")]
        constraints = [
            models.UniqueConstraint(fields=["event_id", "campaign_id"], name="one_delivery_per_event_and_campaign")
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.event_id}"


class SandboxCall(models.Model):
    """What the sandbox provider was asked to do, and how often: demo and tests only."""

    key = models.CharField(max_length=200, primary_key=True)
    effect = models.CharField(max_length=64)
    arguments = models.JSONField(default=dict)
    result = models.JSONField(default=dict)
    calls = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(default=utc_now, editable=False)

    class Meta:
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return f"{self.effect} {self.key}"
