"""The feed family (seed 002): `join_conversation {conversationId}`, `new_message`, `notification`."""

from collections.abc import Iterable
from typing import Any

import msgspec

from conversations.events import StateChanged
from messaging.events import MessageData, MessageSent
from messaging.models import MessageType
from stoory.documents import fields as f
from stoory.events import Event
from stoory.realtime.contracts.base import (
    TYPING,
    Contract,
    Emit,
    Join,
    Leave,
    Route,
    SetUserRoom,
    ToParticipants,
    ToRoom,
    ToUser,
    context_body,
    own,
    state_body,
    typing_body,
)
from stoory.realtime.events import TestMessageSent, Typing
from stoory.realtime.vocabulary import feed as words
from stoory.times import iso

# Rooms


def room(conversation_id: str, role: str | None = None) -> str:
    """Return a conversation's room, or the sub-room of one party."""
    return f"conversation_{conversation_id}:{role}" if role else f"conversation_{conversation_id}"


def rooms(conversation_id: str, role: str) -> tuple[str, ...]:
    """Return the rooms that a participant of this role hears."""
    return room(conversation_id), room(conversation_id, role)


# Client → server


class ConversationPayload(msgspec.Struct, rename="camel"):
    conversation_id: f.ConversationId


class UserRoomPayload(msgspec.Struct, rename="camel"):
    user_id: f.OwnId


def join_conversation(actor: str, p: ConversationPayload) -> Join:
    return Join(conversation_id=p.conversation_id)


def leave_conversation(actor: str, p: ConversationPayload) -> Leave:
    return Leave(conversation_id=p.conversation_id)


def join_user_room(actor: str, p: UserRoomPayload) -> SetUserRoom:
    own(actor, p.user_id)
    return SetUserRoom(is_heard=True)


def leave_user_room(actor: str, p: UserRoomPayload) -> SetUserRoom:
    own(actor, p.user_id)
    return SetUserRoom(is_heard=False)


INBOUND: dict[str, Route[Any]] = {
    "join_conversation": Route(
        payload=ConversationPayload,
        request=join_conversation,
        limit="join",
        ack=lambda joined: {"lastSeq": joined.last_seq},
    ),
    "leave_conversation": Route(payload=ConversationPayload, request=leave_conversation),
    "join_user_room": Route(payload=UserRoomPayload, request=join_user_room),
    "leave_user_room": Route(payload=UserRoomPayload, request=leave_user_room),
    **TYPING,
}


# Server → client


def outbound(event: Event) -> Iterable[Emit]:
    """Return what the feed family hears of `event`. `conversation_updated` comes from the messenger contract."""
    here = ToRoom(room(event.conversation_id, event.visible_to))
    match event:
        case MessageSent():
            yield Emit(here, "new_message", new_message(event))
            yield Emit(notified(event), "notification", notification(event))
        case StateChanged(is_renewal=False):
            yield Emit(here, "conversation_state_changed", state_body(event))
        case TestMessageSent():
            yield Emit(here, "new_message", test_message(event))
        case Typing():
            yield Emit(ToRoom(room(event.conversation_id), but_user=event.user_id), "user_typing", typing_body(event))


def notified(event: MessageSent) -> ToUser | ToParticipants:
    """Return who is notified: the receiver; where there is none, everybody else who may see the message."""
    if event.message.receiver_id:
        return ToUser(event.message.receiver_id)
    return ToParticipants(event.conversation_id, role=event.visible_to, but_user=event.message.sender_id)


def new_message(event: MessageSent) -> words.FeedNewMessage:
    return {
        "conversation_id": event.conversation_id,
        "message": message_body(event.message),
        "conversation_context": context_body(event.conversation, event.card),
    }


def test_message(event: TestMessageSent) -> words.FeedNewMessage:
    return {
        "conversation_id": event.conversation_id,
        "message": message_body(event.message),
        "conversation_context": context_body(event.conversation),
    }


def notification(event: MessageSent) -> words.Notification:
    message = event.message
    return {
        "type": "message",
        "data": {
            "id": message.id,
            "title": "New message",
            "body": message.text,
            "created_at": iso(message.created_at),
            "conversation_context": context_body(event.conversation, event.card),
            "payload": {
                "conversation_id": message.conversation_id,
                "message_id": message.id,
                "sender_id": message.sender_id,
            },
            "conversation_id": message.conversation_id,
            "message": message_body(message),
            "sender_id": message.sender_id,
            "receiver_id": message.receiver_id,
        },
    }


def message_body(message: MessageData) -> words.FeedMessage:
    is_automated = message.message_type == MessageType.AUTOMATED
    return {
        "id": message.id,
        "conversation_id": message.conversation_id,
        "sender_id": message.sender_id,
        "receiver_id": message.receiver_id,
        "message": message.text,
        "media_url": message.media_url,
        "message_type": "system" if is_automated else "user_input",
        "is_automated": is_automated,
        "action_required": message.action_required,
        "action_data": message.action_data,
        "created_at": iso(message.created_at),
        "seq": message.seq,
    }


FEED = Contract(name="feed", inbound=INBOUND, outbound=outbound, rooms=rooms)
