"""What alice and bob have said to each other before anybody looks: the demo's conversations, worth a look."""

from datetime import timedelta

from django.db import transaction

from conversations.commands import CreateConversation
from conversations.models import Conversation, ConversationType
from flows.commands import PerformAction
from messaging.commands import AddReaction, EditMessage, SendMessage, Sent
from stoory import demo
from stoory.accounts.models import User
from stoory.commands import execute
from stoory.times import utc_now

OFFER_ID = "0197f000-0000-7000-8000-00000000c01d"
TIME_TO_DELIVER = timedelta(days=30)
BRIEF = {"name": "cold-brew-brief.pdf", "type": "application/pdf", "size": 184_320}
DRAFTS = [
    {"name": "reel-draft-1.mp4", "type": "video/mp4", "size": 8_412_000},
    {"name": "cover.png", "type": "image/png", "size": 412_000},
]

# Who says what, in turn, and which file comes with it.
DIRECT: tuple[tuple[str, str, object], ...] = (
    ("alice", "Hi Bob! We loved your reel about the night market.", None),
    ("bob", "Thank you! It was the most fun I've had with a camera this year.", None),
    ("alice", "We bring out a cold brew in March and look for someone who films like that.", None),
    ("bob", "Cold brew I can do. Bottles or cans?", None),
    ("alice", "Cans. Three flavours, each with its own colour.", None),
    ("bob", "Nice, colours help. One reel for each, or one for all three?", None),
    ("alice", "One for all three first, thirty seconds. If it works, one for each.", None),
    ("bob", "Who sees it before it goes out?", None),
    ("alice", "Only me. One round of changes, I promise.", None),
    ("bob", "I'll hold you to that.", None),
    ("alice", "Here is the brief.", BRIEF),
    ("bob", "Got it, reading.", None),
    ("bob", "Page two says vertical AND square. Do you need both?", None),
    ("alice", "Vertical is enough, that page is from last year.", None),
    ("bob", "Then I can shoot on Thursday, the light is good until five.", None),
    ("alice", "Thursday it is. Shall I send cans to the studio?", None),
    ("bob", "Yes please, two of each. One of them will end up on my shirt.", None),
    ("alice", "I'll send three of each, then.", None),
    ("bob", "They're here. The orange one is gone already. Purely for research.", None),
    ("alice", "And the verdict?", None),
    ("bob", "Orange is the star. I'd open with it.", None),
    ("alice", "Do that.", None),
    ("bob", "First draft, rough cut, no sound yet.", DRAFTS),
    ("alice", "The pour at second nine! Please keep that whatever happens.", None),
    ("bob", "It took eleven cans.", None),
    ("alice", "Worth every one. Could the logo come a little later?", None),
    ("bob", "Two seconds later?", None),
    ("alice", "Perfect.", None),
    ("bob", "Then sound tonight, and you have it tomorrow morning.", None),
    ("alice", "You're quick.", None),
    ("bob", "I'm caffeinated.", None),
    ("alice", "For the next one we should make it official: I'll send you a bid.", None),
    ("bob", "Looking forward to it.", None),
)
CHANNEL: tuple[tuple[str, str, object], ...] = (
    ("alice", "Welcome! Everything about the launch goes here, so that nobody has to search.", None),
    ("bob", "Dates so far: cans on the 3rd, reels on the 10th?", None),
    ("alice", "Right. The party is on the 12th, details follow.", None),
)


@transaction.atomic
def enliven() -> None:
    """Have the demo's people talk, once: a long chat, a channel, and a bid that waits for an answer."""
    conversations = demo.make_demo()["conversations"]
    if Conversation.objects.get(pk=conversations["direct"]).last_seq:
        return
    people = {user.username: user.pk for user in User.objects.filter(username__in=demo.PEOPLE)}
    said = _talk(conversations["direct"], people, DIRECT)
    _talk(conversations["channel"], people, CHANNEL)
    _react(said, people)
    _negotiate(people)


def _talk(conversation_id: str, people: dict[str, str], lines: tuple[tuple[str, str, object], ...]) -> list[Sent]:
    return [
        execute(
            SendMessage(
                actor=people[who],
                conversation_id=conversation_id,
                text=text,
                attachments=attached,
                client_nonce=f"demo:{conversation_id}:{turn}",
            )
        )
        for turn, (who, text, attached) in enumerate(lines)
    ]


def _react(said: list[Sent], people: dict[str, str]) -> None:
    by_text = {sent.message.text: sent.message.id for sent in said}
    execute(
        AddReaction(
            actor=people["bob"], message_id=by_text["Worth every one. Could the logo come a little later?"], type="❤"
        )
    )
    execute(AddReaction(actor=people["alice"], message_id=by_text["I'm caffeinated."], type="😀"))
    execute(
        EditMessage(actor=people["bob"], message_id=by_text["Looking forward to it."], text="Looking forward to it!")
    )


def _negotiate(people: dict[str, str]) -> None:
    """Lead a bid to its first offer, which bob may take or talk about."""
    alice, bob = people["alice"], people["bob"]
    opened = CreateConversation(
        actor=alice, type=ConversationType.BID, participant_ids=[bob], source_id=OFFER_ID, title="Cold brew reels"
    )
    key = str(execute(opened).conversation.pk)
    deadline = (utc_now() + TIME_TO_DELIVER).date().isoformat()
    details = {"deliverables": "Three vertical reels of 30 seconds, one for each flavour.", "deadline": deadline}
    for actor, action, data in (
        (bob, "accept_connection", {}),
        (alice, "send_project_details", details),
        (bob, "accept_project", {}),
        (alice, "send_price_offer", {"price": "9000"}),
    ):
        execute(PerformAction(actor=actor, conversation_id=key, action=action, data=data))
