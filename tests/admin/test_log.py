"""Log entries, messages and receipts: found and shown as they are."""

from typing import Any

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from conversations.models import Conversation, ConversationEvent, Participant
from messaging.commands import MarkRead, SendMessage
from messaging.models import Message, ReadReceipt
from messaging.services import send_messages
from stoory.accounts.models import User
from stoory.commands import execute
from stoory.desk import rows
from tests.admin.conftest import ATTACK
from tests.admin.pages import url

pytestmark = pytest.mark.slow

ESCAPED = "&lt;script&gt;alert(&#x27;xss&#x27;)&lt;/script&gt;"


@pytest.fixture
def more(channel: Conversation, bob: User) -> Conversation:
    """A channel where bob said something that nobody has read."""
    execute(SendMessage(actor=bob.pk, conversation_id=str(channel.pk), text="hello there"))
    return channel


def listed(browser: Client, model: type[Any], **query: str) -> list[Any]:
    response = browser.get(url(model), query)
    assert response.status_code == 200
    return list(response.context["cl"].result_list)


def test_it_finds_a_message(browser: Client, talk: Conversation, more: Conversation, bob: User) -> None:
    message = more.messages.get()
    for term in (str(message.pk), "hello", str(more.pk), "bob", bob.pk):
        assert listed(browser, Message, q=term) == [message]
    assert listed(browser, Message, q="goodbye") == []


def test_it_finds_an_id_inside_a_text(browser: Client, more: Conversation, talk: Conversation, bob: User) -> None:
    order = "6f1c8a4e-7f43-4f0c-9d53-0d6a0f2f6e11"
    execute(SendMessage(actor=bob.pk, conversation_id=str(more.pk), text=f"about {order}"))
    assert listed(browser, Message, q=order) == [more.messages.get(seq=2)]


def test_it_filters_messages(browser: Client, talk: Conversation) -> None:
    assert listed(browser, Message, message_type__exact="automated") == []
    assert len(listed(browser, Message, message_type__exact="user_input")) == 1


def test_it_lists_one_conversation_by_place_in_its_log(browser: Client, direct: Conversation, alice: User) -> None:
    send_messages([SendMessage(actor=alice.pk, conversation_id=str(direct.pk), text=f"{n}") for n in range(20)])
    assert [m.seq for m in listed(browser, Message, conversation=str(direct.pk))] == list(range(20, 0, -1))


def test_it_shows_text_as_text(browser: Client, talk: Conversation) -> None:
    Conversation.objects.filter(pk=talk.pk).update(title=ATTACK, context={"note": ATTACK})
    User.objects.update(name=ATTACK)
    message = talk.messages.get()
    pages = {
        url(Message): 3,
        url(Message, "change", message.pk): 3,
        url(Conversation): 1,
        url(Conversation, "change", talk.pk): 3,
        url(ReadReceipt): 1,
        url(ConversationEvent): 1,
        url(User): 1,
    }
    for page, times in pages.items():
        html = browser.get(page).content.decode()
        assert html.count(ESCAPED) >= times, page
        assert ATTACK not in html


def test_it_shortens_long_texts_in_the_list(browser: Client, direct: Conversation, alice: User) -> None:
    execute(SendMessage(actor=alice.pk, conversation_id=str(direct.pk), text="long " * 100))
    html = browser.get(url(Message)).content.decode()
    assert "long long" in html
    assert "long " * 20 not in html


def test_it_finds_log_entries(browser: Client, talk: Conversation, more: Conversation, alice: User) -> None:
    said, read = talk.log.all()
    assert listed(browser, ConversationEvent, q=str(talk.pk)) == [read, said]
    assert listed(browser, ConversationEvent, q="alice") == [said]
    assert listed(browser, ConversationEvent, kind="read") == [read]
    assert listed(browser, ConversationEvent, created_at__year=str(read.created_at.year)) == [
        more.log.get(),
        read,
        said,
    ]


def test_it_offers_the_kinds_that_occur(browser: Client, talk: Conversation) -> None:
    page = browser.get(url(ConversationEvent))
    [kinds] = page.context["cl"].filter_specs
    assert kinds.lookup_choices == [("message", "message"), ("read", "read")]


def test_it_finds_receipts(browser: Client, talk: Conversation, more: Conversation, bob: User) -> None:
    execute(
        MarkRead(actor=str(talk.pair_low if talk.pair_low != bob.pk else talk.pair_high), conversation_id=str(more.pk))
    )
    receipt = ReadReceipt.objects.get(reader=bob)
    for term in (str(receipt.message_id), str(talk.pk), bob.pk, "bob"):
        assert listed(browser, ReadReceipt, q=term) == [receipt]


def test_it_finds_participants(browser: Client, talk: Conversation, charlie: User, bob: User) -> None:
    place = Participant.objects.get(user=bob)
    for term in (bob.pk, "bob"):
        assert listed(browser, Participant, q=term) == [place]
    assert len(listed(browser, Participant, q=str(talk.pk))) == 2
    assert listed(browser, Participant, q="charlie") == []


@pytest.mark.parametrize("model", [Message, ConversationEvent, ReadReceipt, Participant])
def test_it_lists_many_with_few_queries(
    browser: Client,
    direct: Conversation,
    alice: User,
    bob: User,
    model: type[Any],
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    send_messages([SendMessage(actor=alice.pk, conversation_id=str(direct.pk), text=f"{n}") for n in range(30)])
    execute(MarkRead(actor=bob.pk, conversation_id=str(direct.pk)))
    crowd = User.objects.bulk_create(User(username=f"fan{number}") for number in range(30))
    Participant.objects.bulk_create(Participant(conversation=direct, user=fan) for fan in crowd)
    with django_assert_max_num_queries(10):
        listed(browser, model)


def test_it_stops_counting(
    browser: Client, talk: Conversation, more: Conversation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rows, "COUNTED_ROWS", 2)
    assert browser.get(url(ConversationEvent)).context["cl"].paginator.count == 2
