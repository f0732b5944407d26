"""Reads of conversations, with the permission to read built in."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple, Protocol
from uuid import UUID

import msgspec
from django.db import connection
from django.db.models import CharField, DateTimeField, Exists, F, OuterRef, Q, QuerySet, UUIDField, Window
from django.db.models.functions import RowNumber

from conversations.errors import AutomatedMode, CampaignNotFound, ConversationClosed, ConversationNotFound
from conversations.events import ConversationContext
from conversations.models import (
    GUIDED_TYPES,
    ChatStatus,
    Conversation,
    ConversationEvent,
    Participant,
    ParticipantRole,
)
from stoory.accounts.presence import is_online
from stoory.accounts.selectors import is_staff
from stoory.errors import DomainError, Forbidden
from stoory.ids import parse_uuid
from stoory.queries import IdText, Parameter, PreparedQuery, Row


class Membership(msgspec.Struct, frozen=True):
    """One user's place in one conversation, how far its log is, and how far it was when they joined.

    It holds as long as nobody has seen the user removed at a higher `acl_version`.
    """

    conversation_id: str
    user_id: str
    role: str
    last_seq: int
    joined_seq: int
    acl_version: int


class Person(NamedTuple):
    """A participant as others see them."""

    user_id: str
    role: str
    username: str
    name: str
    image_url: str
    last_seen: datetime | None


class Other(NamedTuple):
    """Who else is in a conversation, and whether they are online."""

    person: Person
    online: bool


def participation(user_id: str, conversation_id: str) -> Participant:
    """Return the user's participation with its conversation loaded.

    Raises `ConversationNotFound` for a conversation that the user is not in exactly as for one that does not exist.
    """
    key = parse_uuid(conversation_id)
    rows = _PARTICIPATION.rows(conversation=key, user=user_id) if key else []
    if not rows:
        raise ConversationNotFound
    return _with_conversation(rows[0])


def existing_conversation(conversation_id: str) -> Conversation:
    """Return a conversation, for staff and not for participants; raises `ConversationNotFound`."""
    return _found(Conversation.objects.all(), conversation_id)


def locked_conversation(conversation_id: str) -> Conversation:
    """Return a conversation, locked for this transaction, whoever asks; raises `ConversationNotFound`."""
    return _found(Conversation.objects.locked(), conversation_id)


def locked_participation(user_id: str, conversation_id: str) -> Participant:
    """Return the user's participation as it is now that its conversation, loaded, is locked for this transaction.

    Raises `ConversationNotFound`, also for who was removed while this waited for the lock.
    """
    key = parse_uuid(conversation_id)
    if key is None or not _LOCKED.rows(conversation=key, user=user_id):  # an outsider locks nothing
        raise ConversationNotFound
    return participation(user_id, conversation_id)


def participants_among(conversation_id: str, user_ids: Iterable[str]) -> set[str]:
    """Return those of the users who take part in a conversation."""
    rows = Participant.objects.filter(conversation_id=conversation_id, user__in=list(user_ids))
    return set(rows.values_list("user_id", flat=True))


def removals(since: datetime) -> list[tuple[str, int]]:
    """Return where somebody was taken out of a conversation after `since`: its id and the place in its log."""
    rows = ConversationEvent.objects.filter(kind="member_removed", created_at__gte=since)
    return [(str(conversation), seq) for conversation, seq in rows.order_by().values_list("conversation_id", "seq")]


def _found(rows: QuerySet[Conversation], conversation_id: str) -> Conversation:
    key = parse_uuid(conversation_id)
    found = rows.filter(pk=key).first() if key else None
    if found is None:
        raise ConversationNotFound
    return found


def memberships(user_ids: Iterable[str], *, since: datetime | None = None) -> list[Membership]:
    """Return the users' places in all their conversations, or in those that moved after `since`; newest first."""
    users = list(user_ids)
    if not users:
        return []
    rows = _MEMBERSHIPS.rows(users=users) if since is None else _MOVED.rows(users=users, since=since)
    return [Membership(str(conversation), *rest) for conversation, *rest in rows]


