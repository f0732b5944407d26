"""The chat family (seeds 000 and 001): `authenticate`, `chat:*`, `typing_*`."""

from collections.abc import Iterable
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from conversations.events import MemberAdded, MemberRemoved, StateChanged
from conversations.models import GUIDED_TYPES
from flows.commands import PerformAction, Stepped
from flows.schema import PARTIES
from messaging.commands import MarkRead, Read, SendMessage, Sent
from messaging.events import (
    ActionTaken,
    MessageDeleted,
    MessageEdited,
    MessageSent,
    MessagesRead,
    ReactionAdded,
    ReactionRemoved,
)
from messaging.models import MessageType
from messaging.serializers import message_body
from messaging.shapes import Message as MessageShape
from stoory.documents import fields as f
from stoory.errors import DomainError
from stoory.events import Event
from stoory.realtime.contracts.base import (
    TYPING,
    Authenticate,
    Authenticated,
    Contract,
    Emit,
    Join,
    Joined,
    JsonObject,
    Leave,
    Message,
    Route,
    Sync,
    Synced,
    ToParticipants,
    ToRoom,
    ToUser,
    state_body,
    typing_body,
    when,
)
from stoory.realtime.events import TestMessageSent, Typing
from stoory.realtime.vocabulary import chat as words
from stoory.times import iso

# Rooms


def room(conversation_id: str, role: str | None = None) -> str:
    """Return a conversation's room, or the sub-room of one party."""
    return f"room:{conversation_id}:{role}" if role else f"room:{conversation_id}"


def rooms(conversation_id: str, role: str) -> tuple[str, ...]:
    """Return the rooms that a participant of this role hears."""
    return room(conversation_id), room(conversation_id, role)


# Client → server

AfterSeq = Annotated[int, Meta(description="The last place of the log that you have.", examples=[6])]


class AuthenticatePayload(msgspec.Struct):
    token: f.Token = None


class JoinPayload(msgspec.Struct, rename="camel"):
    conversation_id: f.ConversationId
    after_seq: AfterSeq | None = None


class LeavePayload(msgspec.Struct, rename="camel"):
    conversation_id: f.ConversationId


class SendPayload(msgspec.Struct, rename="camel"):
    conversation_id: f.ConversationId
    temp_id: f.TempId | None = None
    text: f.Text | None = None  # seed 001 leaves it out where there are attachments
    attachments: f.Attachments = None
    metadata: f.Metadata | None = None
    client_nonce: f.Nonce | None = None
    reply_to_id: f.ReplyToId | None = None


class ReadPayload(msgspec.Struct, rename="camel"):
    conversation_id: f.ConversationId
    message_ids: Annotated[list[str], Meta(description="Up to 1,000 messages.")] | None = None
    up_to_message_id: f.MessageId | None = None


class ActionPayload(msgspec.Struct, rename="camel"):
    conversation_id: f.ConversationId
    action: f.ActionName
    data: f.ActionInputs = None
    state_seq: f.StateSeq | None = None
    client_nonce: f.Nonce | None = None


class SyncPayload(msgspec.Struct, rename="camel"):
    conversation_id: f.ConversationId
    after_seq: AfterSeq
    limit: Annotated[int, Meta(description="At most 500.")] = 100


def authenticate(actor: str, p: AuthenticatePayload) -> Authenticate:
    return Authenticate(token=p.token)


def join(actor: str, p: JoinPayload) -> Join:
    return Join(conversation_id=p.conversation_id, after_seq=p.after_seq)


def leave(actor: str, p: LeavePayload) -> Leave:
    return Leave(conversation_id=p.conversation_id)


def send(actor: str, p: SendPayload) -> SendMessage:
    return SendMessage(
        actor=actor,
        conversation_id=p.conversation_id,
        text=p.text or "",
        attachments=p.attachments,
        metadata=p.metadata,
        client_nonce=p.client_nonce,
        reply_to_id=p.reply_to_id,
        temp_id=p.temp_id,
    )


def read(actor: str, p: ReadPayload) -> MarkRead:
    return MarkRead(
        actor=actor,
        conversation_id=p.conversation_id,
        message_ids=p.message_ids,
        up_to_message_id=p.up_to_message_id,
    )


def act(actor: str, p: ActionPayload) -> PerformAction:
    return PerformAction(
        actor=actor,
        conversation_id=p.conversation_id,
        action=p.action,
        data=p.data,
        state_seq=p.state_seq,
        client_nonce=p.client_nonce,
    )


