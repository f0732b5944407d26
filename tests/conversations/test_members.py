"""Who lets people into a channel and takes them out: its owner and staff; everybody may leave."""

from collections.abc import Callable
from typing import Any

import pytest

from conversations.commands import AddMember, CreateConversation, RemoveMember
from conversations.errors import ConversationNotFound
from conversations.events import MemberAdded, MemberRemoved
from conversations.models import Conversation, ConversationEvent, Participant
from messaging.commands import AddReaction, DeleteMessage, EditMessage, RemoveReaction
from messaging.errors import MessageNotFound
from messaging.selectors import messages_before, replay, unread_count
from stoory.accounts.models import SYSTEM_USER_ID, User
from stoory.commands import Command, execute
from stoory.errors import Forbidden, InvalidPayload
from tests.talk import place, published, read, say

UNKNOWN_ID = "0197f000-0000-7000-8000-000000000000"


@pytest.fixture
def private(alice: User, bob: User) -> Conversation:
    """A private channel: alice's, with bob in it."""
    command = CreateConversation(actor=alice.pk, type="channel", participant_ids=[bob.pk], title="Board")
    return execute(command).conversation


def add(by: User, who: User, where: Conversation | str) -> bool:
    return execute(AddMember(actor=by.pk, conversation_id=key(where), user_id=who.pk))


def remove(by: User, who: User, where: Conversation | str) -> bool:
    return execute(RemoveMember(actor=by.pk, conversation_id=key(where), user_id=who.pk))


def key(where: Conversation | str) -> str:
    return where if isinstance(where, str) else str(where.pk)


@pytest.mark.parametrize("by", ["alice", "staff"])
def test_a_new_member_sees_all_and_has_nothing_unread(
    private: Conversation, alice: User, charlie: User, staff: User, by: str
) -> None:
    say(alice, private)
    with published() as heard:
        assert add({"alice": alice, "staff": staff}[by], charlie, private) is True

    [event] = heard
    assert isinstance(event, MemberAdded)
    assert (event.user_id, event.role, event.seq) == (charlie.pk, "member", 2)
    mine = place(charlie, private)
    assert (mine.joined_seq, unread_count(mine), len(messages_before(mine, None, 50).messages)) == (1, 0, 1)
    assert say(charlie, private).message.seq == 3


def test_who_is_in_is_not_added_again(private: Conversation, alice: User, bob: User) -> None:
    with published() as heard:
        assert add(alice, bob, private) is False
    assert heard == []


@pytest.mark.parametrize("by", ["alice", "staff", "bob"])
def test_who_is_removed_is_out(private: Conversation, alice: User, bob: User, staff: User, by: str) -> None:
    say(alice, private)
    actor = {"alice": alice, "staff": staff, "bob": bob}[by]
    with published() as heard:
        assert remove(actor, bob, private) is True

    [event] = heard
    assert isinstance(event, MemberRemoved)
    assert (event.user_id, event.seq, event.acl_version) == (bob.pk, 2, 1)
    entry = ConversationEvent.objects.get(seq=2)
    assert (entry.kind, entry.actor_id) == ("member_removed", actor.pk)
    assert replay(place(alice, private), 1).events == heard
    private.refresh_from_db()
    assert (private.acl_version, private.last_seq) == (1, 2)
    with pytest.raises(ConversationNotFound):
        place(bob, private)


def test_who_is_not_in_is_not_removed(private: Conversation, alice: User, charlie: User) -> None:
    with published() as heard:
        assert remove(alice, charlie, private) is False
    assert heard == []
    assert Conversation.objects.get().acl_version == 0


def test_who_comes_back_begins_anew(private: Conversation, alice: User, bob: User) -> None:
    remove(alice, bob, private)
    say(alice, private)
    add(alice, bob, private)
    mine = place(bob, private)
    assert (mine.joined_seq, mine.last_read_seq, mine.conversation.acl_version) == (2, 2, 1)


def test_nothing_of_it_is_theirs_any_more(private: Conversation, alice: User, bob: User) -> None:
    own, other = say(bob, private).message, say(alice, private).message
    execute(AddReaction(actor=bob.pk, message_id=other.id, type="👍"))
    remove(alice, bob, private)

    on_messages: list[Command[Any]] = [
        AddReaction(actor=bob.pk, message_id=other.id, type="🎉"),
        RemoveReaction(actor=bob.pk, message_id=other.id, type="👍"),
        EditMessage(actor=bob.pk, message_id=own.id, text="Changed"),
        DeleteMessage(actor=bob.pk, message_id=own.id),
    ]
    with published() as heard:
        for command in on_messages:
            with pytest.raises(MessageNotFound):
                execute(command)
        for again in (lambda: say(bob, private), lambda: read(bob, private), lambda: add(bob, bob, private)):
            with pytest.raises(ConversationNotFound):
                again()
    assert heard == []


@pytest.mark.parametrize("change", [add, remove])
def test_a_member_changes_nobody_else(
    private: Conversation, alice: User, bob: User, charlie: User, change: Callable[..., bool]
) -> None:
    add(alice, charlie, private)
    with pytest.raises(Forbidden):
        change(bob, charlie, private)


@pytest.mark.parametrize("change", [add, remove])
@pytest.mark.parametrize("where", ["private", "public", "unknown", "nonsense"])
def test_an_outsider_is_told_of_none(
    private: Conversation, channel: Conversation, bob: User, charlie: User, change: Callable[..., bool], where: str
) -> None:
    places = {"private": key(private), "public": key(channel), "unknown": UNKNOWN_ID, "nonsense": "x"}
    with pytest.raises(ConversationNotFound):
        change(charlie, bob, places[where])


@pytest.mark.parametrize("change", [add, remove])
@pytest.mark.parametrize("kind", ["direct", "bid"])
def test_two_people_stay_two(
    direct: Conversation, bid: Conversation, alice: User, bob: User, staff: User, change: Callable[..., bool], kind: str
) -> None:
    for actor in (alice, staff):
        with pytest.raises(Forbidden, match="channel"):
            change(actor, bob, {"direct": direct, "bid": bid}[kind])
    assert Participant.objects.filter(user=bob).count() == 2


def test_an_owner_who_left_owns_nothing(private: Conversation, alice: User, bob: User, staff: User) -> None:
    remove(alice, alice, private)
    with pytest.raises(ConversationNotFound):
        add(alice, alice, private)
    assert remove(staff, bob, private)


@pytest.mark.parametrize("user_id", [UNKNOWN_ID, SYSTEM_USER_ID, "gone"])
def test_only_people_who_are_there_are_added(private: Conversation, alice: User, charlie: User, user_id: str) -> None:
    User.objects.filter(pk=charlie.pk).update(is_active=False)
    wanted = charlie.pk if user_id == "gone" else user_id
    with pytest.raises(InvalidPayload, match="User not found"):
        execute(AddMember(actor=alice.pk, conversation_id=key(private), user_id=wanted))
