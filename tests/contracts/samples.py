"""Fixed events, one or more of every kind: what the golden files say of them needs no database.

Alice owns a brand and Bob is an influencer; Carol, whose id comes from an identity provider, is a member of a channel.
"""

from datetime import UTC, datetime
from typing import Any

import msgspec

from conversations.events import (
    CampaignUpdated,
    ConversationContext,
    ConversationCreated,
    MemberAdded,
    MemberRemoved,
    StateChanged,
)
from messaging.events import (
    ActionTaken,
    Author,
    MessageData,
    MessageDeleted,
    MessageEdited,
    MessageSent,
    MessagesRead,
    ReactionAdded,
    ReactionData,
    ReactionRemoved,
)
from stoory.accounts.events import AccessRevoked
from stoory.events import Event
from stoory.realtime.contracts.base import Reader
from stoory.realtime.events import PresenceChanged, TestMessageSent, Typing, UserJoined

ALICE = "0197f000-0000-7000-8000-0000000a11ce"
BOB = "0197f000-0000-7000-8000-000000000b0b"
CAROL = "user_2abcCarol"
SYSTEM = "00000000-0000-0000-0000-000000000000"
ROLES = {ALICE: "brand_owner", BOB: "influencer", CAROL: "member"}

DIRECT = "0197f000-0000-7000-8000-00000000d001"
BID = "0197f000-0000-7000-8000-00000000b001"
CHANNEL = "0197f000-0000-7000-8000-00000000c001"
CAMPAIGN = "campaign-7"

MESSAGE = "0197f000-0000-7000-8000-0000000e0001"
REPLY = "0197f000-0000-7000-8000-0000000e0002"
CARD = "0197f000-0000-7000-8000-0000000e0003"
REACTION = "0197f000-0000-7000-8000-0000000f0001"

AT = datetime(2026, 1, 2, 3, 4, 5, 678000, tzinfo=UTC)
LATER = datetime(2026, 1, 2, 4, 0, tzinfo=UTC)

SECRET = "Brewly offers 9,000"  # what one-party samples say, and no other
CARD_DATA = {"title": SECRET, "buttons": [{"id": "accept_price", "action": "accept_price", "text": "Accept"}]}
TURN = {
    "flow": "bid",
    "state": "influencer_responding",
    "state_seq": 4,
    "awaiting_role": "influencer",
    "visible_to": "influencer",
    "title": "What next?",
    "subtitle": "",
    "expires_at": "2026-01-05T04:00:00.000Z",
    "buttons": [
        {"id": "start", "action": "start", "text": "Start", "style": "primary", "confirm": None, "inputs": []},
    ],
}


def context(kind: str, conversation_id: str, **changes: Any) -> ConversationContext:
    state = {"chat_status": "real_time", "flow_state": None, "awaiting_role": None, "automation_enabled": False}
    return ConversationContext(id=conversation_id, conversation_type=kind, **state | changes)


IN_DIRECT = context("direct", DIRECT)
IN_CHANNEL = context("channel", CHANNEL)
IN_BID = context(
    "bid",
    BID,
    chat_status="automated",
    flow_state="influencer_responding",
    awaiting_role="influencer",
    automation_enabled=True,
)

AUTHORS = {
    ALICE: Author(id=ALICE, name="Alice", image_url=None),
    BOB: Author(id=BOB, name="Bob", image_url=None),
    CAROL: Author(id=CAROL, name="Carol", image_url="https://img.example.org/carol.png"),
    SYSTEM: Author(id=SYSTEM, name="system", image_url=None),
}


def message(**changes: Any) -> MessageData:
    """Return Alice's message to Bob."""
    data: dict[str, Any] = {
        "id": MESSAGE,
        "conversation_id": DIRECT,
        "seq": 7,
        "sender_id": ALICE,
        "receiver_id": BOB,
        "text": "Hello Bob",
        "message_type": "user_input",
        "created_at": AT,
    }
    return MessageData(**data | changes)


def automated(**changes: Any) -> MessageData:
    """Return a message of the automation's."""
    data = {"id": CARD, "conversation_id": BID, "seq": 3, "sender_id": SYSTEM, "receiver_id": None}
    return message(**data | {"message_type": "automated"} | changes)


def sent(data: MessageData, where: ConversationContext = IN_DIRECT, **changes: Any) -> MessageSent:
    """Return the event of a message."""
    return MessageSent(
        conversation_id=data.conversation_id,
        seq=data.seq,
        at=data.created_at,
        message=data,
        author=AUTHORS[data.sender_id],
        conversation=where,
        **changes,
    )


PLAIN = message()
ASKING_ONE = automated(text=SECRET, action_required=True, action_data=CARD_DATA)
ONE_PARTY = msgspec.structs.replace(ASKING_ONE, receiver_id=BOB, reason="action:offer_price")
REACTED = ReactionData(id=REACTION, type="👍", user_id=BOB, message_id=MESSAGE, created_at=LATER)

