"""A conversation's context as seed 000 hydrates it."""

from collections.abc import Collection
from typing import Any

from conversations.guides import Guidance, guide
from conversations.models import Conversation, Participant
from conversations.selectors import chat_refusal
from messaging import selectors, shapes
from messaging.people import person_body, person_of
from messaging.serializers import message_body
from stoory.accounts.presence import online_among
from stoory.times import iso, iso_or_none

PARTICIPANTS_SHOWN = 100


def conversation_context(reader: Participant) -> shapes.ConversationContext:
    """Return the context of the reader's conversation, which is loaded."""
    conversation = reader.conversation
    people = list(conversation.participants.select_related("user").order_by("pk")[:PARTICIPANTS_SHOWN])
    others = [person for person in people if person.user_id != reader.user_id]
    other = others[0] if conversation.pair_low is not None and others else None
    said = guide().guidance([reader]).get((reader.conversation_id, reader.user_id))
    me = next((person for person in people if person.pk == reader.pk), reader)
    online = online_among([reader.user_id, *(person.user_id for person in people)])
    return {
        "conversation": _conversation(conversation, said),
        "source": {"type": conversation.type, "data": _source(conversation)},
        "users": {
            "current": _person(me, online),
            "other": _person(other, online) if other else None,
        },
        "participants": [_person(person, online) for person in people],
        "prompts": _prompts(conversation, said),
        "state": _state(reader, said),
    }


def _person(participant: Participant, online: Collection[str]) -> shapes.Person:
    return person_body(person_of(participant), online=participant.user_id in online)


def _prompts(conversation: Conversation, said: Guidance | None) -> shapes.ContextPrompts:
    if said is None:
        said = Guidance(title=conversation.title or conversation.type.title())
    return {"title": said.title, "subtitle": said.subtitle, "details": said.details, "actions": said.buttons}


def _conversation(conversation: Conversation, said: Guidance | None) -> shapes.ContextConversation:
    return {
        "id": str(conversation.pk),
        "conversation_type": conversation.type,
        "chat_status": conversation.chat_status,
        "flow_state": conversation.flow_state,
        "awaiting_role": conversation.awaiting_role,
        "current_action_data": said.card if said else None,
        "automation_enabled": conversation.automation_enabled,
        "created_at": iso(conversation.created_at),
        "updated_at": iso(conversation.updated_at),
    }


def _source(conversation: Conversation) -> dict[str, Any]:
    return {
        **conversation.context,
        "id": conversation.source_id,
        "campaign_id": conversation.campaign_id,
        "title": conversation.title,
    }


def _state(reader: Participant, said: Guidance | None) -> shapes.ContextState:
    conversation = reader.conversation
    last = selectors.last_message(reader)
    return {
        "can_act": chat_refusal(conversation) is None or bool(said and said.buttons),
        "awaiting_role": conversation.awaiting_role,
        "state_seq": conversation.state_seq,
        "phase": said.phase if said else None,
        "expires_at": iso_or_none(said.expires_at) if said else None,
        "last_seq": conversation.last_seq,
        "unread_count": selectors.unread_count(reader),
        "last_message": message_body(last) if last else None,
    }
