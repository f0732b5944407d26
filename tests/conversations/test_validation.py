"""Conversations that can't be: each refused by the path of its fault, and nothing is stored."""

from typing import Any

import pytest

from conversations.commands import CreateConversation
from conversations.models import Conversation
from stoory.accounts.models import SYSTEM_USER_ID, User
from stoory.commands import execute
from stoory.errors import InvalidPayload

pytestmark = pytest.mark.usefixtures("bob", "charlie", "staff", "system_user")


def refusal(actor: User, *others: str, **fields: Any) -> tuple[str, str]:
    """Return the path and the message of the refusal to create a conversation."""
    users = dict(User.objects.values_list("username", "pk"))
    ids = [users.get(other, other) for other in others]
    with pytest.raises(InvalidPayload) as caught:
        execute(CreateConversation(**{"actor": actor.pk, "type": "direct", "participant_ids": ids} | fields))
    assert not Conversation.objects.exists()
    return caught.value.details["path"], caught.value.message


@pytest.mark.parametrize("kind", ["", "DIRECT", "group", "\x00"])
def test_a_type_that_there_is_not(alice: User, kind: str) -> None:
    assert refusal(alice, "bob", type=kind) == ("type", "Expected one of direct, bid, campaign, channel")


@pytest.mark.parametrize("kind", ["direct", "bid", "campaign"])
@pytest.mark.parametrize("others", [[], ["alice"], ["bob", "charlie"]])
def test_two_people_are_neither_one_nor_three(alice: User, kind: str, others: list[str]) -> None:
    path, message = refusal(alice, *others, type=kind, source_id="1")
    assert (path, message) == ("participant_ids", f"A {kind} conversation is between two people")


@pytest.mark.parametrize("kind", ["direct", "channel"])
@pytest.mark.parametrize("other", ["nobody", SYSTEM_USER_ID, "gone"])
def test_people_whom_one_cannot_talk_with(alice: User, kind: str, other: str) -> None:
    User.objects.create_user("gone", is_active=False)
    assert refusal(alice, "bob", other, type=kind) == ("participant_ids", "User not found")


@pytest.mark.parametrize("other", ["", "i" * 65, "a\x00", "\ud800"])
def test_ids_that_no_user_can_have(alice: User, other: str) -> None:
    assert refusal(alice, other)[0] == "participant_ids"


@pytest.mark.parametrize("kind", ["bid", "campaign"])
def test_a_guided_one_without_its_source(alice: User, kind: str) -> None:
    assert refusal(alice, "bob", type=kind)[0] == "source_id"


@pytest.mark.parametrize("kind", ["bid", "campaign"])
def test_a_guided_one_of_two_on_the_same_side(bob: User, kind: str) -> None:
    for other in ("charlie", "staff"):
        path, message = refusal(bob, other, type=kind, source_id="1")
        assert (path, message) == ("participant_ids", "Expected a brand owner and an influencer")


@pytest.mark.parametrize("name", ["source_id", "campaign_id"])
@pytest.mark.parametrize("value", ["", "s" * 65, "a\x00", "\ud800"])
def test_a_source_that_cannot_be_stored(alice: User, name: str, value: str) -> None:
    assert refusal(alice, "bob", **{name: value})[0] == name


@pytest.mark.parametrize("title", ["t" * 201, "a\x00", "\ud800"])
def test_a_title_that_cannot_be_stored(alice: User, title: str) -> None:
    assert refusal(alice, "bob", type="channel", title=title)[0] == "title"


@pytest.mark.parametrize(
    ("context", "path"),
    [({"a": {"b": "\x00"}}, "context.a.b"), ({"a": 2**53}, "context.a"), ({"a": "x" * 16_384}, "context")],
)
def test_a_context_that_cannot_be_stored(alice: User, context: dict[str, Any], path: str) -> None:
    assert refusal(alice, "bob", context=context)[0] == path


def test_what_is_just_short_enough_is_stored(alice: User, bob: User) -> None:
    longest: dict[str, Any] = {"title": "t" * 200, "source_id": "s" * 64, "campaign_id": "c" * 64}
    command = CreateConversation(actor=alice.pk, type="bid", participant_ids=[bob.pk], **longest)
    stored = Conversation.objects.get(pk=execute(command).conversation.pk)
    assert {name: getattr(stored, name) for name in longest} == longest
