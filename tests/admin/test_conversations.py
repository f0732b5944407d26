"""Conversations: found, looked through, titled; their state belongs to their log and their flow."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pytest_django import DjangoAssertNumQueries

from conversations.commands import CreateConversation
from conversations.models import Conversation, ConversationEvent, Participant
from messaging.commands import SendMessage
from messaging.models import Message
from messaging.services import send_messages
from stoory.accounts.models import User
from stoory.commands import execute
from tests.admin.pages import url

pytestmark = pytest.mark.slow


def listed(browser: Client, **query: str) -> list[Conversation]:
    response = browser.get(url(Conversation), query)
    assert response.status_code == 200
    return list(response.context["cl"].result_list)


def submit(browser: Client, conversation: Conversation, **changes: Any) -> None:
    """Send the form of what can be edited, as a browser does."""
    page = browser.get(url(Conversation, "settings", conversation.pk))
    form = page.context["adminform"].form
    data = {form.add_prefix(name): form[name].value() for name in form.fields}
    response = browser.post(url(Conversation, "settings", conversation.pk), data | changes)
    assert response.status_code == 302
    conversation.refresh_from_db()


def say(conversation: Conversation, sender: User, count: int) -> None:
    send_messages(
        [SendMessage(actor=sender.pk, conversation_id=str(conversation.pk), text=f"{n}") for n in range(count)]
    )


@pytest.mark.parametrize("term", ["Laun", "bid-1", "campaign-1", "ali"])
def test_it_finds_by_text(browser: Client, bid: Conversation, channel: Conversation, term: str) -> None:
    Conversation.objects.filter(pk=bid.pk).update(campaign_id="campaign-1")
    expected = {"Laun": [channel], "ali": [channel, bid]}.get(term, [bid])
    assert listed(browser, q=term) == expected


def test_it_finds_by_id(browser: Client, direct: Conversation, bid: Conversation) -> None:
    assert listed(browser, q=f" {str(direct.pk).upper()} ") == [direct]
    assert listed(browser, q="00000000-0000-7000-8000-000000000000") == []


def test_it_finds_all_of_a_campaign(browser: Client, direct: Conversation, bid: Conversation, bob: User) -> None:
    campaign = "0197f000-0000-7000-8000-00000000ca3b"
    Conversation.objects.filter(pk=bid.pk).update(campaign_id=campaign)
    command = CreateConversation(
        actor=bob.pk, type="campaign", participant_ids=[str(bid.created_by_id)], source_id=campaign
    )
    guided = execute(command).conversation
    assert listed(browser, q=campaign) == [guided, bid]


def test_it_filters(browser: Client, direct: Conversation, bid: Conversation, channel: Conversation) -> None:
    assert listed(browser, type__exact="bid") == [bid]
    assert listed(browser, chat_status__exact="automated") == [bid]
    assert listed(browser, is_public__exact="1") == [channel]
    assert listed(browser, updated_at__year="1999") == []


def test_it_names_the_first_people(browser: Client, channel: Conversation) -> None:
    fans = [User.objects.create_user(f"fan{number}") for number in range(9)]
    assert "alice, bob<" in browser.get(url(Conversation)).content.decode()
    Participant.objects.bulk_create(Participant(conversation=channel, user=fan) for fan in fans)
    assert "alice, bob, fan0, …<" in browser.get(url(Conversation)).content.decode()


def test_it_lists_many_with_few_queries(
    browser: Client, alice: User, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(30):
        fan = User.objects.create_user(f"fan{number}")
        execute(CreateConversation(actor=alice.pk, type="direct", participant_ids=[fan.pk]))
    with django_assert_max_num_queries(10):
        assert len(listed(browser)) == 30


@pytest.mark.parametrize("model", [Message, ConversationEvent, Participant])
def test_it_links_to_all_that_it_holds(
    browser: Client, talk: Conversation, channel: Conversation, alice: User, model: type[Any]
) -> None:
    say(channel, alice, 3)
    link = f"{url(model)}?conversation={talk.pk}"
    assert f'href="{link}"' in browser.get(url(Conversation, "change", talk.pk)).content.decode()
    rows = list(browser.get(link).context["cl"].result_list)
    assert rows == list(model.objects.filter(conversation=talk).order_by("-pk"))


def test_it_takes_a_title_and_writes_nothing_else(browser: Client, talk: Conversation) -> None:
    with CaptureQueriesContext(
        connection,
    ) as queries:
        submit(browser, talk, title="Spring")
    [update] = [query["sql"] for query in queries if query["sql"].startswith('UPDATE "conversations_')]
    assert talk.title == "Spring"
    assert update.count(" = ") == 2, update  # the title, where the id matches


def test_it_ignores_values_that_are_not_its_own(browser: Client, talk: Conversation) -> None:
    before = Conversation.objects.filter(pk=talk.pk).values().get()
    people = list(talk.participants.values())
    owned = {name: "9" for name in before if name not in {"id", "title"}}
    submit(browser, talk, **owned)
    assert Conversation.objects.filter(pk=talk.pk).values().get() == before
    assert list(talk.participants.values()) == people
    assert talk.log.count() == 2


def test_it_opens_and_closes_channels_only(browser: Client, direct: Conversation, channel: Conversation) -> None:
    submit(browser, direct, is_public="on")
    assert not direct.is_public
    submit(browser, channel, is_public="")
    assert not channel.is_public


@pytest.mark.parametrize("method", ["get", "post"])
def test_it_is_not_made_or_unmade_here(browser: Client, direct: Conversation, method: str) -> None:
    send = getattr(browser, method)
    assert send(url(Conversation, "add"), {"type": "channel"}).status_code == 403
    assert send(url(Conversation, "delete", direct.pk), {"post": "yes"}).status_code == 403
    assert Conversation.objects.count() == 1
