"""The messenger family (seed 003): `join_conversation "<id>"`, bare camelCase `new_message`, `conversation_updated`.

Its clients send by REST.
"""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from conversations.events import ConversationContext, StateChanged
from messaging.events import MessageSent
from messaging.serializers import messenger_body
from stoory.events import Event
from stoory.realtime.contracts.base import (
    Contract,
    Emit,
    Join,
    Leave,
    PersonalEmit,
    Reader,
    Route,
    ToParticipants,
    ToPeers,
    ToRoom,
    context_body,
)
from stoory.realtime.events import PresenceChanged, TestMessageSent
from stoory.realtime.vocabulary.base import ConversationUpdated
from stoory.realtime.vocabulary.messenger import PresenceChange
from stoory.times import iso, iso_or_none

# Rooms


def room(conversation_id: str, role: str | None = None) -> str:
    """Return a conversation's room, or the sub-room of one party."""
    return f"conversation:{conversation_id}:{role}" if role else f"conversation:{conversation_id}"


def rooms(conversation_id: str, role: str) -> tuple[str, ...]:
    """Return the rooms that a participant of this role hears."""
    return room(conversation_id), room(conversation_id, role)


# Client → server: the payload is the bare id


def join_conversation(actor: str, conversation_id: str) -> Join:
    return Join(conversation_id=conversation_id)


def leave_conversation(actor: str, conversation_id: str) -> Leave:
    return Leave(conversation_id=conversation_id)


INBOUND: dict[str, Route[Any]] = {
    "join_conversation": Route(
        payload=str, request=join_conversation, limit="join", ack=lambda joined: {"lastSeq": joined.last_seq}
    ),
    "leave_conversation": Route(payload=str, request=leave_conversation),
}


# Server → client


def outbound(event: Event) -> Iterable[Emit | PersonalEmit]:
    """Return what the messenger family hears of `event`."""
    here = ToRoom(room(event.conversation_id, event.visible_to))
    match event:
        case MessageSent():
            yield Emit(here, "new_message", messenger_body(event.message))
            yield updated(event, message_updated_body(event))
        case StateChanged():
            yield updated(event, state_updated_body(event))
        case PresenceChanged():
            yield Emit(ToPeers(event.user_id, tuple(event.conversation_ids)), "presence:changed", presence_body(event))
        case TestMessageSent():
            yield Emit(here, "new_message", messenger_body(event.message))


def updated(event: Event, body: Callable[[Reader], ConversationUpdated]) -> PersonalEmit:
    """Return `conversation_updated`, one event in the words of seeds 002 and 003 both, with the reader's own unread."""
    to = ToParticipants(event.conversation_id, role=event.visible_to)
    return PersonalEmit(to, ("messenger", "feed"), "conversation_updated", body)


def message_updated_body(event: MessageSent) -> Callable[[Reader], ConversationUpdated]:
    message = event.message
    return lambda reader: updated_body(event.conversation, reader, reader.card, message.text, message.created_at)


def state_updated_body(event: StateChanged) -> Callable[[Reader], ConversationUpdated]:
    def body(reader: Reader) -> ConversationUpdated:
        card = event.cards.get(reader.role)
        return updated_body(event.conversation, reader, card, reader.last_message, reader.last_message_at or event.at)

    return body


def updated_body(
    context: ConversationContext, reader: Reader, card: Any, last_message: str, moment: datetime
) -> ConversationUpdated:
    return {
        "conversation_id": context.id,
        "flow_state": context.flow_state,
        "awaiting_role": context.awaiting_role,
        "chat_status": context.chat_status,
        "conversation_type": context.conversation_type,
        "conversation_context": context_body(context, card),
        "conversationId": context.id,
        "lastMessage": last_message,
        "timestamp": iso(moment),
        "unread": reader.unread_count > 0,
        "unreadCount": reader.unread_count,
    }


def presence_body(event: PresenceChanged) -> PresenceChange:
    return {"userId": event.user_id, "online": event.online, "lastSeen": iso_or_none(event.last_seen)}


MESSENGER = Contract(name="messenger", inbound=INBOUND, outbound=outbound, rooms=rooms, tells=("feed",))
