"""The workspace family (seed 004): `connection:*`, `message:*`, `reaction:*`, `channel:*`."""

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec

from messaging.commands import AddReaction, MarkRead, RemoveReaction, SendMessage, Sent
from messaging.events import MessageSent, MessagesRead, ReactionAdded, ReactionData, ReactionRemoved
from stoory.documents import fields as f
from stoory.errors import DomainError, InvalidPayload, NotAuthenticated, RateLimited
from stoory.events import Event
from stoory.http import naming
from stoory.ids import uuid7
from stoory.realtime.contracts.base import (
    Contract,
    Emit,
    Handshake,
    Join,
    JsonObject,
    Leave,
    Message,
    Route,
    ToRoom,
    error_event,
    when,
)
from stoory.realtime.events import UserJoined
from stoory.realtime.vocabulary import workspace as words
from stoory.times import iso, utc_now

PATH = "/api/socket.io"
"""Where its clients connect: some mean the path by it, some the namespace."""

CHANNELS_TOLD = 1_000
CHANNELS_JOINED = 200

# Rooms


def room(channel_id: str, role: str | None = None) -> str:
    """Return a channel's room, or the sub-room of one party."""
    return f"channel:{channel_id}:{role}" if role else f"channel:{channel_id}"


def rooms(channel_id: str, role: str) -> tuple[str, ...]:
    """Return the rooms that a participant of this role hears."""
    return room(channel_id), room(channel_id, role)


# Connecting


def claims(handshake: Handshake) -> bool:
    return PATH in (handshake.path.rstrip("/"), handshake.namespace) or "userId" in handshake.auth


def greeting(user_id: str, channels: Sequence[str]) -> Message:
    return "connection:success", {"userId": user_id, "channels": list(channels[:CHANNELS_TOLD])}


def refusal(error: DomainError, attempt: int) -> Message:
    text = "User not authenticated" if isinstance(error, NotAuthenticated) else error.message  # the seed's own words
    reason = error.code if isinstance(error, RateLimited) else "auth_error"
    return "connection:error", {"error": text, "reason": reason, "reconnectAttempt": attempt, **when(error)}


# Client → server


class SendPayload(msgspec.Struct, rename="camel"):
    content: f.Text
    channel_id: f.ConversationId
    temp_id: f.TempId | None = None
    reply_to_id: f.ReplyToId | None = None
    client_nonce: f.Nonce | None = None


class ReactionPayload(msgspec.Struct, rename="camel"):
    message_id: f.MessageId
    type: f.Emoji


class ChannelPayload(msgspec.Struct, rename="camel"):
    channel_id: f.ConversationId


class ReadPayload(msgspec.Struct, rename="camel"):
    message_id: f.MessageId


def send(actor: str, p: SendPayload) -> SendMessage:
    if not p.content.strip():
        raise InvalidPayload("A message needs content", path="content")
    with naming(text="content"):
        return SendMessage(
            actor=actor,
            conversation_id=p.channel_id,
            text=p.content,
            reply_to_id=p.reply_to_id,
            client_nonce=p.client_nonce,
            temp_id=p.temp_id,
            message_id=str(uuid7()),
        )


def add_reaction(actor: str, p: ReactionPayload) -> AddReaction:
    return AddReaction(actor=actor, message_id=p.message_id, type=p.type)


def remove_reaction(actor: str, p: ReactionPayload) -> RemoveReaction:
    return RemoveReaction(actor=actor, message_id=p.message_id, type=p.type)


def join_channel(actor: str, p: ChannelPayload) -> Join:
    return Join(conversation_id=p.channel_id, as_member=True)


def leave_channel(actor: str, p: ChannelPayload) -> Leave:
    return Leave(conversation_id=p.channel_id)


def read(actor: str, p: ReadPayload) -> MarkRead:
    return MarkRead(actor=actor, message_ids=[p.message_id])


def sent(p: SendPayload, command: SendMessage) -> Iterable[Message]:
    """Tell that the message was received and validated; where it is a repeat, DELIVERED names the stored one."""
    body = {"messageId": command.message_id, "tempId": p.temp_id, "status": "SENT", "timestamp": iso(utc_now())}
    yield "message:delivered", body