def sync(actor: str, p: SyncPayload) -> Sync:
    return Sync(conversation_id=p.conversation_id, after_seq=p.after_seq, limit=p.limit)


def authenticated(p: Any, result: Authenticated) -> Iterable[Message]:
    yield "authenticated", {"userId": result.user_id}


def joined(p: JoinPayload, result: Joined) -> Iterable[Message]:
    yield "chat:joined", {"conversationId": p.conversation_id, **joined_fields(result)}


def joined_fields(result: Joined) -> JsonObject:
    return {"lastSeq": result.last_seq, "gap": True} if result.gap else {"lastSeq": result.last_seq}


def acknowledged(p: SendPayload, result: Sent) -> Iterable[Message]:
    yield "chat:ack", {"tempId": p.temp_id, "message": message_body(result.message)}


def sent_fields(result: Sent) -> JsonObject:
    fields: JsonObject = {"message": message_body(result.message)}
    return fields | {"duplicate": True} if result.duplicate else fields


def read_fields(result: Read) -> JsonObject:
    return {"messageIds": result.message_ids, "unreadCount": result.unread_count}


def acted(p: ActionPayload, result: Stepped) -> Iterable[Message]:
    yield (
        "chat:action_ack",
        {
            "conversationId": p.conversation_id,
            "action": p.action,
            "clientNonce": p.client_nonce,
            **stepped_fields(result),
        },
    )


def stepped_fields(result: Stepped) -> words.Step:
    return {
        "replayed": result.replayed,
        "flow_state": result.flow_state,
        "awaiting_role": result.awaiting_role,
        "chat_status": result.chat_status,
        "state_seq": result.state_seq,
    }


def synced_fields(result: Synced) -> JsonObject:
    return {"events": result.events, "lastSeq": result.last_seq, "gap": result.gap, "hasMore": result.has_more}


INBOUND: dict[str, Route[Any]] = {
    "authenticate": Route(
        payload=AuthenticatePayload,
        request=authenticate,
        ack=lambda result: {"userId": result.user_id},
        replies=authenticated,
        public=True,
        vital=True,
    ),
    "chat:join": Route(payload=JoinPayload, request=join, limit="join", ack=joined_fields, replies=joined),
    "chat:leave": Route(payload=LeavePayload, request=leave),
    "chat:send": Route(payload=SendPayload, request=send, limit="send", ack=sent_fields, replies=acknowledged),
    "chat:read": Route(payload=ReadPayload, request=read, limit="read", ack=read_fields),
    "chat:action": Route(payload=ActionPayload, request=act, limit="action", ack=stepped_fields, replies=acted),
    "chat:sync": Route(payload=SyncPayload, request=sync, limit="history", ack=synced_fields),
    **TYPING,
}


# Server → client


def outbound(event: Event) -> Iterable[Emit]:
    """Return what the chat family hears of `event`.

    Seeds 000 and 001 know no reactions, edits and members; without a word for them a client would take each for a hole
    in the log, so they have one.
    """
    here = ToRoom(room(event.conversation_id, event.visible_to))
    match event:
        case MessageSent():
            yield from message_sent(event)
        case MessagesRead():
            yield Emit(here, "chat:read", read_body(event))
        case StateChanged():
            yield from state_changed(event)
        case ActionTaken():
            yield Emit(here, "chat:action_done", action_done_body(event))
        case MessageEdited():
            yield Emit(here, "chat:edited", {"message": message_body(event.message), "seq": event.seq})
        case MessageDeleted():
            yield Emit(here, "chat:deleted", deleted_body(event))
        case ReactionAdded():
            yield Emit(here, "chat:reaction_added", reaction_body(event))
        case ReactionRemoved():
            yield Emit(here, "chat:reaction_removed", reaction_removed_body(event))
        case MemberAdded():
            yield Emit(here, "chat:member_added", member_body(event))
        case MemberRemoved():
            yield Emit(here, "chat:member_removed", member_removed_body(event))
        case TestMessageSent():
            yield Emit(here, "chat:new", {"message": message_body(event.message)})
        case Typing():
            yield Emit(ToRoom(room(event.conversation_id), but_user=event.user_id), "user_typing", typing_body(event))


