"""Who talks with whom, in which state, and the numbered log of what happened."""

from typing import ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from stoory.ids import uuid7
from stoory.times import utc_now


class ConversationType(models.TextChoices):
    """The four kinds of conversation."""

    DIRECT = "direct"
    BID = "bid"
    CAMPAIGN = "campaign"
    CHANNEL = "channel"


GUIDED_TYPES = (ConversationType.BID, ConversationType.CAMPAIGN)
"""Types that a flow guides until they open into free chat."""


class ChatStatus(models.TextChoices):
    """Who drives the conversation: its flow, its people, or nobody any more."""

    AUTOMATED = "automated"
    REAL_TIME = "real_time"
    CLOSED = "closed"


class ParticipantRole(models.TextChoices):
    """What a participant is in one conversation."""

    BRAND_OWNER = "brand_owner"
    INFLUENCER = "influencer"
    MEMBER = "member"


class ConversationQuerySet(models.QuerySet["Conversation"]):
    """Reads of conversations."""

    def locked(self, *, skip_locked: bool = False) -> Self:
        """Lock the rows for this transaction, in id order so that two batches can't wait for each other.

        Not against foreign keys: inserting a message that names the conversation must not wait (`FOR NO KEY UPDATE`).
        With `skip_locked`, those that somebody acts on at this moment are passed by.
        """
        return self.select_for_update(no_key=True, of=("self",), skip_locked=skip_locked).order_by("id")


class Conversation(models.Model):
    """A conversation and its state. Its row lock is what numbers the log: `last_seq` only moves under it."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    type = models.CharField(max_length=16, choices=ConversationType.choices)
    title = models.CharField(max_length=200, blank=True)
    is_public = models.BooleanField(default=False, help_text="Anyone may join this channel.")
    source_id = models.CharField(max_length=64, null=True, blank=True, help_text="The bid or campaign it is about.")
    campaign_id = models.CharField(max_length=64, null=True, blank=True)
    # The two people of a direct, bid or campaign conversation, in order, so that the database can keep them unique.
    pair_low = models.CharField(max_length=64, null=True, blank=True, editable=False)
    pair_high = models.CharField(max_length=64, null=True, blank=True, editable=False)
    context = models.JSONField(default=dict, blank=True, help_text="What its source told when it was created.")

    chat_status = models.CharField(max_length=16, choices=ChatStatus.choices, default=ChatStatus.REAL_TIME)
    flow_state = models.CharField(max_length=64, null=True, blank=True)
    awaiting_role = models.CharField(max_length=16, choices=ParticipantRole.choices, null=True, blank=True)
    automation_enabled = models.BooleanField(default=False)  # a flow guides it, and has not come to its end
    state_seq = models.PositiveBigIntegerField(default=0)
    # The database's default serves the servers of the last release, which insert without it while this one is deployed.
    acl_version = models.PositiveBigIntegerField(
        default=0, db_default=0, editable=False, help_text="How often somebody has lost their place in it."
    )

    last_seq = models.PositiveBigIntegerField(default=0, help_text="Number of the log's newest event.")
    pruned_seq = models.PositiveBigIntegerField(default=0, help_text="The log begins after this event.")
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="created_conversations", db_index=False
    )
    created_at = models.DateTimeField(default=utc_now, editable=False)
    updated_at = models.DateTimeField(default=utc_now, editable=False, help_text="When its log last moved.")

    objects = ConversationQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["-updated_at"]
        # Every message moves `updated_at` and with it the row in all of these: hence few, and partial ones.
        indexes: ClassVar = [
            models.Index(fields=["-updated_at"]),
            models.Index(
                fields=["campaign_id"], condition=Q(campaign_id__isnull=False), name="conversations_of_a_campaign"
            ),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["pair_low", "pair_high"], condition=Q(type="direct"), name="one_direct_conversation_per_pair"
            ),
            models.UniqueConstraint(
                fields=["type", "source_id", "pair_low", "pair_high"],
                condition=Q(type__in=["bid", "campaign"]),
                name="one_guided_conversation_per_source_and_pair",
            ),
            models.CheckConstraint(
                condition=Q(type="channel", pair_low=None, pair_high=None)
                | (Q(pair_low__isnull=False, pair_high__isnull=False) & ~Q(pair_low=F("pair_high"))),
                name="pair_is_two_people",
            ),
            models.CheckConstraint(
                condition=~Q(type__in=["bid", "campaign"]) | Q(source_id__isnull=False), name="guided_has_source"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.title or self.type} {self.pk}"


class Participant(models.Model):
    """A person in a conversation, and how far they have read."""

    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="participants")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="participations")
    role = models.CharField(max_length=16, choices=ParticipantRole.choices, default=ParticipantRole.MEMBER)
    last_read_seq = models.PositiveBigIntegerField(default=0, help_text="Everything up to here is read.")
    last_read_at = models.DateTimeField(null=True, blank=True)
    joined_at = models.DateTimeField(default=utc_now, editable=False)
    joined_seq = models.PositiveBigIntegerField(default=0, help_text="How far the log was when they joined.")

    class Meta:
        ordering: ClassVar = ["pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["conversation", "user"], name="one_participation_per_user")
        ]

    def __str__(self) -> str:
        return f"{self.user_id} in {self.conversation_id} as {self.role}"


class ConversationEvent(models.Model):
    """One entry of a conversation's log: outbox, catch-up source and timeline in one.

    A message's entry has an empty payload: the message itself, found by the same `seq`, is the only copy of its text.
    """

    # Indexes cost more than the row: the unique one of (conversation, seq) is enough.
    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="log", db_index=False)
    seq = models.PositiveBigIntegerField()
    kind = models.CharField(max_length=32)
    payload = models.JSONField(default=dict)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False)
    visible_to = models.CharField(max_length=16, choices=ParticipantRole.choices, null=True, blank=True)
    created_at = models.DateTimeField(default=utc_now)

    class Meta:
        ordering: ClassVar = ["conversation", "seq"]
        # Every server looks for them now and then; there are few, and what else is logged costs it nothing.
        indexes: ClassVar = [
            models.Index(fields=["created_at"], condition=Q(kind="member_removed"), name="removals_by_time")
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["conversation", "seq"], name="one_event_per_conversation_and_seq")
        ]

    def __str__(self) -> str:
        return f"{self.conversation_id} #{self.seq} {self.kind}"