def delivered(p: SendPayload, result: Sent) -> Iterable[Message]:
    body = {"messageId": result.message.id, "tempId": p.temp_id, "status": "DELIVERED", "processed": True}
    yield "message:delivered", body


def sent_fields(result: Sent) -> JsonObject:
    fields: JsonObject = {"messageId": result.message.id, "seq": result.message.seq}
    return fields | {"duplicate": True} if result.duplicate else fields


INBOUND: dict[str, Route[Any]] = {
    "message:send": Route(
        payload=SendPayload, request=send, limit="send", accepted=sent, replies=delivered, ack=sent_fields
    ),
    "message:read": Route(payload=ReadPayload, request=read, limit="read"),
    "reaction:add": Route(
        payload=ReactionPayload,
        request=add_reaction,
        limit="reaction",
        ack=lambda stored: {"reaction": reaction_body(stored)},
    ),
    "reaction:remove": Route(payload=ReactionPayload, request=remove_reaction, limit="reaction"),
    "channel:join": Route(
        payload=ChannelPayload,
        request=join_channel,
        limit="join",
        ack=lambda joined: {"lastSeq": joined.last_seq},
    ),
    "channel:leave": Route(payload=ChannelPayload, request=leave_channel),
}


# Server → client


def outbound(event: Event) -> Iterable[Emit]:
    """Return what the workspace family hears of `event`."""
    here = ToRoom(room(event.conversation_id, event.visible_to))
    match event:
        case MessageSent():
            yield Emit(here, "message:created", created_body(event))
        case MessagesRead():
            for message_id in event.message_ids:
                yield Emit(here, "message:read", read_body(event, message_id))
        case ReactionAdded():
            yield Emit(here, "reaction:added", added_body(event))
        case ReactionRemoved():
            yield Emit(here, "reaction:removed", removed_body(event))
        case UserJoined():
            yield Emit(here, "channel:user_joined", joined_body(event))


def created_body(event: MessageSent) -> words.MessageCreated:
    message = event.message
    return {
        "message": {
            "id": message.id,
            "content": message.text,
            "channelId": message.conversation_id,
            "userId": message.sender_id,
            "replyToId": message.reply_to_id,
            "deliveryStatus": "DELIVERED",
            "createdAt": iso(message.created_at),
            "updatedAt": iso(message.edited_at or message.created_at),
            "user": {"id": event.author.id, "name": event.author.name, "imageUrl": event.author.image_url},
            "seq": message.seq,
        },
        "tempId": event.temp_id,
        "processed": True,
    }


def read_body(event: MessagesRead, message_id: str) -> words.MessageRead:
    return {"messageId": message_id, "userId": event.reader_id, "status": "READ", "timestamp": iso(event.at)}


def reaction_body(reaction: ReactionData) -> words.WorkspaceReaction:
    return {
        "id": reaction.id,
        "type": reaction.type,
        "userId": reaction.user_id,
        "messageId": reaction.message_id,
        "createdAt": iso(reaction.created_at),
    }


def added_body(event: ReactionAdded) -> words.ReactionAdded:
    return {
        "messageId": event.reaction.message_id,
        "reaction": reaction_body(event.reaction),
        "processed": True,
        "seq": event.seq,
    }


def removed_body(event: ReactionRemoved) -> words.ReactionRemoved:
    return {
        "messageId": event.message_id,
        "userId": event.user_id,
        "type": event.type,
        "processed": True,
        "seq": event.seq,
    }


def joined_body(event: UserJoined) -> words.UserJoined:
    return {"userId": event.user_id, "channelId": event.conversation_id, "timestamp": iso(event.at)}


def fault(event: str, payload: Any, error: DomainError) -> Message:
    """Return `message:failed` for a send; `error` for the rest."""
    if event != "message:send":
        return error_event(event, payload, error)
    temp_id = payload.get("tempId") if isinstance(payload, dict) else None
    body = {"error": error.message, "tempId": temp_id, "status": "FAILED", "processed": True}
    return "message:failed", body | {"timestamp": iso(utc_now()), "code": error.code, **when(error)}


WORKSPACE = Contract(
    name="workspace",
    inbound=INBOUND,
    outbound=outbound,
    rooms=rooms,
    fault=fault,
    claims=claims,
    greeting=greeting,
    refusal=refusal,
    joins_on_connect=CHANNELS_JOINED,
    exclusive=True,
)
