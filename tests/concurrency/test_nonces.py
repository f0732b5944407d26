"""The same nonce at once: one row, and everybody is answered with it."""

from collections.abc import Callable

import pytest

from conversations.models import Conversation, ConversationEvent
from messaging.commands import SendMessage, Sent
from messaging.errors import NonceReused
from messaging.models import Message
from messaging.sending import Outcome
from messaging.services import send_messages
from stoory.accounts.models import User
from stoory.commands import execute
from tests.concurrency.threads import at_once
from tests.talk import hearing, said, say

pytestmark = pytest.mark.slow


def sending(command: SendMessage) -> Callable[[], Sent]:
    return lambda: execute(command)


def sending_together(commands: list[SendMessage]) -> Callable[[], list[Outcome]]:
    return lambda: send_messages(commands)


def test_twenty_senders_store_one(direct: Conversation, alice: User) -> None:
    with hearing() as heard:
        answered = at_once([sending(said(alice, direct, client_nonce="1"))] * 20)

    assert len({answer.message.id for answer in answered}) == 1
    assert [answer.duplicate for answer in answered].count(False) == 1
    assert len(heard) == Message.objects.count() == ConversationEvent.objects.count() == 1


def test_groups_store_each_once(direct: Conversation, alice: User) -> None:
    group = [said(alice, direct, client_nonce=str(number)) for number in range(10)]
    answered = at_once([sending_together(group)] * 8)

    ids = [[outcome.message.id for outcome in outcomes if isinstance(outcome, Sent)] for outcomes in answered]
    assert ids == [ids[0]] * 8
    assert len(set(ids[0])) == Message.objects.count() == 10


def test_in_two_conversations_one_is_refused(direct: Conversation, channel: Conversation, alice: User) -> None:
    groups = [[said(alice, to, client_nonce="1")] for to in (direct, channel)]
    answered = at_once([sending_together(group) for group in groups * 5])

    kept = Message.objects.get()
    outcomes = [outcome for outcomes in answered for outcome in outcomes]
    assert [type(outcome) for outcome in outcomes].count(NonceReused) == 5
    assert {outcome.message.id for outcome in outcomes if isinstance(outcome, Sent)} == {str(kept.pk)}
    assert say(alice, kept.conversation, client_nonce="1").duplicate


def test_a_lost_race_leaves_no_hole(direct: Conversation, channel: Conversation, alice: User) -> None:
    """Whoever loses the nonce has to look again, and the others of its group keep their places."""
    groups = [
        [said(alice, to, "before"), said(alice, to, client_nonce="1"), said(alice, to, "after")]
        for to in (direct, channel)
    ]
    at_once([sending_together(group) for group in groups])

    for conversation in (direct, channel):
        seqs = list(conversation.messages.order_by("seq").values_list("seq", flat=True))
        assert seqs == list(range(1, len(seqs) + 1))
    assert Message.objects.count() == 5