def message_sent(event: MessageSent) -> Iterable[Emit]:
    body = message_body(event.message)
    here = ToRoom(room(event.conversation_id, event.visible_to))
    sender, receiver = event.message.sender_id, event.message.receiver_id
    everyone = ToParticipants(event.conversation_id, role=event.visible_to, but_user=sender)
    if event.message.message_type == MessageType.AUTOMATED:
        yield Emit(here, "chat:automated", {"message": body, "reason": event.message.reason})
    else:
        yield Emit(here, "chat:new", {"message": body})
        yield Emit(ToUser(sender), "conversation_list_updated", list_body(event, body, "message_sent"))
    yield Emit(
        ToUser(receiver) if receiver else everyone,
        "conversation_list_updated",
        list_body(event, body, "message_received"),
    )


def state_changed(event: StateChanged) -> Iterable[Emit]:
    """Tell the room where the conversation is, and each party its own buttons."""
    here = ToRoom(room(event.conversation_id))
    if event.is_renewal:
        yield Emit(here, "chat:actions_renewed", state_body(event) | {"state_seq": event.state_seq})
    else:
        yield Emit(here, "conversation_state_changed", state_body(event))
    is_guided = event.conversation.conversation_type in GUIDED_TYPES
    for role in PARTIES if is_guided else (None,):
        to = ToParticipants(event.conversation_id, role=role)
        yield Emit(to, "conversation_list_updated", state_list_body(event, event.cards.get(role or "")))


def list_body(event: MessageSent, body: MessageShape, action: str) -> words.ConversationListUpdated:
    return {"conversation_id": event.conversation_id, "message": body, "action": action}


def state_list_body(event: StateChanged, card: Any) -> words.ConversationListUpdated:
    return {
        "conversation_id": event.conversation_id,
        "action": "state_changed",
        "flow_state": event.conversation.flow_state,
        "awaiting_role": event.conversation.awaiting_role,
        "chat_status": event.conversation.chat_status,
        "current_action_data": card,
    }


def action_done_body(event: ActionTaken) -> words.ChatActionDone:
    return {
        "conversation_id": event.conversation_id,
        "message_id": event.message_id,
        "state_seq": event.state_seq,
        "action": event.action,
        "actor_role": event.role,
        "seq": event.seq,
    }


def deleted_body(event: MessageDeleted) -> words.ChatDeleted:
    return {
        "conversationId": event.conversation_id,
        "messageId": event.message_id,
        "deletedAt": iso(event.at),
        "seq": event.seq,
    }


def reaction_body(event: ReactionAdded) -> words.ChatReaction:
    reaction = event.reaction
    return {
        "conversationId": event.conversation_id,
        "messageId": reaction.message_id,
        "userId": reaction.user_id,
        "type": reaction.type,
        "seq": event.seq,
    }


def reaction_removed_body(event: ReactionRemoved) -> words.ChatReaction:
    return {
        "conversationId": event.conversation_id,
        "messageId": event.message_id,
        "userId": event.user_id,
        "type": event.type,
        "seq": event.seq,
    }


def member_body(event: MemberAdded) -> words.ChatMember:
    return {
        "conversationId": event.conversation_id,
        "userId": event.user_id,
        "role": event.role,
        "seq": event.seq,
    }


def member_removed_body(event: MemberRemoved) -> words.ChatMemberRemoved:
    return {"conversationId": event.conversation_id, "userId": event.user_id, "seq": event.seq}


def read_body(event: MessagesRead) -> words.ReadReceipt:
    body: words.ReadReceipt = {
        "conversationId": event.conversation_id,
        "messageIds": event.message_ids,
        "readerId": event.reader_id,
        "readAt": iso(event.at),
        "seq": event.seq,
    }
    return body | {"upToMessageId": event.up_to_message_id} if event.up_to_message_id else body


def fault(event: str, payload: Any, error: DomainError) -> Message:
    """Return `chat:error`, with what the client named its request by and, of an action, what is wrong with it.

    A failed `authenticate` is an `auth_error` (seed 001).
    """
    if event == "authenticate":
        return "auth_error", {"message": error.message, "code": error.code, **when(error)}
    body: JsonObject = {"message": error.message, "code": error.code, "event": event, **when(error)}
    sent = payload if isinstance(payload, dict) else {}
    body |= {name: sent[name] for name in ("tempId", "clientNonce") if isinstance(sent.get(name), str)}
    return "chat:error", body | {name: error.details[name] for name in ("fields", "current") if name in error.details}


CHAT = Contract(name="chat", inbound=INBOUND, outbound=outbound, rooms=rooms, fault=fault)