def recent_conversations(user_ids: Iterable[str], limit: int, *, members_up_to: int) -> dict[str, list[str]]:
    """Return the ids of each user's conversations, the most recent first, `limit` of each at most.

    Channels with more members are left out.
    """
    found: dict[str, list[str]] = {}
    users = list(user_ids)
    for user_id, conversation_id in _recent(limit, members_up_to).rows(users=users) if users else []:
        found.setdefault(user_id, []).append(conversation_id)
    return found


def membership(user_id: str, conversation_id: str) -> Membership:
    """Return the user's place in a conversation; raises `ConversationNotFound`."""
    key = parse_uuid(conversation_id)
    rows = _PLACE.rows(conversation=key, user=user_id) if key else []
    if not rows:
        raise ConversationNotFound
    return Membership(str(key), *rows[0][1:])


def places_among(asked: Sequence[tuple[str, str]]) -> list[Membership | None]:
    """Return each user's place in each conversation, or None for one that they are not in. One query."""
    wanted = [(user_id, parse_uuid(conversation_id)) for user_id, conversation_id in asked]
    keys = {key for _, key in wanted if key}
    if not keys:
        return [None for _ in asked]
    rows = _PLACES.rows(users=list({user_id for user_id, _ in wanted}), conversations=list(keys))
    found = {(user, key): Membership(str(key), user, *rest) for key, user, *rest in rows}
    return [found.get((user_id, key)) if key else None for user_id, key in wanted]


def check_follows_campaign(user_id: str, campaign_id: str) -> None:
    """Raise `CampaignNotFound` unless the user has a conversation in the campaign or is staff."""
    if not (_in_campaign(user_id, campaign_id).exists() or is_staff(user_id)):
        raise CampaignNotFound


def check_owns_campaign(user_id: str, campaign_id: str) -> None:
    """Raise `CampaignNotFound` unless the user may follow the campaign, `Forbidden` unless they own it or are staff."""
    check_follows_campaign(user_id, campaign_id)
    if campaign_owner(campaign_id) != user_id and not is_staff(user_id):
        raise Forbidden


def campaign_owner(campaign_id: str) -> str | None:
    """Return the brand owner of the campaign's first conversation; None for a campaign that has none yet."""
    owners = Participant.objects.filter(conversation__campaign_id=campaign_id, role=ParticipantRole.BRAND_OWNER)
    return owners.order_by("conversation__created_at", "conversation_id").values_list("user_id", flat=True).first()


def lock_campaign(campaign_id: str) -> None:
    """Let nobody else open a conversation in the campaign before this transaction ends.

    A campaign has no row that could be locked: PostgreSQL locks its name. SQLite lets one transaction write at a time.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"campaign:{campaign_id}"])


def _in_campaign(user_id: str, campaign_id: str) -> QuerySet[Participant]:
    storable = "\x00" not in campaign_id and len(campaign_id) <= 64
    rows = Participant.objects.filter(user_id=user_id, conversation__campaign_id=campaign_id)
    return rows if storable else rows.none()


def context_of(conversation: Conversation) -> ConversationContext:
    """Return the conversation's state as every participant may see it."""
    return ConversationContext(
        id=str(conversation.pk),
        conversation_type=conversation.type,
        chat_status=conversation.chat_status,
        flow_state=conversation.flow_state,
        awaiting_role=conversation.awaiting_role,
        automation_enabled=conversation.automation_enabled,
    )


class ChatMode(Protocol):
    """What decides who may write in a conversation."""

    @property
    def type(self) -> str: ...

    @property
    def chat_status(self) -> str: ...

    @property
    def flow_state(self) -> str | None: ...


def chat_refusal(conversation: ChatMode) -> DomainError | None:
    """Return why people can't write freely in `conversation` now, or None where they can (seed 000).

    PostgreSQL decides by the same rule, `is_open` in `messaging.send_statement`; a test holds the two together.
    """
    if conversation.chat_status == ChatStatus.CLOSED:
        return ConversationClosed()
    open_for_chat = ChatStatus.REAL_TIME in (conversation.chat_status, conversation.flow_state)
    if conversation.type in GUIDED_TYPES and not open_for_chat:
        return AutomatedMode()
    return None


