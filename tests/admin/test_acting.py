"""What staff do in the admin happens by Commands: it is in the log, and told to everybody."""

from collections.abc import Iterator

import pytest
from django.test import Client
from django.urls import reverse

from conversations.events import StateChanged
from conversations.models import Conversation, ConversationEvent
from messaging.models import Message
from stoory import events
from stoory.accounts.models import User
from stoory.events import Event

CONVERSATIONS = reverse("admin:conversations_conversation_changelist")


@pytest.fixture
def told(transactional_db: None) -> Iterator[list[Event]]:
    """The events that are published meanwhile."""
    heard: list[Event] = []
    events.subscribe(heard.extend)
    yield heard
    events.unsubscribe(heard.extend)


def test_it_posts_a_notice_as_the_system(
    told: list[Event], system_user: User, browser: Client, direct: Conversation
) -> None:
    told.clear()
    data = {"deed": "notice", "text": "Please be kind.", "reason": "They quarrel."}
    response = browser.post(reverse("admin:conversations_conversation_change", args=[direct.pk]), data)
    assert response.status_code == 302
    message = Message.objects.get()
    assert (message.seq, message.sender_id, message.text) == (1, system_user.pk, "Please be kind.")
    assert [event.seq for event in told] == [1]


def test_it_closes_and_reopens(told: list[Event], browser: Client, staff: User, direct: Conversation) -> None:
    told.clear()
    for action, status in (("close", "closed"), ("reopen", "real_time")):
        browser.post(CONVERSATIONS, {"action": action, "_selected_action": [str(direct.pk)], "reason": "spam"})
        direct.refresh_from_db()
        assert direct.chat_status == status
    entries = ConversationEvent.objects.order_by("seq")
    assert [(entry.kind, entry.actor_id) for entry in entries] == [("state", staff.pk)] * 2
    assert [event.seq for event in told] == [1, 2]
    assert [event.reason for event in told if isinstance(event, StateChanged)] == ["spam", "spam"]


def test_it_closes_nothing_without_a_reason(browser: Client, direct: Conversation) -> None:
    data = {"action": "close", "_selected_action": [str(direct.pk)], "reason": " "}
    assert "Say why" in browser.post(CONVERSATIONS, data, follow=True).content.decode()
    direct.refresh_from_db()
    assert direct.chat_status == "real_time"
