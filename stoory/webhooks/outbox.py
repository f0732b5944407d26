"""The log as an outbox: which conversations have moved, who delivers them, what is next, and what came of it.

Sending a message writes nothing here. Any number of couriers may look at once: a conversation is leased for an
endpoint, the lease committed, then the hook is posted outside of any transaction, then the outcome is recorded; where a
courier dies in between, the lease ends, and the hook is posted again under the same id. All times are of the database's
clock, of which there is one.
"""

import random
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID, uuid4

from django.db import transaction
from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet
from django.db.models.functions import Now

from conversations.errors import ConversationNotFound
from conversations.models import Conversation, Participant
from conversations.selectors import participation
from messaging.selectors import replay
from stoory.times import utc_now
from stoory.webhooks.hooks import Hook, gap_hook, hook_of, ping_hook
from stoory.webhooks.models import WebhookDelivery, WebhookEndpoint, WebhookPosition
from stoory.webhooks.posting import Answer

WINDOW = timedelta(seconds=30)
"""How far back a look goes that does not go through all: longer than any transaction takes to commit."""
LEASE = timedelta(seconds=60)
"""How long a hook may take. Whoever has not recorded its outcome by then is taken for dead."""
AT_ONCE = 8
"""Conversations of one endpoint that are delivered side by side; one, while it fails."""
PART = 20
FIRST_DELAY, LONGEST_DELAY = timedelta(seconds=5), timedelta(minutes=15)
GIVE_UP = timedelta(days=5)
KEPT_DELIVERIES = 100
MAX_OFF_REASON = 200


class Lease(NamedTuple):
    """That a courier may deliver a conversation to an endpoint, and nobody else."""

    position: int
    token: UUID


class Parcel(NamedTuple):
    """A hook, the endpoint that it is for, and in whose turn it is sent; a ping is in nobody's."""

    endpoint: WebhookEndpoint
    hook: Hook
    lease: Lease | None = None

    @property
    def keys(self) -> list[str]:
        """The secrets that sign it, the newest first."""
        until = self.endpoint.old_secret_until
        return [self.endpoint.secret, *([self.endpoint.old_secret] if until and until > utc_now() else [])]


# What there is to do


def listening() -> QuerySet[WebhookEndpoint]:
    """Return the endpoints that hooks are sent to."""
    return WebhookEndpoint.objects.filter(is_active=True, owner__is_active=True)


def look(*, everything: bool = False) -> None:
    """Find what conversations that have moved owe to endpoints."""
    if not listening().exists():
        return
    moved = Conversation.objects.all() if everything else Conversation.objects.filter(updated_at__gte=Now() - WINDOW)
    find(listening(), moved)


def find(endpoints: QuerySet[WebhookEndpoint], moved: QuerySet[Conversation]) -> None:
    """Have delivered what these conversations owe to these endpoints; a new one is told of from where they joined."""
    _begin(endpoints, moved)
    _wake(WebhookPosition.objects.filter(endpoint__in=endpoints, conversation__in=moved))


def _begin(endpoints: QuerySet[WebhookEndpoint], moved: QuerySet[Conversation]) -> None:
    known = WebhookPosition.objects.filter(endpoint=OuterRef("pk"), conversation=OuterRef("place"))
    rows = (
        endpoints.filter(owner__participations__conversation__in=moved)
        .annotate(place=F("owner__participations__conversation"), joined=F("owner__participations__joined_seq"))
        .filter(~Exists(known))
        .order_by("pk", "place")  # as every courier does, so that no two wait for each other
    )
    new = [
        WebhookPosition(endpoint_id=endpoint, conversation_id=place, seq=joined)
        for endpoint, place, joined in rows.values_list("pk", "place", "joined")
    ]
    WebhookPosition.objects.bulk_create(new, ignore_conflicts=True, batch_size=1_000)


def _wake(positions: QuerySet[WebhookPosition]) -> None:
    """Make due what is idle and behind the log, of conversations that the owner takes part in."""
    place = Participant.objects.filter(conversation=OuterRef("conversation"), user=OuterRef("endpoint__owner"))
    behind = positions.filter(Exists(place), due_at=None).exclude(conversation__last_seq=F("seq"))
    if not behind.exists():
        return
    with transaction.atomic():
        idle = behind.select_for_update(skip_locked=True, of=("self",), no_key=True).order_by()
        keys = list(idle.values_list("pk", flat=True))
        WebhookPosition.objects.filter(pk__in=keys).update(due_at=Now())


