"""History by page and by cursor: from oldest to newest, none twice, none left out."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from conversations.models import Conversation, Participant
from messaging import selectors
from messaging.events import MessageData
from messaging.selectors import Page
from messaging.services import send_messages
from stoory.accounts.models import User
from stoory.times import utc_now
from tests.talk import place, read, said, say

pytestmark = pytest.mark.slow


@pytest.fixture
def seven(direct: Conversation, alice: User, bob: User) -> Participant:
    """Bob's place in the direct conversation, where the messages have the places 1 2 3 5 6 8 9."""
    for round_ in range(2):
        send_messages([said(alice, direct, str(number)) for number in range(3 - round_)])
        read(bob, direct)
    send_messages([said(bob, direct)] * 2)
    return place(bob, direct)


def seqs(messages: list[MessageData]) -> list[int]:
    return [message.seq for message in messages]


@pytest.mark.parametrize(
    ("offset", "limit", "expected", "has_more"),
    [
        (0, 3, [6, 8, 9], True),
        (3, 3, [2, 3, 5], True),
        (6, 3, [1], False),
        (4, 3, [1, 2, 3], False),
        (9, 3, [], False),
        (0, 7, [1, 2, 3, 5, 6, 8, 9], False),
    ],
)
def test_after_the_newest(seven: Participant, offset: int, limit: int, expected: list[int], has_more: bool) -> None:
    found, total = selectors.messages_at(seven, offset, limit)
    assert (seqs(found.messages), found.has_more, total) == (expected, has_more, 7)


@pytest.mark.parametrize(
    ("before", "limit", "expected", "has_more"),
    [
        (None, 2, [8, 9], True),
        (None, 7, [1, 2, 3, 5, 6, 8, 9], False),
        (8, 2, [5, 6], True),
        (7, 2, [5, 6], True),
        (3, 2, [1, 2], False),
        (1, 2, [], False),
        (0, 2, [], False),
        (10**12, 1, [9], True),
    ],
)
def test_before_a_place(
    seven: Participant, before: int | None, limit: int, expected: list[int], has_more: bool
) -> None:
    found = selectors.messages_before(seven, before, limit)
    assert (seqs(found.messages), found.has_more) == (expected, has_more)


@pytest.mark.parametrize(
    ("after", "limit", "expected", "has_more"),
    [
        (0, 2, [1, 2], True),
        (0, 7, [1, 2, 3, 5, 6, 8, 9], False),
        (3, 2, [5, 6], True),
        (6, 2, [8, 9], False),
        (9, 2, [], False),
        (10**12, 2, [], False),
    ],
)
def test_after_a_place(seven: Participant, after: int, limit: int, expected: list[int], has_more: bool) -> None:
    found = selectors.messages_after(seven, after, limit)
    assert (seqs(found.messages), found.has_more) == (expected, has_more)


def walk(reader: Participant, limit: int, forwards: bool) -> list[int]:
    found = Page(messages=[], has_more=True)
    walked: list[int] = []
    while found.has_more:
        if forwards:
            found = selectors.messages_after(reader, walked[-1] if walked else 0, limit)
            walked += seqs(found.messages)
        else:
            found = selectors.messages_before(reader, walked[0] if walked else None, limit)
            walked = seqs(found.messages) + walked
        assert found.messages
    return walked


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=20)
@given(limit=st.integers(1, 9), forwards=st.booleans())
def test_a_walk_meets_each_once(seven: Participant, limit: int, forwards: bool) -> None:
    assert walk(seven, limit, forwards) == [1, 2, 3, 5, 6, 8, 9]


def test_the_last_message(seven: Participant) -> None:
    last = selectors.last_message(seven)
    assert last is not None
    assert last.seq == 9


def test_of_an_empty_conversation_there_is_none(bid: Conversation, alice: User) -> None:
    reader = place(alice, bid)
    assert selectors.last_message(reader) is None
    assert selectors.messages_at(reader, 0, 50) == (Page(messages=[], has_more=False), 0)
    assert selectors.messages_before(reader, None, 50) == selectors.messages_after(reader, 0, 50)


def test_another_conversations_messages_are_not_among_them(
    direct: Conversation, channel: Conversation, alice: User
) -> None:
    say(alice, channel)
    assert selectors.messages_before(place(alice, direct), None, 50).messages == []


def test_a_deleted_message_keeps_its_place_and_loses_its_content(direct: Conversation, alice: User) -> None:
    say(alice, direct, attachments=[1], metadata={"a": 1}, media_url="https://example.org/x")
    direct.messages.update(deleted_at=utc_now())

    [gone] = selectors.messages_before(place(alice, direct), None, 50).messages
    assert (gone.seq, gone.text, gone.attachments, gone.metadata, gone.media_url) == (1, "", None, None, None)
    assert gone.deleted_at is not None


@pytest.mark.parametrize("size", [1, 40])
def test_a_page_costs_the_same_whatever_its_size(
    direct: Conversation, alice: User, size: int, django_assert_num_queries: Any
) -> None:
    send_messages([said(alice, direct)] * size)
    reader = place(alice, direct)
    with django_assert_num_queries(1):
        selectors.messages_before(reader, None, 50)
    with django_assert_num_queries(2):
        selectors.messages_at(reader, 0, 50)
