"""What is answered to whom, case by case: successes with their results, faults, handshakes."""

from types import SimpleNamespace
from typing import Any, cast

import msgspec

from conversations.errors import AutomatedMode, CampaignNotFound, ConversationNotFound
from flows.commands import Stepped
from flows.errors import InvalidInput, StaleAction
from messaging.commands import Read, Sent
from messaging.errors import AlreadyProcessing, MessageNotFound
from messaging.events import MessageSent, MessagesRead
from stoory.errors import (
    DomainError,
    Forbidden,
    InvalidPayload,
    InvalidToken,
    NotAuthenticated,
    RateLimited,
    TokenExpired,
    UnknownEvent,
)
from stoory.http import parse
from stoory.realtime import packets
from stoory.realtime.connection import Connection
from stoory.realtime.contracts.base import Authenticated, Joined, Synced, as_log_entries
from stoory.realtime.contracts.chat import CHAT
from stoory.realtime.dispatch import Call
from stoory.realtime.sessions import Session
from stoory.realtime.told import Told
from tests.contracts.golden import ASKING, CALLBACK, FAMILIES, Said, as_json
from tests.contracts.inbound import INBOUND
from tests.contracts.samples import ALICE, BID, CHANNEL, DIRECT, PLAIN, REACTED, REPLY, SAMPLES, message

A_MESSAGE, A_READ = SAMPLES["a message"], SAMPLES["two messages read"]
assert isinstance(A_MESSAGE, MessageSent)
assert isinstance(A_READ, MessagesRead)

JOINED = Joined(last_seq=9)
SENT, REPEATED = Sent(message=PLAIN, event=A_MESSAGE), Sent(message=PLAIN, event=None)
SYNCED = Synced(
    events=as_log_entries(CHAT, [A_MESSAGE, A_READ], CHAT.rooms(DIRECT, "influencer")),
    last_seq=9,
    gap=False,
    has_more=False,
)

STEPPED = Stepped(
    conversation_id=BID,
    reason="action:accept_connection",
    flow_state="brand_owner_details",
    awaiting_role="brand_owner",
    chat_status="automated",
    state_seq=2,
)

Answers = dict[str, tuple[str, Any]]

# What is given → the event and its result; the payload is the first valid one of the event.
ANSWERS: dict[str, Answers] = {
    "chat": {
        "authenticate": ("authenticate", Authenticated(ALICE)),
        "chat:join": ("chat:join", JOINED),
        "chat:join after what is no longer in the log": ("chat:join", Joined(last_seq=9, gap=True)),
        "chat:leave": ("chat:leave", None),
        "chat:send": ("chat:send", SENT),
        "chat:send again": ("chat:send", REPEATED),
        "chat:read": ("chat:read", Read(events=[A_READ], last_read_seq=8, unread_count=0)),
        "chat:read of what is read": ("chat:read", Read(events=[], last_read_seq=8, unread_count=2)),
        "chat:action": ("chat:action", STEPPED),
        "chat:action again": ("chat:action", msgspec.structs.replace(STEPPED, replayed=True)),
        "chat:sync": ("chat:sync", SYNCED),
        "chat:sync of what is no longer in the log": (
            "chat:sync",
            Synced(events=[], last_seq=9, gap=True, has_more=False),
        ),
        "typing_start": ("typing_start", None),
        "typing_stop": ("typing_stop", None),
    },
    "work": {"work:join": ("work:join", None), "work:leave": ("work:leave", None)},
    "feed": {
        "join_conversation": ("join_conversation", JOINED),
        "leave_conversation": ("leave_conversation", None),
        "join_user_room": ("join_user_room", None),
        "leave_user_room": ("leave_user_room", None),
        "typing_start": ("typing_start", None),
        "typing_stop": ("typing_stop", None),
    },
    "messenger": {
        "join_conversation": ("join_conversation", JOINED),
        "leave_conversation": ("leave_conversation", None),
    },
    "workspace": {
        "message:send": ("message:send", SENT),
        # The id that SENT promised is another than that of the message stored before.
        "message:send again": ("message:send", Sent(message=message(id=REPLY), event=None)),
        "message:read": ("message:read", Read(events=[A_READ], last_read_seq=8, unread_count=0)),
        "reaction:add": ("reaction:add", REACTED),
        "reaction:remove": ("reaction:remove", True),
        "channel:join": ("channel:join", JOINED),
        "channel:leave": ("channel:leave", None),
    },
}

SEND = {"tempId": "temp-1", "conversationId": DIRECT, "text": ""}
HELLO = {"tempId": "temp-123", "content": "Hello world", "channelId": CHANNEL}
NO_TEXT = InvalidPayload("A message needs text or attachments", path="text")
PRESS = {"conversationId": BID, "action": "accept_connection", "stateSeq": 1, "clientNonce": "nonce-1"}
NOW = {"state_seq": 2, "flow_state": "brand_owner_details"}
OUT_OF_RANGE = InvalidInput(current=NOW, fields={"price": "must be between 100 and 11500.00"})