def others_in_pairs(user_id: str, conversation_ids: Sequence[UUID]) -> dict[UUID, Other]:
    """Return who else is in each of the user's conversations of two people."""
    rows = _OTHERS.rows(user=user_id, conversations=conversation_ids) if conversation_ids else []
    return {conversation_id: Other(Person(*person), online) for conversation_id, *person, online in rows}


def _places(**where: Any) -> QuerySet[Participant, Any]:
    return Participant.objects.filter(**where).values_list(
        "conversation_id",
        "user_id",
        "role",
        "conversation__last_seq",
        "joined_seq",
        "conversation__acl_version",
    )


def _places_of_many(**where: Any) -> QuerySet[Participant, Any]:
    return _places(user__id__in=_USERS, **where)


@cache
def _recent(limit: int, members_up_to: int) -> PreparedQuery:
    members = Participant.objects.filter(conversation=OuterRef("conversation")).order_by()
    is_small = Q(conversation__pair_low__isnull=False) | ~Exists(members[members_up_to : members_up_to + 1])
    newest_first = [F("conversation__updated_at").desc(), F("conversation_id").desc()]
    place = Window(RowNumber(), partition_by=F("user_id"), order_by=newest_first)
    rows = Participant.objects.filter(is_small, user__id__in=_USERS).annotate(place=place).filter(place__lte=limit)
    return PreparedQuery(lambda: rows.order_by("user_id", "place").values_list("user_id", IdText("conversation_id")))


_USERS = [Parameter("users", CharField(), many=True)]
_NEWEST = "-conversation__updated_at"
_MEMBERSHIPS = PreparedQuery(lambda: _places_of_many().order_by(_NEWEST))
_MOVED = PreparedQuery(
    lambda: _places_of_many(conversation__updated_at__gte=Parameter("since", DateTimeField())).order_by(_NEWEST)
)
_PLACES = PreparedQuery(
    lambda: _places_of_many(conversation__id__in=[Parameter("conversations", UUIDField(), many=True)]).order_by()
)
_PLACE = PreparedQuery(
    lambda: _places(
        conversation__id=Parameter("conversation", UUIDField()), user__id=Parameter("user", CharField())
    ).order_by()
)
_OTHERS = PreparedQuery(
    lambda: (
        Participant.objects.filter(conversation__id__in=[Parameter("conversations", UUIDField(), many=True)])
        .exclude(user__id=Parameter("user", CharField()))
        .annotate(online=is_online("user"))
        .order_by("pk")
        .values_list("conversation_id", "user_id", "role", *(f"user__{name}" for name in Person._fields[2:]), "online")
    )
)
_OF_USER = Participant.objects.filter(conversation=OuterRef("pk"), user__id=Parameter("user", CharField()))
_LOCKED = PreparedQuery(
    lambda: (
        Conversation.objects.filter(Exists(_OF_USER), id=Parameter("conversation", UUIDField()))
        .select_for_update(no_key=True)
        .values_list("pk")
    )
)
_PARTICIPANT = [field.attname for field in Participant._meta.concrete_fields]
_CONVERSATION = [field.attname for field in Conversation._meta.concrete_fields]
_PARTICIPATION = PreparedQuery(
    lambda: (
        Participant.objects.filter(
            conversation__id=Parameter("conversation", UUIDField()), user__id=Parameter("user", CharField())
        )
        .order_by()
        .values_list(*_PARTICIPANT, *(f"conversation__{name}" for name in _CONVERSATION))
    )
)


def _with_conversation(row: Row) -> Participant:
    found = Participant.from_db("default", _PARTICIPANT, row[: len(_PARTICIPANT)])
    found.conversation = Conversation.from_db("default", _CONVERSATION, row[len(_PARTICIPANT) :])
    return found
