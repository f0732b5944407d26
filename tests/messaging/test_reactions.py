"""Reactions: one of a kind by one user on one message; every change is told once and has its place in the log."""

import pytest

from conversations.models import Conversation, ConversationEvent
from messaging.commands import AddReaction, RemoveReaction
from messaging.errors import MessageNotFound
from messaging.events import ReactionAdded, ReactionData, ReactionRemoved
from messaging.models import Reaction
from messaging.selectors import replay
from stoory.accounts.models import User
from stoory.commands import execute
from stoory.errors import InvalidPayload
from tests.talk import automate, place, published, say

UNKNOWN_ID = "0197f000-0000-7000-8000-000000000000"

EMOJI = {
    "a face": "😀",
    "a thumb": "👍",
    "with a skin tone": "👍🏽",
    "a heart, drawn as an emoji": "❤️",
    "a letter that is an emoji": "\u2139\ufe0f",
    "a wavy dash": "〰️",
    "a heart, not said how drawn": "❤",
    "a flag": "🇩🇪",
    "a flag of tags": "🏴󠁧󠁢󠁥󠁮󠁧󠁿",
    "a keycap": "1️⃣",
    "a keycap without a variation": "#⃣",
    "a family": "👨‍👩‍👧‍👦",
    "the longest": "🧑🏻‍❤️‍💋‍🧑🏼",
    "a profession": "👩🏾‍🚀",
    "a sign": "©️",
    "an exclamation": "‼️",
    "an arrow": "↔️",
    "a rainbow flag": "🏳️‍🌈",
    "a shortcode": ":thumbs_up:",
    "a shortcode with signs": ":+1:",
    "a shortcode of 32": f":{'a' * 32}:",
}
NO_EMOJI = {
    "nothing": "",
    "a space": " ",
    "a letter": "a",
    "a digit": "1",
    "a word": "like",
    "punctuation": "!",
    "two emoji": "👍👍",
    "an ellipsis": "…",
    "a sum sign": "∑",
    "degrees": "℃",
    "a box line": "━",
    "an emoji and a letter": "👍a",
    "a space before": " 👍",
    "a line after": "👍\n",
    "a joiner at the end": "👍\u200d",
    "a joiner alone": "\u200d",
    "a variation alone": "\ufe0f",
    "a skin tone alone": "🏽",
    "half a flag": "🇩",
    "a flag and a half": "🇩🇪🇩",
    "letters in a box": "a\u20e3",
    "NUL": "\x00",
    "an endless family": "\u200d".join("👨" * 9),
    "a shortcode cut off": ":wave",
    "a shortcode of nothing": "::",
    "a shortcode of 33": f":{'a' * 33}:",
    "a shortcode in capitals": ":Wave:",
    "a shortcode with a space": ":big wave:",
    "a shortcode in other letters": ":größe:",
    "a shortcode and a line": ":wave:\n",
    "two shortcodes": ":wave::wave:",
    "an image": "<img src=x>",
}


@pytest.fixture
def message_id(direct: Conversation, alice: User) -> str:
    """A message of alice's to bob."""
    return say(alice, direct).message.id


def react(who: User, message_id: str, kind: str = "👍") -> ReactionData:
    return execute(AddReaction(actor=who.pk, message_id=message_id, type=kind))


def take_back(who: User, message_id: str, kind: str = "👍") -> bool:
    return execute(RemoveReaction(actor=who.pk, message_id=message_id, type=kind))


def test_it_is_stored_logged_and_told(direct: Conversation, message_id: str, bob: User) -> None:
    with published() as heard:
        reaction = react(bob, message_id)

    stored = Reaction.objects.get()
    assert (str(stored.pk), stored.user_id, str(stored.message_id), stored.type) == (
        reaction.id,
        bob.pk,
        message_id,
        "👍",
    )
    [event] = heard
    assert isinstance(event, ReactionAdded)
    assert (event.reaction, event.seq, event.at, event.visible_to) == (reaction, 2, stored.created_at, None)
    entry = ConversationEvent.objects.get(seq=2)
    assert (entry.kind, entry.actor_id) == ("reaction_add", bob.pk)
    assert replay(place(bob, direct), 1).events == heard


