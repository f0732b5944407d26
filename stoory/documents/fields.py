"""The fields that payloads of every wire share: what each means, and an example. All schemas are made of these words.

They describe and check nothing: what a client sends is checked where it is used.
"""

from typing import Annotated, Any

from msgspec import Meta

ALICE = "0197f000-0000-7000-8000-0000000a11ce"
CHARLIE = "0197f000-0000-7000-8000-000000c4a571"
BOB = "0197f000-0000-7000-8000-000000000b0b"
DIRECT = "0197f000-0000-7000-8000-00000000d001"
BID = "0197f000-0000-7000-8000-00000000b001"
CHANNEL = "0197f000-0000-7000-8000-00000000c001"
CAMPAIGN = "campaign-7"
MESSAGE = "0197f000-0000-7000-8000-0000000e0001"

ConversationId = Annotated[str, Meta(description="A conversation's id, a UUID.", examples=[DIRECT])]
MessageId = Annotated[str, Meta(description="A message's id, a UUID.", examples=[MESSAGE])]
ReplyToId = Annotated[str, Meta(description="The message that this one answers, of the same conversation.")]
UserId = Annotated[str, Meta(description="A user's id.", examples=[BOB])]
OwnId = Annotated[str, Meta(description="Your own id: identity comes from the token.", examples=[ALICE])]
SenderId = Annotated[str, Meta(description="Who wrote it.", examples=[ALICE])]
ReceiverId = Annotated[str, Meta(description="Whom it is addressed to; null where it is for all.", examples=[BOB])]
CampaignId = Annotated[str, Meta(description="A campaign's id.", examples=[CAMPAIGN])]
Text = Annotated[str, Meta(description="What was written, up to 10,000 characters.", examples=["Hello Bob"])]
Time = Annotated[str, Meta(description="ISO 8601, UTC, with milliseconds.", examples=["2026-01-02T03:04:05.678Z"])]
Seq = Annotated[int, Meta(description="The event's place in the conversation's log.", examples=[9])]
MessageSeq = Annotated[int, Meta(description="The message's place in the conversation's log.", examples=[7])]
LastSeq = Annotated[int, Meta(description="The last place of the log up to which you have been served.", examples=[9])]
Gap = Annotated[bool, Meta(description="Nothing was replayed, for not all can be: read the messages anew.")]
TempId = Annotated[str, Meta(description="The sender's own name for the message.", examples=["temp-1"])]
Nonce = Annotated[
    str,
    Meta(
        description="Unique per sender for ever: sent again, it is the same request. Use a random UUID.",
        examples=["3f0d9f1e-6f0a-4c0e-9a57-2f6d1c1f0c11"],
    ),
]
Url = Annotated[str, Meta(description="An address.", examples=["https://files.example.org/a.png"])]
Emoji = Annotated[str, Meta(description="One emoji, or `:shortcode:`.", examples=["👍"])]
Attachments = Annotated[Any, Meta(description="What the sender attached: any JSON up to 16,384 bytes.")]
Metadata = Annotated[dict[str, Any], Meta(description="What the sender noted beside it, up to 8,192 bytes.")]
Token = Annotated[Any, Meta(description="A token; `Bearer ` before it is optional.", examples=["eyJhbGciOi…"])]
ActionName = Annotated[str, Meta(description="A button's `action`.", examples=["accept_connection"])]
ActionInputs = Annotated[Any, Meta(description="A value for each of the button's inputs, by its id.", examples=[{}])]
Count = Annotated[int, Meta(description="How many.", examples=[3])]

MessageType = Annotated[
    str,
    Meta(
        description="Written by a person, or by the automation.",
        extra_json_schema={"enum": ["user_input", "automated"]},
    ),
]
ConversationType = Annotated[
    str,
    Meta(
        description="Bid and campaign conversations are led by a flow.",
        extra_json_schema={"enum": ["direct", "bid", "campaign", "channel"]},
    ),
]
ChatStatus = Annotated[
    str,
    Meta(
        description="People can write where it is `real_time`.",
        extra_json_schema={"enum": ["real_time", "automated", "closed"]},
    ),
]
FlowState = Annotated[
    str, Meta(description="The flow's state; null without a flow.", examples=["influencer_responding"])
]
Role = Annotated[str, Meta(description="A participant's role.", examples=["influencer"])]
StateSeq = Annotated[int, Meta(description="The step of the flow that buttons belong to.", examples=[4])]
Reason = Annotated[str, Meta(description="What led to it.", examples=["action:offer_price"])]

Code = Annotated[str, Meta(description="A stable error code: see [error codes](#errors).", examples=["not_found"])]
Fault = Annotated[str, Meta(description="What went wrong, for people.", examples=["Conversation not found"])]
RetryAfter = Annotated[int, Meta(description="Seconds after which the same will pass.")]
