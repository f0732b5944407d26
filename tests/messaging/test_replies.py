"""Replies: to a message of the same conversation, or refused."""

import pytest

from conversations.models import Conversation
from messaging.models import Message
from stoory.accounts.models import User
from stoory.errors import InvalidPayload
from tests.talk import say

UNKNOWN_ID = "0197f000-0000-7000-8000-000000000000"


def test_a_reply_names_what_it_answers(direct: Conversation, alice: User, bob: User) -> None:
    question = say(alice, direct, "When?").message
    answer = say(bob, direct, "Now", reply_to_id=question.id).message

    assert answer.reply_to_id == question.id
    assert str(Message.objects.get(pk=answer.id).reply_to_id) == question.id


@pytest.mark.parametrize("spelled", [UNKNOWN_ID, "nonsense", "\x00", "\ud800"])
def test_there_is_nothing_to_answer(direct: Conversation, alice: User, spelled: str) -> None:
    with pytest.raises(InvalidPayload) as caught:
        say(alice, direct, reply_to_id=spelled)
    assert caught.value.details == {"path": "reply_to_id"}


def test_it_answers_no_other_conversation(direct: Conversation, channel: Conversation, alice: User) -> None:
    elsewhere = say(alice, channel).message
    with pytest.raises(InvalidPayload) as caught:
        say(alice, direct, reply_to_id=elsewhere.id)
    assert caught.value.details == {"path": "reply_to_id"}


def test_another_spelling_of_an_id_is_another_id(direct: Conversation, alice: User) -> None:
    question = say(alice, direct).message
    with pytest.raises(InvalidPayload):
        say(alice, direct, reply_to_id=question.id.upper())
