"""Lists as CSV: in portions by the key, filtered as the list is, for those who may see it."""

import csv
from io import StringIO
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pytest_django import DjangoAssertNumQueries

from conversations.models import Conversation, ConversationEvent
from messaging.models import Message
from stoory.accounts.models import User
from stoory.desk import exports
from tests.admin.pages import faults, main_of, url


def portion(browser: Client, model: type[Any], **query: str) -> tuple[list[list[str]], str | None]:
    """The rows of a portion, and where the next one begins."""
    response = browser.get(url(model, "portion"), query)
    assert response.status_code == 200
    assert response.headers["Content-Type"] == "text/csv; charset=utf-8"
    return list(csv.reader(StringIO(response.content.decode()))), response.headers.get("X-Next")


@pytest.fixture
def said(direct: Conversation, alice: User, bob: User) -> list[Message]:
    texts = [f"line {n}" for n in range(5)]
    return Message.objects.bulk_create(
        Message(conversation=direct, seq=seq, sender=(alice, bob)[seq % 2], text=text)
        for seq, text in enumerate(texts, start=1)
    )


def test_portions_make_one_file(browser: Client, said: list[Message], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exports, "PORTION", 2)
    rows, after = portion(browser, Message)
    header, *found = rows
    while after is not None:
        rows, after = portion(browser, Message, after=after)
        found += rows
    texts = [dict(zip(header, row, strict=True))["text"] for row in found]
    assert sorted(texts) == ["line 0", "line 1", "line 2", "line 3", "line 4"]


def test_it_is_filtered_as_the_list_is(browser: Client, said: list[Message], bob: User) -> None:
    rows, after = portion(browser, Message, q="bob")
    assert (len(rows), after) == (1 + 3, None)


def test_a_portion_costs_the_same_wherever_it_begins(
    browser: Client, said: list[Message], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exports, "PORTION", 2)
    for query in ({}, {"after": str(said[1].pk)}):
        with CaptureQueriesContext(connection) as queries:
            portion(browser, Message, **query)
        assert len(queries) <= 8
        [read] = [
            query["sql"]
            for query in queries
            if '"messaging_message"."text"' in query["sql"] and "LIMIT 3" in query["sql"]
        ]
        assert "OFFSET" not in read


@pytest.mark.parametrize("after", ["x", "1 OR 1=1"])
def test_a_key_that_is_none_is_not_found(browser: Client, said: list[Message], after: str) -> None:
    assert browser.get(url(Message, "portion"), {"after": after}).status_code == 404


def test_no_text_becomes_a_formula(browser: Client, said: list[Message]) -> None:
    Message.objects.update(text="=1+1")
    assert "'=1+1" in portion(browser, Message)[0][1]


def test_the_page_shows_how_far_it_is(
    browser: Client, said: list[Message], django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_max_num_queries(8):
        page = main_of(browser.get(url(Message, "export"), {"q": "bob"}))
    assert faults(page) == []
    assert 'data-counted="3"' in page
    assert f'data-portion="{url(Message, "portion")}" data-query="q=bob"' in page


@pytest.mark.parametrize("model", [Conversation, ConversationEvent, Message])
def test_every_list_offers_it(browser: Client, said: list[Message], model: type[Any]) -> None:
    assert f'href="{url(model, "export")}?' in browser.get(url(model)).content.decode()
    assert portion(browser, model)[0][0]


@pytest.mark.parametrize("page", ["export", "portion"])
def test_it_is_for_staff_who_may_look(client: Client, alice: User, page: str) -> None:
    client.force_login(alice)
    assert client.get(url(Message, page)).status_code == 302
    User.objects.filter(pk=alice.pk).update(is_staff=True)
    assert client.get(url(Message, page)).status_code == 403
