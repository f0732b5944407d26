"""Browsers, a conversation with something in it, and versions of flows."""

import pytest
from django.contrib.auth.models import Permission
from django.test import Client

from conversations.models import Conversation
from flows.models import FlowRun, FlowVersion
from messaging.commands import MarkRead, SendMessage
from stoory.accounts.models import User
from stoory.commands import execute
from tests.flows.guided import drafted

ATTACK = "<script>alert('xss')</script>"


@pytest.fixture
def browser(staff: User) -> Client:
    """Staff, logged in."""
    made = Client()
    made.force_login(staff)
    return made


@pytest.fixture
def onlooker(charlie: User) -> Client:
    """Staff who may look at flows and at nothing else, logged in."""
    User.objects.filter(pk=charlie.pk).update(is_staff=True)
    charlie.user_permissions.set(
        Permission.objects.filter(content_type__app_label="flows", codename__startswith="view_")
    )
    made = Client()
    made.force_login(charlie)
    return made


@pytest.fixture
def talk(direct: Conversation, alice: User, bob: User) -> Conversation:
    """The direct conversation: alice wrote an attack, bob read it."""
    execute(SendMessage(actor=alice.pk, conversation_id=str(direct.pk), text=ATTACK))
    execute(MarkRead(actor=bob.pk, conversation_id=str(direct.pk)))
    direct.refresh_from_db()
    return direct


@pytest.fixture
def published(shipped_flows: None) -> FlowVersion:
    """The version that drives bids."""
    return FlowVersion.objects.get(key="bid", status="published")


@pytest.fixture
def draft(staff: User) -> FlowVersion:
    """A draft of a small flow."""
    return drafted(staff)


@pytest.fixture
def run(bid: Conversation) -> FlowRun:
    """The run of alice's and bob's bid."""
    return FlowRun.objects.get(conversation=bid)
