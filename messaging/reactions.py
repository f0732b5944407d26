"""Reactions: at most one of a kind by one user on one message, whoever is faster."""

from django.db import transaction

from conversations import log
from messaging.commands import AddReaction, RemoveReaction
from messaging.events import ReactionAdded, ReactionData, ReactionRemoved
from messaging.models import Reaction
from messaging.selectors import locked_message_for
from stoory.commands import handles
from stoory.times import utc_now


@handles(AddReaction)
def add_reaction(command: AddReaction) -> ReactionData:
    """Return the stored reaction, new or of before; raises `MessageNotFound`."""
    with transaction.atomic():
        message, reader = locked_message_for(command.actor, command.message_id)
        conversation = reader.conversation
        reaction, is_new = Reaction.objects.get_or_create(message=message, user_id=command.actor, type=command.type)
        data = ReactionData.of(reaction)
        if is_new:
            event = ReactionAdded(
                conversation_id=str(conversation.pk),
                seq=conversation.last_seq + 1,
                at=reaction.created_at,
                visible_to=message.visible_to,
                reaction=data,
            )
            log.record(conversation, event, actor=command.actor)
    return data


@handles(RemoveReaction)
def remove_reaction(command: RemoveReaction) -> bool:
    """Return whether there was such a reaction of the actor's; raises `MessageNotFound`."""
    with transaction.atomic():
        message, reader = locked_message_for(command.actor, command.message_id)
        conversation = reader.conversation
        removed, _ = message.reactions.filter(user_id=command.actor, type=command.type).delete()
        if removed:
            event = ReactionRemoved(
                conversation_id=str(conversation.pk),
                seq=conversation.last_seq + 1,
                at=utc_now(),
                visible_to=message.visible_to,
                message_id=str(message.pk),
                user_id=command.actor,
                type=command.type,
            )
            log.record(conversation, event, actor=command.actor)
    return bool(removed)
