"""Who comes into a channel and who goes. Conversations of two people keep both of theirs."""

from django.db import transaction

from conversations import log
from conversations.commands import AddMember, JoinChannel, RemoveMember
from conversations.errors import ConversationNotFound
from conversations.events import MemberAdded, MemberRemoved
from conversations.models import Conversation, ConversationType, ParticipantRole
from conversations.selectors import locked_conversation
from stoory.accounts.models import User
from stoory.accounts.selectors import is_staff
from stoory.commands import handles
from stoory.errors import Forbidden, InvalidPayload
from stoory.times import utc_now


@handles(JoinChannel)
def join_channel(command: JoinChannel) -> None:
    """Make the actor a member of a public channel.

    Raises `ConversationNotFound` for a private conversation that the actor is not in, as for one that is not there.
    """
    with transaction.atomic():
        conversation = locked_conversation(command.conversation_id)
        if _takes_part(conversation, command.actor):
            return
        if not conversation.is_public:
            raise ConversationNotFound
        _add(conversation, command.actor, actor=command.actor)


@handles(AddMember)
def add_member(command: AddMember) -> bool:
    """Make somebody a member of a channel; they see all of it, and nothing of it is unread.

    Raises `ConversationNotFound` for who is not in the conversation, `Forbidden` for who may not add people to it, and
    `InvalidPayload` where there is no such user.
    """
    with transaction.atomic():
        conversation = _managed(command.actor, command.conversation_id)
        if not User.objects.filter(pk=command.user_id, is_active=True).exists():
            raise InvalidPayload("User not found", path="user_id")
        is_new = not _takes_part(conversation, command.user_id)
        if is_new:
            _add(conversation, command.user_id, actor=command.actor)
        return is_new


@handles(RemoveMember)
def remove_member(command: RemoveMember) -> bool:
    """Take somebody out of a channel: from here on they read nothing in it and say nothing.

    Raises `ConversationNotFound` for who is not in the conversation, and `Forbidden` for who may not remove others.
    """
    with transaction.atomic():
        conversation = _managed(command.actor, command.conversation_id, of=command.user_id)
        removed, _ = conversation.participants.filter(user_id=command.user_id).delete()
        if removed:
            _record_removal(conversation, command)
        return bool(removed)


def _managed(actor: str, conversation_id: str, *, of: str = "") -> Conversation:
    """Return a locked channel whose members the actor may change: its owner while they are in it, staff, oneself."""
    conversation = locked_conversation(conversation_id)
    by_staff = is_staff(actor)
    if not (by_staff or _takes_part(conversation, actor)):
        raise ConversationNotFound
    if conversation.type != ConversationType.CHANNEL:
        raise Forbidden("Only a channel's members come and go")
    if not (by_staff or actor in (of, conversation.created_by_id)):
        raise Forbidden
    return conversation


def _takes_part(conversation: Conversation, user_id: str) -> bool:
    return conversation.participants.filter(user_id=user_id).exists()


def _add(conversation: Conversation, user_id: str, *, actor: str) -> None:
    role, now_at = ParticipantRole.MEMBER, conversation.last_seq
    conversation.participants.create(user_id=user_id, role=role, last_read_seq=now_at, joined_seq=now_at)
    event = MemberAdded(
        conversation_id=str(conversation.pk),
        seq=conversation.last_seq + 1,
        at=utc_now(),
        user_id=user_id,
        role=role,
        acl_version=conversation.acl_version,
    )
    log.record(conversation, event, actor=actor)


def _record_removal(conversation: Conversation, command: RemoveMember) -> None:
    conversation.acl_version += 1
    conversation.save(update_fields=["acl_version"])
    event = MemberRemoved(
        conversation_id=str(conversation.pk),
        seq=conversation.last_seq + 1,
        at=utc_now(),
        user_id=command.user_id,
        acl_version=conversation.acl_version,
    )
    why = {"note": command.note} if command.note else {}
    log.record(conversation, event, actor=command.actor, extra=why)