def test_it_happens_once_however_often_one_says_so(direct: Conversation, message_id: str, bob: User) -> None:
    first = react(bob, message_id)
    with published() as heard:
        assert react(bob, message_id) == first

    assert heard == []
    assert Reaction.objects.count() == 1
    direct.refresh_from_db()
    assert direct.last_seq == 2


def test_it_is_one_of_many(message_id: str, alice: User, bob: User) -> None:
    for who in (alice, bob):
        for kind in ("👍", "❤️", ":wave:"):
            react(who, message_id, kind)
    assert Reaction.objects.count() == 6
    assert list(ConversationEvent.objects.order_by("seq").values_list("seq", flat=True)) == list(range(1, 8))


def test_it_is_taken_back(direct: Conversation, message_id: str, bob: User) -> None:
    react(bob, message_id)
    with published() as heard:
        assert take_back(bob, message_id) is True

    [event] = heard
    assert isinstance(event, ReactionRemoved)
    assert (event.message_id, event.user_id, event.type, event.seq) == (message_id, bob.pk, "👍", 3)
    assert not Reaction.objects.exists()
    assert replay(place(bob, direct), 2).events == heard


def test_it_is_no_fault_to_take_back_what_is_not_there(direct: Conversation, message_id: str, bob: User) -> None:
    react(bob, message_id, "❤️")
    with published() as heard:
        assert take_back(bob, message_id) is False

    assert heard == []
    assert Reaction.objects.count() == 1
    direct.refresh_from_db()
    assert direct.last_seq == 2


def test_it_is_not_for_others_to_take_back(message_id: str, alice: User, bob: User) -> None:
    react(bob, message_id)
    assert take_back(alice, message_id) is False
    assert Reaction.objects.get().user_id == bob.pk


def test_it_comes_and_goes_and_comes_anew(message_id: str, bob: User) -> None:
    first = react(bob, message_id)
    take_back(bob, message_id)
    again = react(bob, message_id)
    assert again.id != first.id
    kinds = ConversationEvent.objects.order_by("seq").values_list("kind", flat=True)
    assert list(kinds) == ["message", "reaction_add", "reaction_remove", "reaction_add"]


@pytest.mark.parametrize("kind", EMOJI.values(), ids=EMOJI)
def test_it_takes_any_one_emoji_or_shortcode(message_id: str, bob: User, kind: str) -> None:
    assert react(bob, message_id, kind).type == kind
    assert Reaction.objects.get().type == kind
    assert take_back(bob, message_id, kind)


@pytest.mark.parametrize("command", [AddReaction, RemoveReaction])
@pytest.mark.parametrize("kind", NO_EMOJI.values(), ids=NO_EMOJI)
def test_it_takes_nothing_else(command: type[AddReaction], kind: str) -> None:
    with pytest.raises(InvalidPayload) as caught:
        command(actor="alice", message_id=UNKNOWN_ID, type=kind)
    assert caught.value.details == {"path": "type"}


@pytest.mark.usefixtures("system_user")
def test_it_is_as_private_as_its_message(direct: Conversation, alice: User, bob: User) -> None:
    whispered = str(automate(direct, visible_to="brand_owner").pk)
    with published() as heard:
        react(alice, whispered)
        take_back(alice, whispered)

    assert [event.visible_to for event in heard] == ["brand_owner", "brand_owner"]
    assert replay(place(alice, direct), 1).events == heard
    assert replay(place(bob, direct), 1).events == []
    for attempt in (react, take_back):
        with pytest.raises(MessageNotFound):
            attempt(bob, whispered)


@pytest.mark.parametrize("attempt", [react, take_back])
@pytest.mark.parametrize("spelled", ["theirs", UNKNOWN_ID, "nonsense", "", "\x00"])
def test_it_answers_an_outsider_as_if_there_were_no_message(
    message_id: str, charlie: User, attempt: type, spelled: str
) -> None:
    with published() as heard, pytest.raises(MessageNotFound) as caught:
        attempt(charlie, message_id if spelled == "theirs" else spelled)

    assert caught.value.as_dict() == {"code": "not_found", "message": "Message not found"}
    assert heard == []
    assert not Reaction.objects.exists()


def test_it_leaves_other_conversations_alone(
    channel: Conversation, message_id: str, direct: Conversation, bob: User
) -> None:
    react(bob, message_id)
    channel.refresh_from_db()
    assert channel.last_seq == 0