# What is given → the event, its payload and the fault
FAULTS: dict[str, dict[str, tuple[str, Any, DomainError]]] = {
    "chat": {
        "authenticate with a bad token": ("authenticate", {"token": "x"}, InvalidToken()),
        "authenticate with an expired token": ("authenticate", {"token": "x"}, TokenExpired()),
        "authenticate on a socket too many": ("authenticate", {"token": "x"}, RateLimited(10)),
        "chat:send in automated mode": ("chat:send", SEND, AutomatedMode()),
        "chat:send without text": ("chat:send", SEND, NO_TEXT),
        "chat:send too often": ("chat:send", SEND, RateLimited(1)),
        "chat:join of somebody else's conversation": ("chat:join", {"conversationId": DIRECT}, ConversationNotFound()),
        "chat:action of a step that is over": ("chat:action", PRESS, StaleAction(current=NOW)),
        "chat:action with a bad answer": ("chat:action", PRESS, OUT_OF_RANGE),
        "typing_start as somebody else": ("typing_start", {"conversationId": DIRECT}, Forbidden()),
        "an event that nobody knows": ("chat:nonsense", {}, UnknownEvent()),
    },
    "work": {
        "work:join of somebody else's campaign": ("work:join", {}, CampaignNotFound()),
        "work:join too often": ("work:join", {}, RateLimited(0.1)),
    },
    "feed": {
        "join_conversation of somebody else's": ("join_conversation", {}, ConversationNotFound()),
        "join_user_room of somebody else": ("join_user_room", {}, Forbidden()),
        "join_conversation too often": ("join_conversation", {}, RateLimited(0.05)),
    },
    "messenger": {"join_conversation of somebody else's": ("join_conversation", DIRECT, ConversationNotFound())},
    "workspace": {
        "message:send while it is under way": ("message:send", HELLO, AlreadyProcessing()),
        "message:send to an unknown channel": ("message:send", HELLO, ConversationNotFound()),
        "message:send too often": ("message:send", HELLO, RateLimited(0.5)),
        "reaction:add to an unknown message": ("reaction:add", {}, MessageNotFound()),
        "channel:join of a private channel": ("channel:join", {}, ConversationNotFound()),
    },
}

GREETING = "a token in the handshake"

# What is given → the failure, and which it is in a row
REFUSALS: dict[str, tuple[DomainError, int]] = {
    "a handshake without a token": (NotAuthenticated(), 1),
    "a handshake with an expired token": (TokenExpired(), 2),
    "a handshake too many": (RateLimited(10), 1),
}


def answered(family: str, given: str) -> list[Said]:
    """Return what the asking socket hears, in order."""
    if given in ANSWERS[family]:
        return _succeeded(family, *ANSWERS[family][given])
    if given in FAULTS[family]:
        return _failed(family, *FAULTS[family][given])
    contract = FAMILIES[family]
    if given == GREETING:
        return [_said(family, ASKING, *contract.greeting(ALICE, [DIRECT, CHANNEL]))]
    assert contract.refusal is not None
    return [_said(family, ASKING, *contract.refusal(*REFUSALS[given]))]


def _succeeded(family: str, event: str, result: Any) -> list[Said]:
    """Take the steps of the dispatcher."""
    route = FAMILIES[family].inbound[event]
    payload = parse(route.payload, INBOUND[family][event].valid[0][0])
    accepted = route.accepted(payload, route.request(ALICE, payload)) if route.accepted else ()
    replies = [*accepted, *route.replies(payload, result)]
    ack = _said(family, CALLBACK + event, "ack", {"ok": True, **route.ack(result)})
    return [*(_said(family, ASKING, *reply) for reply in replies), ack]


def unconnected() -> Session:
    """A session that nothing is sent to."""
    return Session("sid", cast(Connection, SimpleNamespace(sid="sid")), "/")


def _failed(family: str, event: str, payload: Any, error: DomainError) -> list[Said]:
    frames: list[str] = []
    call = Call(lambda _, frame: frames.append(frame.text[1:]), Told(), unconnected(), event, payload, 0)
    call.contract = FAMILIES[family]
    call.fail(error)
    told, acknowledged = (packets.Packet(encoded_packet=frame).data for frame in frames)
    return [_said(family, ASKING, *told), _said(family, CALLBACK + event, "ack", *acknowledged)]


def _said(family: str, to: str, event: str, payload: Any) -> Said:
    return Said(family=family, to=to, event=event, payload=as_json(payload))