def claim() -> Lease | None:
    """Take the next conversation for this courier alone; None where nothing is due."""
    ready = due()
    if not ready.exists():
        return None
    with transaction.atomic():
        position = ready.select_for_update(skip_locked=True, of=("self",), no_key=True).first()
        if position is None:
            return None
        lease = Lease(position.pk, uuid4())
        WebhookPosition.objects.filter(pk=position.pk).update(lease=lease.token, due_at=Now() + LEASE)
        return lease


def due() -> QuerySet[WebhookPosition]:
    """Return the conversations to deliver, the oldest first; not those of endpoints that rest, or have enough to do."""
    under_way = WebhookPosition.objects.filter(lease__isnull=False, due_at__gt=Now()).order_by()
    crowded = (
        under_way.values("endpoint")
        .annotate(count=Count("pk"))
        .filter(Q(count__gte=AT_ONCE) | Q(endpoint__failures__gt=0))
        .values_list("endpoint", flat=True)
    )
    rested = Q(rests_until=None) | Q(rests_until__lte=Now())
    open_ones = listening().filter(rested).exclude(pk__in=list(crowded))
    return WebhookPosition.objects.filter(due_at__lte=Now(), endpoint__in=open_ones).order_by("due_at", "pk")


def claim_ping() -> Parcel | None:
    """Take a ping that somebody asked for; one is sent once, whatever comes of it."""
    asked = WebhookEndpoint.objects.filter(ping_asked_at__isnull=False, owner__is_active=True).order_by("ping_asked_at")
    if not asked.exists():
        return None
    with transaction.atomic():
        endpoint = asked.select_for_update(skip_locked=True, of=("self",), no_key=True).first()
        if endpoint is None:
            return None
        WebhookEndpoint.objects.filter(pk=endpoint.pk).update(ping_asked_at=None)
        return Parcel(endpoint, ping_hook())


# A turn: hook after hook of one conversation, until there is none


def next_parcel(lease: Lease) -> Parcel | None:
    """Return what is to be delivered next, as its reader may see it now; None at the end of the turn."""
    position = _held(lease).select_related("endpoint__owner").first()
    if position is None:
        return None
    endpoint = position.endpoint
    if not (endpoint.is_active and endpoint.owner.is_active):
        _rest(lease, position.seq)
        return None
    try:
        reader = participation(endpoint.owner_id, str(position.conversation_id))
    except ConversationNotFound:
        _rest(lease, position.seq)
        return None
    return _next(lease, endpoint, reader, max(position.seq, reader.joined_seq))


def _next(lease: Lease, endpoint: WebhookEndpoint, reader: Participant, after_seq: int) -> Parcel | None:
    while True:
        part = replay(reader, after_seq, limit=PART)
        if part.gap:
            return Parcel(endpoint, gap_hook(endpoint, str(reader.conversation_id), after_seq, part.last_seq), lease)
        for event in part.events:
            hook = hook_of(endpoint, event, reader.role)
            if hook is not None:
                return Parcel(endpoint, hook, lease)
        if not part.has_more:
            _settle(lease, part.last_seq)
            return None
        after_seq = part.events[-1].seq


def _rest(lease: Lease, seq: int) -> None:
    """End a turn, with nothing due."""
    _held(lease).update(seq=seq, lease=None, due_at=None)


def _settle(lease: Lease, seq: int) -> None:
    """End a turn that came to the log's end; what was logged behind it meanwhile is the next one's."""
    _rest(lease, seq)
    _wake(WebhookPosition.objects.filter(pk=lease.position))


def yield_turn(lease: Lease) -> None:
    """End a turn that has not come to its end, as others do; nothing is done where it has."""
    _held(lease).update(lease=None, due_at=Now())


def _held(lease: Lease) -> QuerySet[WebhookPosition]:
    return WebhookPosition.objects.filter(pk=lease.position, lease=lease.token)


# What came of it


def record(parcel: Parcel, answer: Answer) -> bool:
    """Write an attempt down, and what follows from it; return whether the turn goes on."""
    with transaction.atomic():
        # The endpoint's row before the position's, as everywhere.
        locked = WebhookEndpoint.objects.select_for_update(no_key=True).filter(pk=parcel.endpoint.pk)
        endpoint = locked.annotate(now=Now()).first()
        if endpoint is None:
            return False
        now = endpoint.now
        _note(endpoint, parcel, answer, now)
        if parcel.lease is None:
            return False
        if answer.error:
            _fail(endpoint, parcel, parcel.lease, answer, now)
            return False
        return _succeed(endpoint, parcel, parcel.lease, now)


