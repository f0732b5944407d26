"""Browsers, and a conversation with something in it."""

import pytest
from django.test import Client

from conversations.models import Conversation
from messaging.commands import MarkRead, SendMessage
from stoory.accounts.models import User
from stoory.commands import execute

ATTACK = "<script>alert('xss')</script>"


@pytest.fixture
def browser(staff: User) -> Client:
    """Staff, logged in."""
    made = Client()
    made.force_login(staff)
    return made


@pytest.fixture
def talk(direct: Conversation, alice: User, bob: User) -> Conversation:
    """The direct conversation: alice wrote an attack, bob read it."""
    execute(SendMessage(actor=alice.pk, conversation_id=str(direct.pk), text=ATTACK))
    execute(MarkRead(actor=bob.pk, conversation_id=str(direct.pk)))
    direct.refresh_from_db()
    return direct