SAMPLES: dict[str, Event] = {
    "a message": sent(PLAIN, temp_id="temp-1"),
    "a message without a tempId": sent(PLAIN),
    "a message with attachments": sent(
        message(
            text="",
            attachments=[{"url": "https://files.example.org/a.png", "name": "a.png", "size": 1024}],
            metadata={"draft": 2},
            media_url="https://files.example.org/a.png",
        ),
        temp_id="temp-1",
    ),
    "a reply": sent(
        message(id=REPLY, seq=8, sender_id=BOB, receiver_id=ALICE, text="Hi Alice", reply_to_id=MESSAGE),
        temp_id="temp-2",
    ),
    "a message in a channel": sent(
        message(conversation_id=CHANNEL, seq=40, sender_id=CAROL, receiver_id=None, text="Hello all"),
        IN_CHANNEL,
        temp_id="temp-3",
    ),
    "an old message, edited and seen since": sent(message(text="Hello, Bob!", edited_at=LATER, seen=True)),
    "an old message, deleted since": sent(message(text="", deleted_at=LATER)),
    "an automated message": sent(automated(text="Welcome", reason="start"), IN_BID),
    "a message for one person": sent(ONE_PARTY, IN_BID, visible_to="influencer"),
    "a message for one role": sent(ASKING_ONE, IN_BID, visible_to="influencer"),
    "an edit": MessageEdited(
        conversation_id=DIRECT, seq=9, at=LATER, message=message(text="Hello, Bob!", edited_at=LATER)
    ),
    "a deletion": MessageDeleted(conversation_id=DIRECT, seq=9, at=LATER, message_id=MESSAGE, deleted_by=ALICE),
    "two messages read": MessagesRead(
        conversation_id=DIRECT, seq=9, at=LATER, reader_id=BOB, message_ids=[MESSAGE, REPLY]
    ),
    "all read up to a message": MessagesRead(
        conversation_id=DIRECT, seq=9, at=LATER, reader_id=BOB, message_ids=[MESSAGE], up_to_message_id=MESSAGE
    ),
    "a reaction": ReactionAdded(conversation_id=DIRECT, seq=9, at=LATER, reaction=REACTED),
    "a reaction to a message for one role": ReactionAdded(
        conversation_id=BID, seq=4, at=LATER, visible_to="influencer", reaction=REACTED
    ),
    "a reaction taken back": ReactionRemoved(
        conversation_id=DIRECT, seq=10, at=LATER, message_id=MESSAGE, user_id=BOB, type="👍"
    ),
    "a new conversation": ConversationCreated(
        conversation_id=DIRECT, at=AT, participants={ALICE: "brand_owner", BOB: "influencer"}
    ),
    "a new member": MemberAdded(conversation_id=CHANNEL, seq=39, at=AT, user_id=CAROL, role="member"),
    "an account that may be closed": AccessRevoked(at=AT, user_id=CAROL),
    "a member who went": MemberRemoved(conversation_id=CHANNEL, seq=41, at=AT, user_id=CAROL, acl_version=1),
    "a change of state": StateChanged(
        conversation_id=BID,
        seq=4,
        at=LATER,
        conversation=IN_BID,
        state_seq=4,
        cards={"influencer": TURN},
        campaign_id=CAMPAIGN,
        previous_state="brand_owner_details",
        new_state="influencer_responding",
        reason="action:offer_price",
    ),
    "buttons renewed": StateChanged(
        conversation_id=BID,
        seq=5,
        at=LATER,
        conversation=IN_BID,
        state_seq=4,
        cards={"influencer": TURN},
        is_renewal=True,
        campaign_id=CAMPAIGN,
        previous_state="influencer_responding",
        new_state="influencer_responding",
        reason="event:payment.failed",
    ),
    "a button used": ActionTaken(
        conversation_id=BID,
        seq=6,
        at=LATER,
        visible_to="influencer",
        message_id=CARD,
        action="accept_price",
        role="influencer",
        state_seq=3,
    ),
    "a button used that no message carried": ActionTaken(
        conversation_id=BID,
        seq=6,
        at=LATER,
        visible_to="brand_owner",
        message_id=None,
        action="withdraw",
        role="brand_owner",
        state_seq=3,
    ),
    "a change of state outside campaigns": StateChanged(
        conversation_id=DIRECT,
        seq=9,
        at=LATER,
        conversation=context("direct", DIRECT, chat_status="closed"),
        campaign_id=None,
        previous_state=None,
        new_state=None,
        reason="Asked by both",
    ),
    "an update of a campaign": CampaignUpdated(
        conversation_id="", at=LATER, campaign_id=CAMPAIGN, update_kind="brief_changed", data={"version": 2}
    ),
    "an update of a campaign without data": CampaignUpdated(
        conversation_id="", at=LATER, campaign_id=CAMPAIGN, update_kind="paused"
    ),
    "typing": Typing(conversation_id=DIRECT, at=AT, user_id=BOB, is_typing=True),
    "no longer typing": Typing(conversation_id=DIRECT, at=LATER, user_id=BOB, is_typing=False),
    "a user in a channel": UserJoined(conversation_id=CHANNEL, at=AT, user_id=CAROL),
    "a test message": TestMessageSent(
        conversation_id=DIRECT,
        at=AT,
        message=message(id="test_1767323045678", seq=0, text="Can you hear me?"),
        conversation=IN_DIRECT,
    ),
    "a user online": PresenceChanged(
        at=AT, user_id=BOB, online=True, last_seen=None, conversation_ids=[DIRECT, CHANNEL]
    ),
    "a user offline": PresenceChanged(at=LATER, user_id=BOB, online=False, last_seen=LATER, conversation_ids=[DIRECT]),
}


def reader(user_id: str, unread_count: int, last_message: str = "Hello Bob", **changes: Any) -> Reader:
    """Return what somebody's list shows, and the buttons that they have."""
    data = {"role": ROLES[user_id], "card": None, "last_message": last_message, "last_message_at": AT}
    return Reader(user_id=user_id, unread_count=unread_count, **data | changes)


READERS = {
    "Alice": reader(ALICE, 0),
    "Bob": reader(BOB, 3),
    "Bob, who is asked": reader(BOB, 1, SECRET, card=CARD_DATA),
    "somebody with one unread": reader(BOB, 1),
    "a newcomer": reader(CAROL, 0, "", last_message_at=None),
}