def _note(endpoint: WebhookEndpoint, parcel: Parcel, answer: Answer, now: datetime) -> None:
    body = parcel.hook.body
    WebhookDelivery.objects.create(
        endpoint=endpoint,
        hook_id=parcel.hook.id,
        event=body.type,
        conversation_id=body.conversation_id,
        seq=body.seq,
        at=now,
        status=answer.status,
        error=answer.error,
        seconds=answer.seconds,
    )
    attempts = WebhookDelivery.objects.filter(endpoint=endpoint).order_by("-pk")
    newest_to_go = attempts.values_list("pk", flat=True)[KEPT_DELIVERIES : KEPT_DELIVERIES + 1].first()
    if newest_to_go is not None:
        WebhookDelivery.objects.filter(endpoint=endpoint, pk__lte=newest_to_go).delete()


def _succeed(endpoint: WebhookEndpoint, parcel: Parcel, lease: Lease, now: datetime) -> bool:
    endpoint.last_success_at = now
    endpoint.failures, endpoint.failing_since, endpoint.rests_until = 0, None, None
    endpoint.save(update_fields=["last_success_at", "failures", "failing_since", "rests_until"])
    moved = _held(lease).update(seq=parcel.hook.body.seq, failures=0, failing_since=None, due_at=now + LEASE)
    return moved > 0


def _fail(endpoint: WebhookEndpoint, parcel: Parcel, lease: Lease, answer: Answer, now: datetime) -> None:
    """Let the conversation wait, and the endpoint rest; one that never takes a hook is switched off."""
    if endpoint.rests_until is None or endpoint.rests_until <= now:  # of those that fail together one counts
        endpoint.failures += 1
        endpoint.rests_until = now + delay(endpoint.failures)
    endpoint.failing_since = endpoint.failing_since or now
    position = _held(lease).first()
    failing_since = (position.failing_since if position else None) or now
    endpoint.save(update_fields=["failures", "failing_since", "rests_until"])
    if position is not None:
        failures = position.failures + 1
        waits_until = now + delay(failures)
        _held(lease).update(failures=failures, failing_since=failing_since, lease=None, due_at=waits_until)
    if answer.is_gone:
        switch_off(endpoint, "It answered 410 Gone")
    elif now - failing_since >= GIVE_UP:
        switch_off(endpoint, f"It has not taken {parcel.hook.id} for {GIVE_UP.days} days: {answer.error}")


def switch_off(endpoint: WebhookEndpoint, reason: str = "") -> None:
    """Send no more to an endpoint. Where it has been told to is remembered."""
    endpoint.is_active, endpoint.off_reason = False, reason[:MAX_OFF_REASON]
    endpoint.save(update_fields=["is_active", "off_reason"])
    endpoint.positions.filter(lease=None).update(due_at=None)


def switch_on(endpoint: WebhookEndpoint) -> None:
    """Send again, at once, beginning with all that it has missed."""
    endpoint.is_active, endpoint.off_reason = True, ""
    endpoint.failures, endpoint.failing_since, endpoint.rests_until = 0, None, None
    endpoint.save(update_fields=["is_active", "off_reason", "failures", "failing_since", "rests_until"])
    failed = endpoint.positions.filter(failures__gt=0, lease=None)
    failed.update(failures=0, failing_since=None, due_at=Now())
    find(WebhookEndpoint.objects.filter(pk=endpoint.pk), Conversation.objects.all())


def go_back(endpoint: WebhookEndpoint, conversation_id: str, seq: int) -> None:
    """Tell an endpoint again what is behind a place; a turn that is under way ends."""
    begin = {"seq": seq, "lease": None, "due_at": Now() if endpoint.is_active else None}
    endpoint.positions.update_or_create(conversation_id=conversation_id, defaults=begin)


def delay(failures: int) -> timedelta:
    """Return how long to wait after so many failures in a row: twice as long each time, and never as long as others."""
    longest = min(FIRST_DELAY * float(2 ** min(failures - 1, 16)), LONGEST_DELAY)
    return longest * random.uniform(0.5, 1)
