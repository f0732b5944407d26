"""What can be done with conversations; each function one transaction."""

from django.db import IntegrityError, transaction

from conversations import guides, log
from conversations.commands import CreateConversation, Created, PublishCampaignUpdate, SetChatStatus
from conversations.events import CampaignUpdated, ConversationCreated, StateChanged
from conversations.models import (
    GUIDED_TYPES,
    ChatStatus,
    Conversation,
    ConversationType,
    Participant,
    ParticipantRole,
)
from conversations.selectors import (
    campaign_owner,
    check_owns_campaign,
    context_of,
    lock_campaign,
    locked_conversation,
)
from stoory.accounts.models import User
from stoory.accounts.selectors import check_staff
from stoory.commands import handles
from stoory.errors import InvalidPayload
from stoory.events import publish
from stoory.times import utc_now


@handles(CreateConversation)
def create_conversation(command: CreateConversation) -> Created:
    """Create the conversation, or return the one of the same people and source.

    Raises `InvalidPayload` where the type, the people or the source don't fit together.
    """
    people = _people(command)
    _check_shape(command, people)
    _check_campaign(command, people)
    existing = _existing(command, people)
    if existing is None:
        try:
            with transaction.atomic():
                _check_campaign_alone(command, people)
                return Created(conversation=_insert(command, people), is_existing=False)
        except IntegrityError:  # somebody else was first; the constraint kept it one
            existing = _existing(command, people)
            if existing is None:
                raise
    return Created(conversation=existing, is_existing=True)


def _people(command: CreateConversation) -> list[User]:
    wanted = list(dict.fromkeys([command.actor, *command.participant_ids]))
    found = User.objects.filter(is_active=True).in_bulk(wanted)
    missing = [user_id for user_id in wanted if user_id not in found]
    if missing:
        raise InvalidPayload("User not found", path="participant_ids")
    return [found[user_id] for user_id in wanted]


def _check_shape(command: CreateConversation, people: list[User]) -> None:
    if command.type not in ConversationType.values:
        raise InvalidPayload(f"Expected one of {', '.join(ConversationType.values)}", path="type")
    if command.type == ConversationType.CHANNEL:
        return
    if len(people) != 2:
        raise InvalidPayload(f"A {command.type} conversation is between two people", path="participant_ids")
    if command.type in GUIDED_TYPES:
        if command.source_id is None:
            raise InvalidPayload(f"A {command.type} conversation needs its source", path="source_id")
        if {person.role for person in people} != {ParticipantRole.BRAND_OWNER, ParticipantRole.INFLUENCER}:
            raise InvalidPayload("Expected a brand owner and an influencer", path="participant_ids")


def _check_campaign(command: CreateConversation, people: list[User]) -> None:
    """Let nobody open a conversation in a campaign that its owner has no part in: who is in it hears its work."""
    campaign_id = _campaign(command)
    if campaign_id is None:
        return
    if command.type not in GUIDED_TYPES:
        raise InvalidPayload(f"A {command.type} conversation is in no campaign", path="campaign_id")
    owner = campaign_owner(campaign_id)
    if owner is not None and owner not in {person.pk for person in people}:
        raise InvalidPayload("No such campaign of these people", path="campaign_id")


def _check_campaign_alone(command: CreateConversation, people: list[User]) -> None:
    """Look again while nobody else can: of two owners who open a campaign's first conversation at once, one has it."""
    campaign_id = _campaign(command)
    if campaign_id is not None:
        lock_campaign(campaign_id)
        _check_campaign(command, people)


def _campaign(command: CreateConversation) -> str | None:
    return command.source_id if command.type == ConversationType.CAMPAIGN else command.campaign_id


def _pair(command: CreateConversation, people: list[User]) -> tuple[str, str] | tuple[None, None]:
    if command.type == ConversationType.CHANNEL:
        return None, None
    low, high = sorted(person.pk for person in people)
    return low, high


def _existing(command: CreateConversation, people: list[User]) -> Conversation | None:
    if command.type == ConversationType.CHANNEL:
        return None
    low, high = _pair(command, people)
    same = Conversation.objects.filter(type=command.type, pair_low=low, pair_high=high)
    if command.type in GUIDED_TYPES:
        same = same.filter(source_id=command.source_id)
    return same.first()


def _insert(command: CreateConversation, people: list[User]) -> Conversation:
    guided = command.type in GUIDED_TYPES
    low, high = _pair(command, people)
    conversation = Conversation.objects.create(
        type=command.type,
        title=command.title,
        is_public=command.is_public and command.type == ConversationType.CHANNEL,
        source_id=command.source_id,
        campaign_id=_campaign(command),
        pair_low=low,
        pair_high=high,
        context=command.context,
        chat_status=ChatStatus.AUTOMATED if guided else ChatStatus.REAL_TIME,
        automation_enabled=guided,
        created_by_id=command.actor,
    )
    roles = {person.pk: _role(person) for person in people}
    Participant.objects.bulk_create(
        Participant(conversation=conversation, user_id=user_id, role=role) for user_id, role in roles.items()
    )
    publish(ConversationCreated(conversation_id=str(conversation.pk), at=utc_now(), participants=roles))
    if guided:
        guides.guide().start(conversation)
    return conversation


def _role(person: User) -> str:
    return person.role if person.role in ParticipantRole.values else ParticipantRole.MEMBER


@handles(SetChatStatus)
def set_chat_status(command: SetChatStatus) -> None:
    """Move a conversation to a chat status; raises `Forbidden` for others than staff."""
    check_staff(command.actor)
    if command.chat_status not in ChatStatus.values:
        raise InvalidPayload(f"Expected one of {', '.join(ChatStatus.values)}", path="chat_status")
    with transaction.atomic():
        conversation = locked_conversation(command.conversation_id)
        if conversation.chat_status != command.chat_status:
            conversation.chat_status = ChatStatus(command.chat_status)
            conversation.save(update_fields=["chat_status"])
            event = state_changed(
                conversation,
                previous=conversation.flow_state,
                reason=command.reason,
                cards=guides.cards(conversation),
            )
            log.record(conversation, event, actor=command.actor)


def state_changed(
    conversation: Conversation,
    *,
    previous: str | None,
    reason: str,
    cards: dict[str, guides.Card],
    is_renewal: bool = False,
) -> StateChanged:
    """Return the next event of a locked conversation's log: that it is in the state which it has been given."""
    return StateChanged(
        conversation_id=str(conversation.pk),
        seq=conversation.last_seq + 1,
        at=utc_now(),
        conversation=context_of(conversation),
        state_seq=conversation.state_seq,
        cards=cards,
        campaign_id=conversation.campaign_id,
        previous_state=previous,
        new_state=conversation.flow_state,
        reason=reason,
        is_renewal=is_renewal,
    )


@handles(PublishCampaignUpdate)
def publish_campaign_update(command: PublishCampaignUpdate) -> CampaignUpdated:
    """Publish an update to a campaign's followers.

    Raises `CampaignNotFound` for who has no part in it, and `Forbidden` for who has, but neither owns it nor is staff.
    """
    check_owns_campaign(command.actor, command.campaign_id)
    event = CampaignUpdated(
        conversation_id="",
        at=utc_now(),
        campaign_id=command.campaign_id,
        update_kind=command.kind,
        data=command.data,
    )
    publish(event)
    return event
