"""PostgreSQL's statement and the ORM are twins: the same group, the same outcomes, the same rows."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from itertools import product
from typing import Any
from uuid import UUID

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from conversations.errors import AutomatedMode
from conversations.models import ChatStatus, Conversation, ConversationEvent, ConversationType, Participant
from conversations.selectors import chat_refusal
from messaging.commands import DeleteMessage, EditMessage, SendMessage, Sent
from messaging.models import Message
from messaging.selectors import stored_messages
from messaging.send_statement import STATEMENT, Row, SendGroup
from messaging.sending import Outcome
from messaging.services import send_messages
from stoory.accounts.models import User
from stoory.commands import execute
from stoory.errors import DomainError
from tests.talk import automate, said, say

NOW = datetime(2026, 1, 1, tzinfo=UTC)
NOBODYS = "0197f000-0000-7000-8000-00000000dead"

pytestmark = pytest.mark.postgres


@pytest.fixture(autouse=True)
def one_moment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give both twins the same time, and skip where there is but one."""
    if connection.vendor != "postgresql":
        pytest.skip("the ORM is the only one here")
    for module in ("services", "send_statement"):
        monkeypatch.setattr(f"messaging.{module}.utc_now", lambda: NOW)


def send_as_statement(commands: Sequence[SendMessage]) -> list[Outcome]:
    """Do what the lane's sender does, in the transaction of the test."""
    group = SendGroup(commands)
    with connection.cursor() as cursor:
        cursor.execute(STATEMENT, group.parameters())
        rows = [Row(*values) for values in cursor.fetchall()]
    return group.outcomes(rows, stored_messages(row.repeat_of for row in rows if row.repeat_of))


def in_words(outcomes: Iterable[Outcome]) -> list[Any]:
    """Return outcomes as what can be compared."""
    return [
        (type(outcome), outcome.message, outcome.details) if isinstance(outcome, DomainError) else outcome
        for outcome in outcomes
    ]


def rows() -> list[list[Any]]:
    """Return all that sending may change."""
    return [
        list(Message.objects.order_by("pk").values()),
        without("id", ConversationEvent.objects.order_by("conversation_id", "seq").values()),
        without("updated_at", Conversation.objects.order_by("pk").values()),  # by the database's clock
    ]


def without(column: str, found: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    return [{name: value for name, value in row.items() if name != column} for row in found]


def check_twins(groups: Sequence[Sequence[SendMessage]]) -> None:
    """Send the groups, one after the other, in the one way and, that undone, in the other."""
    told = []
    for send in (send_messages, send_as_statement):
        with transaction.atomic():
            outcomes = [in_words(send(group)) for group in groups]
            told.append((outcomes, rows()))
            transaction.set_rollback(True)
    assert told[0] == told[1]


class Scene:
    """Conversations of every mode, with messages that can be replied to and nonces that were used."""

    def __init__(self, people: list[User], conversations: list[Conversation]) -> None:
        self.people = people
        self.conversations = conversations
        first, second = conversations[:2]
        alice, bob = people[:2]
        used = [say(alice, first, text, client_nonce=nonce).message.id for text, nonce in (("a", "1"), ("b", "2"))]
        used.append(say(bob, second, "a", client_nonce="3").message.id)
        used.append(say(alice, first, "a", client_nonce="4").message.id)
        execute(EditMessage(actor=alice.pk, message_id=used[1], text="edited"))
        execute(DeleteMessage(actor=alice.pk, message_id=used[3]))
        hidden = [str(automate(first, visible_to=role).pk) for role in ("brand_owner", "influencer", "member")]
        self.replies = [None, "", "no id", NOBODYS, *used, *hidden]
        self.places = [*(str(conversation.pk) for conversation in conversations), NOBODYS, "no id", "\x00"]

    def command(self, number: int, values: dict[str, Any]) -> SendMessage:
        values = dict(values)
        return SendMessage(
            actor=self.people[values.pop("who")].pk,
            conversation_id=self.places[values.pop("where")],
            reply_to_id=self.replies[values.pop("reply")],
            message_id=str(UUID(int=number + 1)),
            **values,
        )


@pytest.fixture
def scene(
    alice: User, bob: User, charlie: User, direct: Conversation, channel: Conversation, bid: Conversation
) -> Scene:
    closed = Conversation.objects.create(type="channel", chat_status="closed")
    crowded = Conversation.objects.create(type="direct", pair_low=alice.pk, pair_high="somebody who is gone")
    for conversation, people in ((closed, [alice]), (crowded, [alice, bob, charlie])):
        for person in people:
            Participant.objects.create(conversation=conversation, user=person)
    User.objects.filter(pk=bob.pk).update(name="", image_url="https://example.org/bob.jpg")
    return Scene([alice, bob, charlie], [direct, channel, bid, closed, crowded])


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.floats(-1e6, 1e6) | st.text("aé\\\"'%"), st.lists
)
SENDS = st.fixed_dictionaries(
    {
        "who": st.integers(0, 2),
        "where": st.integers(0, 7),
        "text": st.sampled_from(["a", "b", "%s 'ü' \\ \"😀\" {}"]),
        "reply": st.just(0) | st.integers(0, 10),
    },
    optional={
        "client_nonce": st.sampled_from(["1", "2", "3", "4", "5", "6"]),
        "attachments": st.lists(JSON, max_size=2),
        "metadata": st.dictionaries(st.text("ab", max_size=2), JSON, max_size=2),
        "media_url": st.just("https://example.org/photo.jpg"),
        "temp_id": st.just("temp"),
    },
)
GROUPS = st.lists(st.lists(SENDS, min_size=1, max_size=8), min_size=1, max_size=3)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60)
@given(groups=GROUPS)
def test_they_agree_on_whatever_is_sent(scene: Scene, groups: list[list[dict[str, Any]]]) -> None:
    numbered = iter(range(1_000))
    check_twins([[scene.command(next(numbered), values) for values in group] for group in groups])


def test_they_agree_on_who_may_write(alice: User) -> None:
    modes = product(ConversationType.values, ChatStatus.values, [None, "real_time", "offer_sent"])
    conversations = Conversation.objects.bulk_create(
        Conversation(
            type=kind,
            chat_status=status,
            flow_state=state,
            source_id=str(number),
            **({} if kind == "channel" else {"pair_low": alice.pk, "pair_high": str(number)}),
        )
        for number, (kind, status, state) in enumerate(modes)
    )
    Participant.objects.bulk_create(Participant(conversation=each, user=alice) for each in conversations)

    outcomes = send_as_statement([said(alice, conversation) for conversation in conversations])
    assert [None if isinstance(outcome, Sent) else type(outcome) for outcome in outcomes] == [
        refusal and type(refusal) for refusal in map(chat_refusal, conversations)
    ]
    assert AutomatedMode in map(type, outcomes)


def test_a_refused_send_leaves_its_nonce_to_the_next(alice: User, direct: Conversation) -> None:
    strange, right = said(alice, direct, client_nonce="1", reply_to_id=NOBODYS), said(alice, direct, client_nonce="1")
    refused, stored, repeat = send_as_statement([strange, right, right])
    assert isinstance(refused, DomainError)
    assert isinstance(stored, Sent)
    assert isinstance(repeat, Sent)
    assert [stored.duplicate, repeat.duplicate] == [False, True]
    assert stored.message == repeat.message


def test_an_empty_group_changes_nothing(direct: Conversation) -> None:
    assert send_as_statement([]) == []
    direct.refresh_from_db()
    assert direct.last_seq == 0
