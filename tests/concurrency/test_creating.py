"""The same conversation opened by many at once: one is made, everybody gets it."""

from collections.abc import Callable

import pytest

from conversations.commands import CreateConversation, Created
from conversations.events import ConversationCreated
from conversations.models import Conversation, Participant
from stoory.accounts.models import User
from stoory.commands import execute
from tests.concurrency.threads import at_once
from tests.talk import hearing

pytestmark = pytest.mark.slow


def creating(actor: User, other: User, kind: str) -> Callable[[], Created]:
    source_id = None if kind == "direct" else "1"
    command = CreateConversation(actor=actor.pk, type=kind, participant_ids=[other.pk], source_id=source_id)
    return lambda: execute(command)


@pytest.mark.parametrize("kind", ["direct", "bid", "campaign"])
def test_one_is_made_whichever_way_round(alice: User, bob: User, shipped_flows: None, kind: str) -> None:
    with hearing() as heard:
        created = at_once([creating(alice, bob, kind), creating(bob, alice, kind)] * 8)

    assert {answer.conversation for answer in created} == {Conversation.objects.get()}
    assert [answer.is_existing for answer in created].count(False) == 1
    assert [type(event) for event in heard].count(ConversationCreated) == 1
    [conversation] = Conversation.objects.all()
    assert [event.seq for event in heard] == list(range(conversation.last_seq + 1))
    assert Participant.objects.count() == 2
